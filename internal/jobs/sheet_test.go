package jobs_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"memberportal/internal/jobs"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

var sheetColumns = []kit.Column{
	{Name: "name"}, {Name: "amount", Kind: kit.NumberCell}, {Name: "due_on", Kind: kit.DateCell}, {Name: "submitted_at", Kind: kit.TimeCell}, {Name: "answer_A", Title: "Why? =1+1"},
}

// workbook writes a table and reads it back.
func workbook(t *testing.T, l kit.Locale, columns []kit.Column, rows ...map[string]string) (*excelize.File, map[string]string) {
	t.Helper()
	var out bytes.Buffer
	s, err := jobs.NewSheet(&out, l)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Head(columns, int64(len(rows))); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := s.Row(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(raw)
	}
	book, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = book.Close() })
	return book, parts
}

var columnPlaces = regexp.MustCompile(`<col min="[0-9]+"`)

func TestASheetIsForPeople(t *testing.T) {
	row := map[string]string{"name": "Zürich & <Söhne>", "amount": "1987.50", "due_on": "2025-03-31", "submitted_at": "2025-03-31T09:30:00.000Z", "answer_A": "yes"}
	for _, l := range kit.Locales {
		t.Run(string(l), func(t *testing.T) {
			book, parts := workbook(t, l, sheetColumns, row)
			name := book.GetSheetName(0)
			if name != jobs.Titles["sheet"][l] {
				t.Errorf("the sheet is called %q", name)
			}
			all, err := book.GetRows(name)
			if err != nil {
				t.Fatal(err)
			}
			if want := []string{jobs.Titles["name"][l], jobs.Titles["amount"][l], jobs.Titles["due_on"][l], jobs.Titles["submitted_at"][l], "Why? =1+1"}; !slices.Equal(all[0], want) {
				t.Errorf("titles %q, want %q", all[0], want)
			}
			if want := []string{"Zürich & <Söhne>", "1987.5", "2025-03-31", "2025-03-31 09:30", "yes"}; !slices.Equal(all[1], want) {
				t.Errorf("shown %q, want %q", all[1], want)
			}
			for cell, want := range map[string]excelize.CellType{"A2": excelize.CellTypeInlineString, "B2": excelize.CellTypeUnset, "C2": excelize.CellTypeUnset, "D2": excelize.CellTypeUnset} {
				if got, err := book.GetCellType(name, cell); err != nil || got != want && (want != excelize.CellTypeUnset || got != excelize.CellTypeNumber) {
					t.Errorf("%s is a %d, want %d: %v", cell, got, want, err)
				}
			}
			view, err := book.GetSheetView(name, 0)
			if err != nil || *view.RightToLeft != (l == kit.Arabic) {
				t.Errorf("from right to left: %t, %v", *view.RightToLeft, err)
			}
			panes, err := book.GetPanes(name)
			if err != nil || !panes.Freeze || panes.YSplit != 1 || panes.XSplit != 0 {
				t.Errorf("panes %+v, %v", panes, err)
			}
			_, sheet, _ := strings.Cut(parts["xl/worksheets/sheet1.xml"], "<cols>")
			if !strings.Contains(sheet, `<autoFilter ref="$A$1:$E$2">`) {
				t.Errorf("no filter in %s", sheet)
			}
			if widths := columnPlaces.FindAllString(sheet, -1); len(widths) != 5 || !slices.IsSorted(widths) {
				t.Errorf("columns in the order %q, which Excel does not read", widths)
			}
		})
	}
}

func TestNoTextOfASheetIsAFormula(t *testing.T) {
	rows := kit.Map(stage.Hostile, func(text string) map[string]string {
		return map[string]string{"name": text, "amount": text, "due_on": text}
	})
	rows = append(rows, map[string]string{"name": "0123", "amount": "=1+1", "due_on": "2025-02-30"}, map[string]string{"name": "_x0041_"})
	book, parts := workbook(t, kit.English, sheetColumns, rows...)
	if sheet := parts["xl/worksheets/sheet1.xml"]; strings.Contains(sheet, "<f>") || strings.Contains(sheet, "<f ") {
		_, cells, _ := strings.Cut(sheet, "<sheetData>")
		t.Errorf("a formula in %s", cells)
	}
	for i, row := range rows {
		for column, name := range map[string]string{"A": "name", "B": "amount", "C": "due_on"} {
			got, err := book.GetCellValue(book.GetSheetName(0), fmt.Sprintf("%s%d", column, i+2))
			if err != nil || got != row[name] {
				t.Errorf("%s of row %d is %q, want %q: %v", name, i, got, row[name], err)
			}
		}
	}
}

func TestASheetWithoutRowsOpens(t *testing.T) {
	book, _ := workbook(t, kit.English, sheetColumns)
	if all, err := book.GetRows(book.GetSheetName(0)); err != nil || len(all) != 1 {
		t.Errorf("%d rows, %v", len(all), err)
	}
}

