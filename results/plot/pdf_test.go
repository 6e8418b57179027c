package plot

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strings"
	"testing"
)

// TestPDFText: units and ranges read the same in the PDF as in the SVG.
func TestPDFText(t *testing.T) {
	f, err := Lines("", "RA (Ω·µm²)", "read time – 10 °C (ns)", false, false, []Series{{Name: "a", X: []float64{1, 2}, Y: []float64{3, 4}}})
	if err != nil {
		t.Fatal(err)
	}
	var pdf bytes.Buffer
	if err := f.WritePDF(&pdf); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, m := range regexp.MustCompile(`(?s)stream\r?\n(.*?)endstream`).FindAllSubmatch(pdf.Bytes(), -1) {
		z, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue
		}
		page, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(page)
	}
	for _, want := range []string{"RA \\(Ohm\xb7\xb5m", "read time \x96 10 \xb0C \\(ns\\)"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in the PDF", want)
		}
	}
	if got := codePage1252("−1 … — ‘a’ μ ΔΩ 中"); got != "-1 \x85 \x97 \x91a\x92 \xb5 DeltaOhm ?" {
		t.Errorf("%q", got)
	}
}
