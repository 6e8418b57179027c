package runs

import (
	"stco/cmd/stco/internal/command"
	"stco/experiments/inspect"
)

// From returns the text of a file to start from: of RUN:ID a design file, of a run
// its study, of the name or file of a study the study with every value explained.
func From(place string) ([]byte, error) {
	dir, id, ok := inspect.SplitPlace(place)
	switch {
	case ok && id != "":
		all, err := inspect.Designs(place)
		if err != nil {
			return nil, err
		}
		return all[0].YAML(), nil
	case ok:
		r, err := command.OpenRun(dir)
		if err != nil {
			return nil, err
		}
		return []byte(r.Info().Study), nil
	}
	s, err := loadStudy(place)
	if err != nil {
		return nil, command.Usagef("--from %s: want a study, a run, or RUN:ID of a run: %w", place, err)
	}
	return s.Explained(), nil
}
