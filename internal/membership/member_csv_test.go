package membership_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/seed"
	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// bare is a stage over a store that holds nothing.
func bare(t testing.TB) (*portal.Portal, store.Store) {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "portal.db"), sqlitestore.Options{Holder: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := store.Begin(t.Context(), s, portal.Kinds(), string(testkit.Today), true); err != nil {
		t.Fatal(err)
	}
	return testkit.Portal(t, s), s
}

func export(t testing.TB, p *portal.Portal) string {
	t.Helper()
	out, err := stage.CSV(func(to kit.Rows) error { return p.Members.Export(stage.By(stage.Secretariat), to) })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func importing(ctx context.Context, t testing.TB, p *portal.Portal, file string, dryRun bool) *kit.ImportResult {
	t.Helper()
	result, err := p.Members.Import(ctx, strings.NewReader(file), dryRun, stage.Quiet)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// seeded is a store with the demonstration members and some with hostile texts, made through the
// services.
func seeded(t *testing.T) *portal.Portal {
	t.Helper()
	p, st := bare(t)
	if _, err := seed.Load(t.Context(), seed.Options{Store: st, Countries: testkit.Countries(t), Zone: time.UTC, Members: 100}); err != nil {
		t.Fatal(err)
	}
	s := scene{stage.Stage{T: t, Store: st, Portal: p}}
	for i, text := range stage.Hostile {
		made, err := s.Admit(stage.Secretariat, func(in *admission) {
			in.Name, in.FeeClass, in.Sectors = fmt.Sprint(text, " ", i), &text, []membership.Sector{membership.SectorD, membership.SectorR}
			if i%2 == 0 {
				in.Country, in.Region = nil, new(country.RegionREGINTORG)
			}
		})
		if s.Must(err); made.Member == nil {
			t.Fatalf("%q: %v", text, made.UserErrors)
		}
		in := profileInput{ID: made.Member.ID, ExpectedVersion: 1, DisplayName: kit.Some(text), Website: kit.Some("https://x.example/?a=1,2&b='%22"), Description: kit.Some([]kit.TranslationInput{
			{Locale: kit.Russian, Text: new(text + "\n\n\t" + text)}, {Locale: kit.Arabic, Text: new("=" + text), Provenance: new(kit.Machine)}, {Locale: kit.English, Text: &text},
		})}
		in.Contacts = kit.Some([]membership.ContactInput{{Function: "Secretqq", Name: new("Personqq"), Email: "qq@qq.example", Phone: new("+999 qq")}, {Function: "Boxqq", Email: "boxqq@qq.example", RoleMailbox: true}})
		updated, err := p.Members.UpdateProfile(stage.By(stage.Secretariat), in)
		if s.Must(err); len(updated.UserErrors) > 0 {
			t.Fatalf("%q: %v", text, updated.UserErrors)
		}
	}
	return p
}

func TestImportingAnExportGivesTheSameExport(t *testing.T) {
	from := seeded(t)
	want := export(t, from)
	rows, err := csv.NewReader(strings.NewReader(want)).ReadAll()
	if err != nil || len(rows) != 1+100+4+len(stage.Hostile) { // four are real: the exempt organisations
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, cells := range rows {
		for i, cell := range cells {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("%s of %s is a formula to a spreadsheet: %q", rows[0][i], cells[0], cell)
			}
		}
	}
	if strings.Contains(want, "qq") || strings.Contains(want, "office@") {
		t.Error("contacts are exported")
	}
	to, st := bare(t)
	if result := importing(stage.By(stage.Secretariat), t, to, want, false); result.Rows != len(rows)-1 || result.Made != len(rows)-1 || result.There != 0 || len(result.Faults) > 0 {
		t.Fatalf("got %+v", result)
	}
	if got := export(t, to); got != want {
		t.Errorf("the export of the import differs:\n%s", stage.FirstDifference(want, got))
	}
	audit := stage.Count(t, kit.AuditNoun.In(st), "at")
	if result := importing(stage.By(stage.Secretariat), t, to, want, false); result.Made != 0 || result.There != len(rows)-1 || len(result.Faults) > 0 {
		t.Errorf("again: %+v", result)
	}
	if now := stage.Count(t, kit.AuditNoun.In(st), "at"); now != audit {
		t.Errorf("the second import left %d audit entries", now-audit)
	}
	windows, _ := bare(t)
	if result := importing(stage.By(stage.Secretariat), t, windows, "\ufeff"+strings.ReplaceAll(want, "\n", "\r\n"), false); result.Made != len(rows)-1 || export(t, windows) != want {
		t.Errorf("with a byte order mark and Windows line ends: %+v", result)
	}
}

func TestAnExportAlwaysCanBeImported(t *testing.T) {
	for name, change := range map[string]func(in *profileInput){
		"the text of the original language was removed": func(in *profileInput) {
			in.Description = kit.Some([]kit.TranslationInput{{Locale: kit.English}})
		},
		"there is no description":        func(in *profileInput) { in.Description = kit.Null[[]kit.TranslationInput]() },
		"the name to be shown is a sign": func(in *profileInput) { in.DisplayName = kit.Some("'") },
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{stage.Embedded(t)}
			_, err := s.UpdateProfile(stage.Secretariat, change)
			s.Must(err)
			want := export(t, s.Portal)
			to, _ := bare(t)
			if result := importing(stage.By(stage.Secretariat), t, to, want, false); len(result.Faults) > 0 || export(t, to) != want {
				t.Errorf("got %+v", result.Faults)
			}
			if result := importing(stage.By(stage.Secretariat), t, s.Portal, want, true); len(result.Faults) > 0 || result.There != result.Rows {
				t.Errorf("into the store it came from: %+v", result)
			}
		})
	}
}

