package disk

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Schema is the version of the run directory's layout.
const Schema = 1

const sealStart = ",\n\"sha256\":\""

const sealEnd = "\"}\n"

// Seal ends a JSON object, given from its brace to before the closing one,
// with the SHA-256 of those bytes as its last member. The result is plain
// JSON, and damage anywhere in it is seen without another file.
func Seal(body []byte) []byte {
	sum := sha256.Sum256(body)
	body = append(body, sealStart...)
	body = append(body, hex.EncodeToString(sum[:])...)
	return append(body, sealEnd...)
}

// ErrSeal is content that was changed after it was sealed.
var ErrSeal = errors.New("content does not match its SHA-256")

// Unseal checks what seal wrote and decodes it into v.
func Unseal(data []byte, v any) error {
	const tail = len(sealStart) + 2*sha256.Size + len(sealEnd)
	n := len(data) - tail
	if n < 0 || !bytes.HasPrefix(data[n:], []byte(sealStart)) || !bytes.HasSuffix(data, []byte(sealEnd)) {
		return fmt.Errorf("truncated or not written by this tool: no SHA-256 at its end")
	}
	sum := sha256.Sum256(data[:n])
	if hex.EncodeToString(sum[:]) != string(data[n+len(sealStart):len(data)-len(sealEnd)]) {
		return ErrSeal
	}
	schema, err := Member[int](data, "schema")
	if err != nil {
		return err
	}
	if schema > Schema {
		return &VersionError{Schema: schema}
	}
	if u, ok := v.(json.Unmarshaler); ok {
		return u.UnmarshalJSON(data) // without a look at all of it before
	}
	return json.Unmarshal(data, v)
}

// Member decodes one member of a JSON object, read no further than it; the zero
// value where there is none.
func Member[T any](data []byte, name string) (v T, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return v, errors.Join(err, errors.New("not a JSON object"))
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return v, err
		}
		if t == name {
			return v, d.Decode(&v)
		}
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			return v, err
		}
	}
	return v, nil
}

// SealValue seals the JSON of a struct whose first member is the schema.
func SealValue(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return Seal(bytes.TrimRight(bytes.TrimSuffix(bytes.TrimSpace(buf.Bytes()), []byte("}")), "\n")), nil
}

// VersionError is a file of a newer tool than this one. Such a file is intact
// and stays in its place.
type VersionError struct {
	Path   string
	Schema int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s: written with schema %d; this tool reads up to %d", e.Path, e.Schema, Schema)
}

// DamagedError is a file whose content is not what was written.
type DamagedError struct {
	Path string
	Err  error
}

func (e *DamagedError) Error() string { return fmt.Sprintf("%s: damaged: %v", e.Path, e.Err) }

func (e *DamagedError) Unwrap() error { return e.Err }

// ReadSealed reads a sealed file. Damage is a *DamagedError, a newer schema a
// *VersionError, a failure of the file system an *IOError.
func ReadSealed(fsys FS, path string, v any) error {
	data, err := Read(fsys, path)
	if err != nil {
		return err
	}
	err = Unseal(data, v)
	if ve, ok := errors.AsType[*VersionError](err); ok {
		ve.Path = path
		return ve
	}
	if err != nil {
		return &DamagedError{Path: path, Err: err}
	}
	return nil
}

// SealOf is the seal at the end of a file, whose content is not checked: two files of
// one seal were written the same.
func SealOf(fsys FS, path string) (string, error) {
	data, err := Read(fsys, path)
	if err != nil {
		return "", err
	}
	return string(data[max(0, len(data)-2*sha256.Size-len(sealEnd)):]), nil
}

// Write replaces a file by bytes, as Replace does.
func Write(fsys FS, path string, data []byte) error {
	return Replace(fsys, path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}
