package csv

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"

	"github.com/parquet-go/parquet-go"

	"stco/results"
)

func sample() *results.Table {
	t := &results.Table{Name: "front", Columns: []results.Column{
		{Name: "energy", Unit: "J", Kind: results.Objective, Goal: results.Min},
		{Name: "material", Kind: results.Parameter, Choices: []string{"pt", "beta-w"}},
		{Name: "area", Unit: "mm2", Kind: results.Metric},
	}}
	t.Add("knee", 0.1, 1, math.NaN())
	t.Add("", 1.0/3, 0, 2)
	return t
}

func TestWrite(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, sample()); err != nil {
		t.Fatal(err)
	}
	want := "label,material,energy_J,area_mm2\nknee,beta-w,0.1,\n,pt,0.3333333333333333,2\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestWriteJSON(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJSON(&b, sample()); err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	if err := json.Unmarshal(b.Bytes(), &rows); err != nil {
		t.Fatal(err)
	}
	if rows[0]["material"] != "beta-w" || rows[0]["area_mm2"] != nil || rows[1]["energy_J"] != 1.0/3 {
		t.Errorf("%v", rows)
	}
}

func TestWriteParquet(t *testing.T) {
	var b bytes.Buffer
	if err := WriteParquet(&b, sample()); err != nil {
		t.Fatal(err)
	}
	rows, err := parquet.Read[struct {
		Label    string   `parquet:"label"`
		Material *string  `parquet:"material,optional"`
		Energy   *float64 `parquet:"energy_J,optional"`
		Area     *float64 `parquet:"area_mm2,optional"`
	}](bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].Label != "knee" || *rows[0].Material != "beta-w" || rows[0].Area != nil || *rows[1].Energy != 1.0/3 {
		t.Errorf("%+v", rows)
	}
}