func TestEmptyStoreIsExportedAsItsColumns(t *testing.T) {
	p, _ := bare(t)
	want := stage.MemberColumns + "\n"
	if got := export(t, p); got != want {
		t.Errorf("got %q", got)
	}
	if result := importing(stage.By(stage.Secretariat), t, p, want, false); result.Rows+result.Made+result.There+len(result.Faults) > 0 || result.Faults == nil {
		t.Errorf("got %+v", result)
	}
}

func TestOnlyTheSecretariatImportsAndExports(t *testing.T) {
	s := scene{stage.New(t, testkit.Engines()[0].Shared(t))}
	for name, a := range map[string]kit.Actor{"a visitor": stage.Nobody, "an operator": stage.Operator, "a focal point": stage.FocalPoint("mem_ACTIVE"), "an administration": stage.Uganda} {
		want := kit.Forbidden
		if a.Anonymous() {
			want = kit.Unauthenticated
		}
		stage.Run(s, name, func(s scene) {
			var out bytes.Buffer
			s.Refused(s.Portal.Members.Export(stage.By(a), kit.NewCSV(&out)), want)
			read := &strings.Reader{}
			result, err := s.Portal.Members.Import(stage.By(a), io.TeeReader(read, &out), true, stage.Quiet)
			if s.Refused(err, want); result != nil || out.Len() > 0 {
				s.Errorf("got %+v and %q", result, out.String())
			}
		})
	}
}

// halting is a store that cancels at the nth write.
type halting struct {
	store.Store
	cancel context.CancelFunc
	left   int
}

func (s *halting) Insert(ctx context.Context, k *store.Kind, docs []any) error {
	if s.left--; s.left == 0 {
		s.cancel()
	}
	return s.Store.Insert(ctx, k, docs)
}

