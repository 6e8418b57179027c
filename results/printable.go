package results

import (
	"strconv"
	"strings"
	"unicode"
)

// Printable shows control characters of a name as their escapes, so that a name
// from a file cannot steer a terminal.
func Printable(s string) string {
	if !strings.ContainsFunc(s, invisible) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if invisible(r) {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// invisible reports whether a character is no text: a control character, or one
// that turns the direction of writing.
func invisible(r rune) bool { return unicode.Is(unicode.C, r) }
