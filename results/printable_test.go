package results

import "testing"

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"":                    "",
		"beta-w, µm × 2 – ok": "beta-w, µm × 2 – ok",
		"a\x1b[31mb":          `a\x1b[31mb`,
		"line\nbreak\ttab":    `line\nbreak\ttab`,
		"bell\a, del\x7f":     `bell\a, del\x7f`,
		"\u202egnp.exe":       `\u202egnp.exe`,
		"it's":                "it's",
	} {
		if got := Printable(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