func TestAnInterruptedImportIsFinishedByAnother(t *testing.T) {
	file := export(t, seeded(t))
	whole, _ := bare(t)
	total := importing(stage.By(stage.Secretariat), t, whole, file, true).Rows
	for _, at := range []int{1, 100, 400, 550} {
		t.Run(fmt.Sprintf("stopped at write %d", at), func(t *testing.T) {
			_, st := bare(t)
			ctx, cancel := context.WithCancel(stage.By(stage.Secretariat))
			defer cancel()
			stop := &halting{Store: st, cancel: cancel, left: at}
			var told []int
			result, err := testkit.Portal(t, stop).Members.Import(ctx, strings.NewReader(file), false, func(n int) func(int) {
				told = append(told, n)
				return func(done int) { told = append(told, done) }
			})
			left := int(stage.Count(t, membership.MemberNoun.In(st), "name"))
			if !errors.Is(err, context.Canceled) || left%50 != 0 || left >= total || result.Made != left || told[0] != total || len(told) != 1+left/50 {
				t.Fatalf("%v; %d members, %+v, told %v", err, left, result, told)
			}
			p, err := portal.New(portal.Options{Store: st, Clock: testkit.Clock(), Wall: time.Now, Entropy: testkit.Entropy("again"), Countries: testkit.Countries(t)})
			if err != nil {
				t.Fatal(err)
			}
			if again := importing(stage.By(stage.Secretariat), t, p, file, false); again.There != left || again.Made != total-left {
				t.Errorf("again: %+v", again)
			}
			if got := export(t, p); got != file {
				t.Errorf("the result is another:\n%s", stage.FirstDifference(file, got))
			}
		})
	}
}

// FuzzImport reads any rows below the right columns. Nothing but faults comes of a bad file; a good one
// is imported, is there when it is imported again, and its export is imported to the same export.
func FuzzImport(f *testing.F) {
	p, st := bare(f)
	f.Add("A,SECTOR_MEMBER,UG,AFR,,D R,1,2020-01-01,2020-02-01,RECORDED,'=x,https://a.example,,EN,,\"a\nb\",,c,,,FR\n")
	f.Add("B,ACADEMIA,,REGINTORG,,,,2020-01-01,,DEMONSTRATION,,,,,,,,,,,\r\nb,ACADEMIA,,REGINTORG,,,,2020-01-01,,RECORDED,,,,,,,,,,,\n")
	f.Add("C,ASSOCIATE,FR,,SG1,,,2025-12-01,2026-01-01,RECORDED,,,,RU,=1,2,3,4,5,6,AR ZH\n,,,\n\"x")
	f.Add("")
	undo := errors.New("undo")
	f.Fuzz(func(t *testing.T, rows string) {
		err := st.Tx(stage.By(stage.Secretariat), func(ctx context.Context) error {
			file := stage.MemberColumns + "\n" + rows
			result, err := p.Members.Import(ctx, strings.NewReader(file), false, stage.Quiet)
			if err != nil {
				return err
			}
			for _, fault := range result.Faults {
				if fault.Row < 2 || fault.Message == "" || fault.Column != "" && !slices.Contains(strings.Split(stage.MemberColumns, ","), fault.Column) {
					t.Errorf("%+v", fault)
				}
			}
			if len(result.Faults) > 0 {
				if n, err := portalMembers(ctx, st); n != 0 || err != nil {
					t.Errorf("%d members of a bad file, %v", n, err)
				}
				return undo
			}
			out, err := stage.CSV(func(to kit.Rows) error { return p.Members.Export(ctx, to) })
			if err != nil {
				return err
			}
			for _, again := range []string{file, out} {
				same, err := p.Members.Import(ctx, strings.NewReader(again), false, stage.Quiet)
				if err != nil || len(same.Faults) > 0 || same.There != result.Rows || same.Made != 0 {
					t.Errorf("again %+v, %v, of %q", same, err, again)
				}
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
	})
}

func portalMembers(ctx context.Context, s store.Store) (int64, error) {
	c := membership.MemberNoun.In(s)
	plan, err := c.Plan(store.Query{Sort: "name"})
	if err != nil {
		return 0, err
	}
	return c.Count(ctx, plan, store.Bounds{})
}
