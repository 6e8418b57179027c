package strict

import (
	"fmt"
	"strings"
)

// Fault is one thing wrong in a study or design file.
type Fault struct {
	File         string // if it is another one than the file that is read
	Line, Column int    // 1-based; 0 when the file as a whole is meant
	Key          string
	Message      string
}

// InputError lists everything wrong in a file at once.
type InputError struct {
	File     string
	Problems []Fault
}

// Error prints one problem a line: file:line:column: key: message.
func (e *InputError) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		if p.File != "" {
			b.WriteString(p.File)
		} else {
			b.WriteString(e.File)
		}
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
		}
		if p.Key != "" {
			b.WriteString(": " + p.Key)
		}
		b.WriteString(": " + p.Message)
	}
	return b.String()
}

// BadInput makes an *InputError of an error about what the user asked for, one
// problem for each part of a joined error; nil stays nil.
func BadInput(what string, err error) error {
	r := New(what)
	r.NoteErr(nil, "", err)
	return r.Err()
}
