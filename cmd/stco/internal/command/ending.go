package command

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// endings are the formats that the ending of a file names.
var endings = map[string]string{ //nolint:gochecknoglobals // a constant
	".csv": "csv", ".json": "json", ".parquet": "parquet", ".md": "markdown", ".tex": "latex",
	".svg": "svg", ".png": "png", ".pdf": "pdf", ".yaml": "yaml", ".html": "html", ".htm": "html",
}

// FileFormat is the format of what goes to --out: that of the ending of the file,
// of --format for an ending that names none. An ending that names a format which
// is not one of those offered, or another than --format, is a wrong command line.
func FileFormat(c *cli.Context, offered ...string) (string, error) {
	name, format := c.String("out"), c.String("format")
	if name == "" {
		return format, nil
	}
	if err := Writable(name); err != nil {
		return "", err
	}
	ending := filepath.Ext(name)
	named, known := endings[strings.ToLower(ending)]
	switch {
	case known && !slices.Contains(offered, named):
		return "", Usagef("--out %s: %s writes no %s; it writes %s", name, c.Command.HelpName, named, strings.Join(offered, ", "))
	case known && c.IsSet("format") && named != format:
		return "", Usagef("--out %s: the ending says %s, --format %s; leave out --format or change the ending", name, named, format)
	case known:
		return named, nil
	case ending != "" && ending != ".txt" && ending != ".dat" && !c.IsSet("format"):
		return "", Usagef("--out %s: the ending %s names no format; give --format %s", name, ending, strings.Join(offered, ", "))
	}
	return format, nil
}
