package reproduction

import (
	"encoding/csv"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var link = regexp.MustCompile(`\[([^\]]*)\]\(([^)#\s]*\.csv)#L(\d+) "([^"]*)"\)`)

// Traced tells which numbers of a text are not those of the line and column of
// the CSV file that they lead to. File returns the content of a file by the name
// in the link.
func Traced(text string, file func(name string) (string, error)) error {
	var faults []error
	all := link.FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return errors.New("no number leads to a row")
	}
	for _, m := range all {
		data, err := file(m[2])
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if !holds(data, m[3], m[4], m[1]) {
			faults = append(faults, fmt.Errorf("%s is not what the file has", m[0]))
		}
	}
	return errors.Join(faults...)
}

// holds tells whether the line of a CSV file has a number in a column.
func holds(data, line, column, number string) bool {
	lines := strings.Split(data, "\n")
	row, _ := strconv.Atoi(line)
	if row < 2 || row > len(lines) {
		return false
	}
	both, err := csv.NewReader(strings.NewReader(lines[0] + "\n" + lines[row-1])).ReadAll() // texts with line ends are not traced
	if err != nil || len(both) != 2 {
		return false
	}
	cells := both[1]
	for i, name := range both[0] {
		if name == column {
			v, err := strconv.ParseFloat(cells[i], 64)
			return err == nil && Digits(v) == number
		}
	}
	return false
}
