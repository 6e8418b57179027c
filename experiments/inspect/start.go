package inspect

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"stco/experiments/study"
	"stco/experiments/study/strict"
	"stco/results/store"
	"stco/results/store/disk"
)

// ReadStarts reads the designs that the search of a study begins with: of a design
// file its design, of a run its whole front, of RUN:ID one design of it (see Point).
// Afterwards the study holds them itself.
func ReadStarts(s *study.Study) error {
	var out []study.Start
	var errs []error
	for i := range s.Starts {
		at := s.Starts[i]
		if at.From == "" {
			out = append(out, at)
			continue
		}
		all, err := Designs(at.From)
		if err != nil {
			errs = append(errs, fmt.Errorf("search.start[%d]: %w", i, err))
		}
		for k := range all {
			out = append(out, study.Start{Design: all[k].Design})
		}
	}
	if len(errs) > 0 {
		return strict.BadInput(s.Name, errors.Join(errs...))
	}
	s.Starts = out
	return nil
}

// Designs reads the designs of a place: a design file, a run or RUN:ID.
func Designs(place string) ([]*study.Design, error) {
	dir, id, ok := SplitPlace(place)
	if !ok {
		info, err := os.Stat(place)
		if err == nil && !info.Mode().IsRegular() { // a pipe would be waited for
			err = errors.New("no regular file")
		}
		var text []byte
		if err == nil {
			text, err = os.ReadFile(place)
		}
		if err != nil {
			return nil, fmt.Errorf("%q is neither a design file nor a run, nor RUN:ID of one: %w", place, err)
		}
		d, err := study.ParseDesign(place, text)
		return []*study.Design{d}, err
	}
	r, err := store.Open(disk.OS{}, dir)
	if err != nil {
		return nil, err
	}
	if id != "" {
		d, err := Point(r, r.ReadTable, id)
		return []*study.Design{d}, err
	}
	if err := single(r); err != nil {
		return nil, err
	}
	s, err := studyOf(r, "")
	if err != nil {
		return nil, err
	}
	front, err := r.ReadTable(store.FrontTable)
	if err != nil {
		return nil, fmt.Errorf("%w\nthe run may not be done: stco status %s", err, dir)
	}
	var out []*study.Design
	for row := range front.Rows {
		d, err := designAt(r, s, front, row)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// SplitPlace splits RUN:ID at the colon before which a directory stands; the
// identity may hold others ("phone:knee"). It is not ok where no run is named.
func SplitPlace(place string) (dir, id string, ok bool) {
	isDir := func(name string) bool {
		info, err := os.Stat(name)
		return err == nil && info.IsDir()
	}
	if isDir(place) {
		return place, "", true
	}
	for i, c := range place {
		if c == ':' && strings.TrimSpace(place[i+1:]) != "" && isDir(place[:i]) {
			return place[:i], place[i+1:], true
		}
	}
	return "", "", false
}
