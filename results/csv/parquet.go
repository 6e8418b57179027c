package csv

import (
	"io"
	"math"

	"github.com/parquet-go/parquet-go"

	"stco/results"
)

// fields is a Parquet group whose columns keep their order; parquet.Group
// sorts them by name.
type fields struct {
	parquet.Group
	order []parquet.Field
}

// Fields lists the columns.
func (f fields) Fields() []parquet.Field { return f.order }

// WriteParquet writes a table as Parquet: numbers as doubles, names as
// strings, null where a cell does not apply. The file's metadata hold the unit
// of each column under "unit:HEADER".
func WriteParquet(w io.Writer, t *results.Table) error {
	s, err := newSheet(t)
	if err != nil {
		return err
	}
	group := parquet.Group{}
	for i, h := range s.headers {
		switch col := s.column(i); {
		case col < 0:
			group[h] = parquet.Required(parquet.String())
		case s.Columns[col].Choices != nil:
			group[h] = parquet.Optional(parquet.String())
		default:
			group[h] = parquet.Optional(parquet.Leaf(parquet.DoubleType))
		}
	}
	sorted := map[string]parquet.Field{}
	for _, f := range group.Fields() {
		sorted[f.Name()] = f
	}
	node := fields{Group: group}
	options := []parquet.WriterOption{parquet.Compression(&parquet.Snappy)}
	for i, h := range s.headers {
		node.order = append(node.order, sorted[h])
		if col := s.column(i); col >= 0 && s.Columns[col].Unit != "" {
			options = append(options, parquet.KeyValueMetadata("unit:"+h, s.Columns[col].Unit))
		}
	}
	options = append(options, parquet.NewSchema(t.Name, node))
	out := parquet.NewWriter(w, options...)
	row := make(parquet.Row, len(s.headers))
	for r, cells := range s.Rows {
		for i := range row {
			switch col := s.column(i); {
			case col < 0:
				row[i] = parquet.ByteArrayValue([]byte(s.LabelOf(r))).Level(0, 0, i)
			case math.IsNaN(cells[col]):
				row[i] = parquet.NullValue().Level(0, 0, i)
			case s.Columns[col].Choices != nil:
				row[i] = parquet.ByteArrayValue([]byte(s.Text(r, col))).Level(0, 1, i)
			default:
				row[i] = parquet.DoubleValue(cells[col]).Level(0, 1, i)
			}
		}
		if _, err := out.WriteRows([]parquet.Row{row}); err != nil {
			return err
		}
	}
	return out.Close()
}
