package convert

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower"
	"stco/model/workload/onnx"
	"stco/model/workload/onnx/walk"
	"stco/model/workload/suite"

	"google.golang.org/protobuf/encoding/protowire"
)

func open(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".onnx"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestReferenceFiles holds the real exports to the table. Its tool had no LSTM:
// that file's products are those of the network.
func TestReferenceFiles(t *testing.T) {
	f, err := os.Open("testdata/onnx_files.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		m, err := read(open(t, row[0]))
		if err != nil {
			t.Errorf("%s: %v", row[0], err)
			continue
		}
		bind := map[string]int64{}
		if strings.HasSuffix(row[0], "dynbatch") {
			bind["N"] = 1
		}
		n, _, err := Network(m, row[0], walk.Choices{Bind: bind})
		if err != nil {
			t.Errorf("%s: %v", row[0], err)
			continue
		}
		params, macs := n.Totals()
		want := row[5]
		if row[0] == "lstm_1024x2" {
			want = "419430400"
		}
		mask := int64(0)
		if strings.HasPrefix(row[0], "gpt2") {
			mask = 128 * 128 // the causal mask is no parameter
		}
		for _, c := range []struct {
			what string
			got  int64
			want string
		}{
			{"opset", m.Opset, row[2]},
			{"nodes", int64(m.Nodes), row[3]},
			{"initializer elements", m.InitializerElems, row[4]},
			{"parameters", params + mask, row[4]},
			{"MACs", macs, want},
		} {
			if strconv.FormatInt(c.got, 10) != c.want {
				t.Errorf("%s: %s %d, table %s", row[0], c.what, c.got, c.want)
			}
		}
	}
}

// TestSameAsBuiltIn: an import runs the same inference steps as the built-in
// network: products, nests, bytes.
func TestSameAsBuiltIn(t *testing.T) {
	for _, name := range []string{"alexnet", "resnet18", "resnet18_dynbatch", "resnet50", "mobilenet_v2", "lstm_1024x2"} {
		m, err := read(open(t, name))
		if err != nil {
			t.Fatal(err)
		}
		bind := map[string]int64{}
		if name == "resnet18_dynbatch" {
			bind["N"] = 1
		}
		n, _, err := Network(m, name, walk.Choices{Bind: bind})
		if err != nil {
			t.Fatal(err)
		}
		builtin := strings.TrimSuffix(name, "_dynbatch")
		for _, o := range []workload.Options{{Batch: 1}, {Batch: 4}, {Batch: 2, StreamedWeights: true}} {
			ref, err := suite.Build(builtin, o)
			if err != nil {
				t.Fatal(err)
			}
			sameSteps(t, name, trace(t, n, o), trace(t, ref, o))
		}
		// Training differs by the folded normalisation, except where there is none.
		if builtin == "alexnet" {
			o := workload.Options{Phase: workload.Training, Batch: 4}
			ref, err := suite.Build(builtin, o)
			if err != nil {
				t.Fatal(err)
			}
			got, want := workload.Summarize(trace(t, n, o)), workload.Summarize(trace(t, ref, o))
			if got.MACs != want.MACs || got.OptimizerMovedBytes != want.OptimizerMovedBytes {
				t.Errorf("%s training: %+v\nbuilt in: %+v", name, got, want)
			}
		}
	}
}

func trace(t *testing.T, n *graph.Network, o workload.Options) *workload.Trace {
	t.Helper()
	tr, err := lower.Trace(n, o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func sameSteps(t *testing.T, name string, got, want *workload.Trace) {
	t.Helper()
	if len(got.Steps) != len(want.Steps) {
		t.Errorf("%s: %d steps, built in %d", name, len(got.Steps), len(want.Steps))
		return
	}
	sum := func(ops []workload.Operand) (n int64) {
		for _, o := range ops {
			n += o.Bytes
		}
		return n
	}
	for i := range got.Steps {
		a, b := &got.Steps[i], &want.Steps[i]
		if a.Op != b.Op || a.Nest != b.Nest || a.MACs != b.MACs || sum(a.Reads) != sum(b.Reads) || sum(a.Writes) != sum(b.Writes) {
			t.Errorf("%s step %d: %s reads %d, writes %d, %+v\nbuilt in: %s reads %d, writes %d, %+v",
				name, i, a.Name, sum(a.Reads), sum(a.Writes), a.Nest, b.Name, sum(b.Reads), sum(b.Writes), b.Nest)
		}
	}
}

// TestTransformerFiles: two layers of BERT and GPT-2 have the products of two
// layers of the built-in networks, in as many operators of every kind.
func TestTransformerFiles(t *testing.T) {
	for file, c := range map[string]struct {
		name string
		skip func(string) bool
	}{
		"bert_base_2layer_s128": {"bert_base", func(s string) bool {
			return strings.HasPrefix(s, "encoder.layer.") && s[len("encoder.layer.")] > '1' || len(s) > 17 && s[15] == '1' && s[16] != '.'
		}},
		"gpt2_small_2layer_s128": {"gpt2_small", func(s string) bool {
			return strings.HasPrefix(s, "h.") && !strings.HasPrefix(s, "h.0.") && !strings.HasPrefix(s, "h.1.")
		}},
	} {
		o := workload.Options{Batch: 1, SeqLen: 128, Phase: workload.Training}
		ref, err := suite.Build(c.name, o)
		if err != nil {
			t.Fatal(err)
		}
		n := mustNetwork(t, open(t, file), nil)
		count := func(n *graph.Network, skip func(string) bool) (kinds [workload.NumOpKinds]int, macs int64) {
			for i := range n.Ops {
				o := &n.Ops[i]
				if strings.HasPrefix(o.Name, "encoder.layer.1") && !strings.HasPrefix(o.Name, "encoder.layer.1.") || skip(o.Name) {
					continue
				}
				kinds[o.Kind]++
				macs += o.MACs()
			}
			return kinds, macs
		}
		gotKinds, gotMACs := count(n, func(string) bool { return false })
		wantKinds, wantMACs := count(ref, c.skip)
		if c.name == "bert_base" { // token types: a table in the export, rows of a sum here
			wantKinds[workload.OpEmbedding]++
		}
		if gotMACs != wantMACs || gotKinds != wantKinds {
			t.Errorf("%s: %d MACs in operators %v; %s: %d in %v", file, gotMACs, gotKinds, c.name, wantMACs, wantKinds)
		}
	}
}

// TestImportedCheckpointing: the attention of an import is recomputed as that of
// a built-in network.
func TestImportedCheckpointing(t *testing.T) {
	n := mustNetwork(t, open(t, "bert_base_2layer_s128"), nil)
	o := workload.Options{Phase: workload.Training, Batch: 1}
	none := workload.Summarize(trace(t, n, o))
	o.Checkpoint = workload.SelectiveCheckpoint
	selective := workload.Summarize(trace(t, n, o))
	if scores := int64(2 * 128 * 128 * 768); selective.MACsRecompute != scores || none.SavedBytes-selective.SavedBytes != 2*2*12*128*128 {
		t.Errorf("recomputed %d MACs, want %d; kept %d and %d bytes", selective.MACsRecompute, scores, none.SavedBytes, selective.SavedBytes)
	}
}

// TestBind: a bound batch multiplies what belongs to the batch.
func TestBind(t *testing.T) {
	b := open(t, "resnet18_dynbatch")
	m, err := read(b)
	if err != nil {
		t.Fatal(err)
	}
	if s := fmt.Sprint(m.Symbols()); s != "[N]" {
		t.Errorf("symbols %s", s)
	}
	sameSteps(t, "bound to 8", trace(t, mustNetwork(t, b, map[string]int64{"N": 8}), workload.Options{Batch: 1}),
		trace(t, mustNetwork(t, b, map[string]int64{"N": 1}), workload.Options{Batch: 8}))
	for want, bind := range map[string]map[string]int64{
		"no such dimension; they have N": {"N": 1, "batch": 2},
		"must be 1 to":                   {"N": 0},
	} {
		if _, _, err := Network(m, "x", walk.Choices{Bind: bind}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("bind %v: %v, want %q", bind, err, want)
		}
	}
	// A first dimension that nothing binds is 1, and said to be.
	one, warnings, err := Network(m, "test", walk.Choices{})
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "dimension 0 of input \"input\" (N) is not bound and taken as 1") {
		t.Fatalf("%v, warnings %v", err, warnings)
	}
	sameSteps(t, "not bound", trace(t, one, workload.Options{Batch: 8}), trace(t, mustNetwork(t, b, map[string]int64{"N": 1}), workload.Options{Batch: 8}))
	fixed, err := read(open(t, "resnet18"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Network(fixed, "x", walk.Choices{Bind: map[string]int64{"batch": 1}}); err != nil {
		t.Errorf("a batch of 1 that the file has: %v", err)
	}
	if _, _, err := Network(fixed, "x", walk.Choices{Bind: map[string]int64{"batch": 2}}); err == nil || !strings.Contains(err.Error(), "no symbolic dimension") {
		t.Error(err)
	}
}

// TestTruncated: every prefix of a file is an error, and none reads as a graph.
func TestTruncated(t *testing.T) {
	b := open(t, "resnet18")
	for n := range len(b) {
		if n > 300 && n < len(b)-300 && n%97 != 0 {
			continue
		}
		if m, err := read(b[:n]); err == nil {
			t.Fatalf("%d of %d bytes read as a file of %d nodes", n, len(b), m.Nodes)
		}
	}
}

// sparse is a file of zeros with islands of bytes.
type sparse struct {
	size    int64
	islands map[int64][]byte
	read    int64
}

func (s *sparse) ReadAt(p []byte, off int64) (int, error) {
	n := int(min(int64(len(p)), s.size-off))
	clear(p[:n])
	for at, b := range s.islands {
		lo, hi := max(at, off), min(at+int64(len(b)), off+int64(n))
		if lo < hi {
			copy(p[lo-off:hi-off], b[lo-at:])
		}
	}
	s.read += int64(n)
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// TestHugeFile reads a file of 7 GB whose weights lie inside it: a linear layer
// per GB.
func TestHugeFile(t *testing.T) {
	const width, layers = 16384, 7 // 1 GiB of float32 per layer
	const payload = width * width * 4
	body := func(raw bool) (head []byte) {
		for i := range layers {
			var tens []byte
			tens = append(num(1, width), num(1, width)...)
			tens = append(tens, num(2, onnx.TypeFloat)...)
			tens = append(tens, sub(8, fmt.Appendf(nil, "w%d", i))...)
			tens = protowire.AppendVarint(protowire.AppendTag(tens, 9, protowire.BytesType), payload)
			size := len(tens)
			head = protowire.AppendVarint(protowire.AppendTag(head, 5, protowire.BytesType), uint64(size+payload))
			head = append(head, tens...)
			if raw {
				head = append(head, '|')
			}
		}
		return head
	}
	tail := input("x", 1, width)
	for i := range layers {
		in := "x"
		if i > 0 {
			in = fmt.Sprintf("y%d", i-1)
		}
		tail = append(tail, op("MatMul", []string{in, fmt.Sprintf("w%d", i)}, []string{fmt.Sprintf("y%d", i)})...)
	}
	tail = append(tail, output(fmt.Sprintf("y%d", layers-1))...)
	var head []byte
	head = append(head, sub(8, num(2, 17))...)
	head = protowire.AppendTag(head, 7, protowire.BytesType)
	head = protowire.AppendVarint(head, uint64(len(body(false))+layers*payload+len(tail)))
	s := &sparse{islands: map[int64][]byte{}}
	pieces := strings.SplitAfter(string(body(true)), "|")
	at := int64(0)
	put := func(b []byte) {
		s.islands[at] = b
		at += int64(len(b))
	}
	put(head)
	for _, p := range pieces[:layers] {
		put([]byte(strings.TrimSuffix(p, "|")))
		at += payload
	}
	put(tail)
	s.size = at

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m, err := onnx.Read(s, s.size)
	if err != nil {
		t.Fatal(err)
	}
	n, _, err := Network(m, "huge", walk.Choices{})
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if params, macs := n.Totals(); params != layers*width*width || macs != layers*width*width || s.size < 7e9 {
		t.Errorf("%d parameters, %d MACs of %d bytes", params, macs, s.size)
	}
	if grew := after.TotalAlloc - before.TotalAlloc; grew > 4<<20 || s.read > 4<<20 {
		t.Errorf("%d bytes allocated, %d read", grew, s.read)
	}
}

// TestGrowth: views of views do not multiply without bound.
func TestGrowth(t *testing.T) {
	parts := [][]byte{input("x0", 1, 4)}
	for i := range 60 {
		x := fmt.Sprintf("x%d", i)
		parts = append(parts, op("Concat", []string{x, x}, []string{fmt.Sprintf("x%d", i+1)}, integer("axis", 0)))
	}
	parts = append(parts, output("x60"))
	if _, err := network(onnxFile(13, parts...), nil); err == nil {
		t.Error("a view of 2^60 parts")
	}
}