// headed keeps the columns of a table.
type headed struct{ columns []kit.Column }

func (h *headed) Head(columns []kit.Column, _ int64) error {
	h.columns = columns
	return nil
}

func (h *headed) Row(map[string]string) error { return nil }

func TestEveryColumnHasATitleInAllLanguages(t *testing.T) {
	s := scene{stage.Embedded(t)}
	used := map[string]bool{"sheet": true}
	for _, e := range s.Portal.Exports() {
		var h headed
		scope := kit.ExportScope{EventID: new(kit.ID("evt_OPEN")), ConsultationID: new(kit.ID("con_CLOSED"))}
		s.Must(e.Write(stage.By(stage.Secretariat), scope, &h))
		if len(h.columns) < 5 {
			t.Errorf("%s has %d columns", e.Kind, len(h.columns))
		}
		for _, c := range h.columns {
			used[c.Name] = used[c.Name] || c.Title == ""
			if c.Title == "" && jobs.Titles[c.Name] == nil {
				t.Errorf("%s: %s has no title", e.Kind, c.Name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(jobs.Titles)) {
		if !used[name] {
			t.Errorf("no table has a column %s", name)
		}
		for _, l := range kit.Locales {
			if text := jobs.Titles[name][l]; text == "" || l != kit.English && text == jobs.Titles[name][kit.English] {
				t.Errorf("%s in %s is %q", name, l, text)
			}
		}
	}
}

func TestAWorkbookComesOutOfAJob(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.alone()
		asked := s.queues(s.Portal.Jobs, stage.Secretariat, jobs.RequestExportInput{Kind: kit.ExportInvoices, Format: jobs.FormatXLSX, Locale: new(kit.Arabic)})
		done := s.runs(s.Portal.Jobs)
		if done.State != jobs.JobDone || done.File.Name != "invoices-2025-03-31.xlsx" {
			s.Fatalf("got %s", stage.InJSON(done))
		}
		book, err := excelize.OpenReader(strings.NewReader(s.file(s.Portal.Jobs, stage.Secretariat, asked.ID)))
		s.Must(err)
		all, err := book.GetRows(book.GetSheetName(0))
		if s.Must(err); int64(len(all)) != done.File.Rows+1 || all[0][0] != jobs.Titles["invoice"][kit.Arabic] {
			s.Errorf("%d rows, the first %q", len(all), all[0])
		}
	})
}

// BenchmarkExport exports 10,000 members as a job on the embedded store. peak-MB is what the heap held at most beside
// what it held before, as seen after each 500 rows.
func BenchmarkExport(b *testing.B) {
	st := testkit.Engines()[0].Fresh(b)
	alone(b, st)
	p, ctx, members := testkit.Portal(b, st), context.Background(), membership.MemberNoun.In(st)
	for n := 0; n < 10_000; n += 500 {
		var batch []*membership.Member
		for i := range 500 {
			m := *testkit.Members()[0]
			m.ID, m.Name = kit.ID(fmt.Sprintf("mem_%d", n+i)), fmt.Sprintf("Benchmark %d", n+i)
			batch = append(batch, &m)
		}
		if err := members.Insert(ctx, batch...); err != nil {
			b.Fatal(err)
		}
	}
	core, err := kit.NewCore(kit.CoreOptions{Store: st, Clock: testkit.Clock(), Entropy: testkit.Entropy(b.Name())})
	if err != nil {
		b.Fatal(err)
	}
	for _, format := range jobs.ExportFormats {
		b.Run(string(format), func(b *testing.B) {
			in := aFile
			in.Format = format
			for b.Loop() {
				before, peak := heap(true), uint64(0)
				watched := kit.Export{Kind: kit.ExportMembers, Area: kit.AreaMembership, Write: func(ctx context.Context, scope kit.ExportScope, to kit.Rows) error {
					return p.Exports()[0].Write(ctx, scope, &watcher{Rows: to, peak: &peak})
				}}
				service := jobs.New(core, []kit.Export{watched})
				if _, err := service.RequestExport(stage.By(stage.Secretariat), in); err != nil {
					b.Fatal(err)
				}
				j, err := service.RunNext(ctx)
				if err != nil || j == nil || j.State != jobs.JobDone || j.File.Rows < 10_000 {
					b.Fatal(stage.InJSON(j), err)
				}
				b.ReportMetric(float64(max(peak, heap(false), before)-before)/(1<<20), "peak-MB")
				b.ReportMetric(float64(j.File.Bytes)/(1<<20), "file-MB")
			}
		})
	}
}

// heap is how many bytes the heap holds, after a collection if one is wanted.
func heap(collected bool) uint64 {
	if collected {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// watcher looks at the heap while rows are written.
type watcher struct {
	kit.Rows
	peak *uint64
	n    int
}

func (w *watcher) Row(cell map[string]string) error {
	if w.n++; w.n%500 == 0 {
		*w.peak = max(*w.peak, heap(false))
	}
	return w.Rows.Row(cell)
}
