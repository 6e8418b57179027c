package plot

import (
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgpdf"
)

// pdfCanvas encodes text as Windows code page 1252, in which vgpdf embeds its
// fonts; vgpdf itself would print UTF-8 byte by byte.
type pdfCanvas struct{ *vgpdf.Canvas }

// FillString draws one line of text.
func (c pdfCanvas) FillString(f font.Face, at vg.Point, text string) {
	c.Canvas.FillString(f, at, codePage1252(text))
}

// codePage1252 encodes a text; what the code page lacks is spelled out or "?".
func codePage1252(text string) string {
	var b []byte
	for _, r := range text {
		switch {
		case r < 0x80 || r >= 0xa0 && r <= 0xff:
			b = append(b, byte(r))
		case r == '…':
			b = append(b, 0x85)
		case r == '‘':
			b = append(b, 0x91)
		case r == '’':
			b = append(b, 0x92)
		case r == '–':
			b = append(b, 0x96)
		case r == '—':
			b = append(b, 0x97)
		case r == '−':
			b = append(b, '-')
		case r == 'μ': // Greek mu, beside the micro sign of Latin-1
			b = append(b, 0xb5)
		case r == 'Ω':
			b = append(b, "Ohm"...)
		case r == 'Δ':
			b = append(b, "Delta"...)
		default:
			b = append(b, '?')
		}
	}
	return string(b)
}
