package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"math"
	"regexp"
	"strings"
	"testing"

	"stco/results"
)

// sample is a page of n designs whose area is their number and whose energy falls
// with it; hostile names stand wherever a name of a file may.
func sample(n int) *Page {
	hostile := `</script><script>alert(1)</script>`
	front := &results.Table{Name: "front", Columns: []results.Column{
		{Name: "id", Kind: results.Label, Choices: []string{hostile, "b"}},
		{Name: "energy", Unit: "J", Kind: results.Objective},
		{Name: "latency", Unit: "s", Kind: results.Objective},
		{Name: "area", Unit: "mm2", Kind: results.Objective},
		{Name: "technology", Kind: results.Parameter, Choices: []string{"sot", "stt", "hybrid", "sram"}},
		{Name: "capacity", Unit: "MiB", Kind: results.Parameter},
		{Name: "pulse", Unit: "ns", Kind: results.Parameter},
		{Name: "retention", Unit: "s", Kind: results.Metric},
	}}
	for i := range n {
		x := float64(i + 1)
		retention := x
		if i%3 == 0 {
			retention = math.NaN()
		}
		front.Add("", float64(i%2), 5e-3/x, 1e-4*(1+math.Mod(37*x, 101)), x, float64(i%4), float64(int(1)<<(i%6)), 1+math.Mod(7*x, 13)/3, retention)
	}
	front.SetLabel(0, "knee")
	sram := front.Pick([]int{0, 1}, nil)
	sram.Name = "SRAM"
	parts := results.NewList("parts", "design:text", "of:text", "cause:text", "value", "unit:text")
	parts.Append("knee", "energy", "DRAM", 2e-3, "J")
	parts.Append("knee", "energy", "reads", 1e-3, "J")
	parts.Append("knee", "time", "computing", 1e-3, "s")
	progress := results.NewList("progress", "shard:text", "evaluations", "hypervolume")
	progress.Append("seed1", 100, 0.5)
	progress.Append("seed1", 200, 0.7)
	return &Page{
		Title: "run & <b>", Notes: []string{"a <note>"}, Verdict: []string{"SOT-MRAM pays at 4 to 8 mm²."},
		Designs: front, Columns: []string{"id", "energy", "area", "technology"}, Others: []*results.Table{sram}, Parts: parts, Progress: progress,
		Sections:   []Section{{"Parts & causes", "About <them>.", parts}},
		Provenance: [][2]string{{"seed", "1"}, {"command", `stco "x" <y>`}},
		Study:      "name: </pre>x",
	}
}

func write(t *testing.T, p *Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The same page twice; nothing of a name becomes an element; every number of the
// data is that of the table in the unit that the page names.
func TestWrite(t *testing.T) {
	page := write(t, sample(30))
	if page != write(t, sample(30)) {
		t.Error("another page of the same run")
	}
	if strings.Contains(page, "<script>alert") || strings.Contains(page, "</pre>x") || strings.Contains(page, "<note>") {
		t.Error("a name became an element")
	}
	if regexp.MustCompile(`(src|href)\s*=\s*["']?(https?:|//)`).MatchString(strings.SplitN(page, "<script>", 2)[0]) {
		t.Error("the page asks for another file")
	}
	for _, want := range []string{
		"<p>SOT-MRAM pays at 4 to 8 mm².</p>", "<h2>Parts &amp; causes</h2>", "About &lt;them&gt;.", "run &amp; &lt;b&gt;",
		`<tr data-row="29">`, "Apache ECharts", "Baidu", "Content-Security-Policy", "default-src &#39;none&#39;",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	_, data, _ := strings.Cut(page, `id="data">`)
	data, _, _ = strings.Cut(data, "</script>")
	if strings.Contains(data, "<") {
		t.Error("the data could end their element")
	}
	var got struct {
		Designs struct {
			Columns []columnData
			Labels  []string
			Rows    [][]*float64
		}
	}
	if err := json.Unmarshal([]byte(data), &got); err != nil {
		t.Fatal(err)
	}
	d := got.Designs
	if len(d.Rows) != 30 || d.Labels[0] != "knee" || d.Columns[1].Unit != "µJ" || d.Columns[4].Choices[2] != "hybrid" {
		t.Errorf("%d rows, %+v", len(d.Rows), d.Columns)
	}
	if e := *d.Rows[3][1]; math.Abs(e-1250) > 1e-9 { // 5 mJ / 4
		t.Errorf("energy %v µJ", e)
	}
	if d.Rows[3][7] != nil || *d.Rows[4][7] != 5 {
		t.Error("a cell that does not apply")
	}
}

// The table elements are well formed.
func TestTables(t *testing.T) {
	page := write(t, sample(5))
	n := 0
	for _, m := range regexp.MustCompile(`(?s)<table>.*?</table>`).FindAllString(page, -1) {
		dec := xml.NewDecoder(strings.NewReader(m))
		dec.Entity = xml.HTMLEntity
		for {
			_, err := dec.Token()
			if err != nil {
				if err.Error() != "EOF" {
					t.Errorf("%v\n%s", err, m)
				}
				break
			}
		}
		n++
	}
	if n != 3 {
		t.Errorf("%d tables", n)
	}
}

func TestBrokenTable(t *testing.T) {
	p := sample(2)
	p.Designs.Rows[0] = nil
	if err := Write(&bytes.Buffer{}, p); err == nil {
		t.Error("a broken table was written")
	}
	p = sample(2)
	p.Columns = []string{"enrgy"}
	if err := Write(&bytes.Buffer{}, p); err == nil || !strings.Contains(err.Error(), "did you mean energy") {
		t.Error(err)
	}
}
