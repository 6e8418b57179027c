package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"stco/results/store/disk"
)

// checkpointMagic starts every checkpoint. After it: version uint32, generation
// uint64, length of the generation log uint64, SHA-256 of that log, SHA-256
// identity of the run, length of the payload uint64, payload, SHA-256 of
// everything before. Integers are little-endian.
const checkpointMagic = "STCOCKPT"

const (
	checkpointVersion = 1
	checkpointHeader  = len(checkpointMagic) + 4 + 8 + 8 + sha256.Size + sha256.Size + 8
)

// checkpoint is the state of a shard after a generation: the payload of the
// search, and where and with what content the generation log stood.
type checkpoint struct {
	generation uint64
	logSize    int64
	logSum     [sha256.Size]byte
	payload    []byte
}

// follows tells whether a log begins as the one that the checkpoint was made with.
func (c *checkpoint) follows(log []byte) bool {
	return c.logSize >= 0 && c.logSize <= int64(len(log)) && sha256.Sum256(log[:c.logSize]) == c.logSum
}

// write writes the checkpoint of a run of an identity. It makes no copy of the
// payload, which may be large.
func (c *checkpoint) write(identity string, w io.Writer) error {
	b := make([]byte, 0, checkpointHeader)
	b = append(b, checkpointMagic...)
	b = binary.LittleEndian.AppendUint32(b, checkpointVersion)
	b = binary.LittleEndian.AppendUint64(b, c.generation)
	b = binary.LittleEndian.AppendUint64(b, uint64(c.logSize))
	b = append(b, c.logSum[:]...)
	id := sha256.Sum256([]byte(identity))
	b = append(b, id[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(c.payload)))
	sum := sha256.New()
	for _, part := range [][]byte{b, c.payload} {
		sum.Write(part)
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	_, err := w.Write(sum.Sum(nil))
	return err
}

func decodeCheckpoint(data []byte, identity string) (*checkpoint, error) {
	n := len(data) - sha256.Size
	if n < checkpointHeader {
		return nil, fmt.Errorf("truncated: %d bytes", len(data))
	}
	if !bytes.HasPrefix(data, []byte(checkpointMagic)) {
		return nil, errors.New("not a checkpoint")
	}
	if sum := sha256.Sum256(data[:n]); !bytes.Equal(sum[:], data[n:]) {
		return nil, disk.ErrSeal
	}
	if v := binary.LittleEndian.Uint32(data[len(checkpointMagic):]); v != checkpointVersion {
		return nil, &disk.VersionError{Schema: int(v)}
	}
	p := data[len(checkpointMagic)+4:]
	c := &checkpoint{
		generation: binary.LittleEndian.Uint64(p),
		logSize:    int64(binary.LittleEndian.Uint64(p[8:])),
		payload:    data[checkpointHeader:n],
	}
	copy(c.logSum[:], p[16:])
	id := sha256.Sum256([]byte(identity))
	if !bytes.Equal(id[:], p[16+sha256.Size:16+2*sha256.Size]) {
		return nil, errForeign
	}
	if got := binary.LittleEndian.Uint64(data[checkpointHeader-8:]); got != uint64(len(c.payload)) {
		return nil, fmt.Errorf("payload is %d bytes, header says %d", len(c.payload), got)
	}
	return c, nil
}
