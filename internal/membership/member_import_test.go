package membership_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// cells are a row's cells by column.
type cells map[string]string

// row is a good row, but for some cells.
func row(other cells) cells {
	all := cells{
		"name": "Testbed Import", "category": "SECTOR_MEMBER", "country": "UG", "region": "AFR", "sectors": "R D", "fee_class": "1/2", "admitted_on": "2020-01-01", "activated_on": "2020-02-01",
		"dataset": "RECORDED", "display_name": "Import", "website": "https://import.example", "original": "EN", "description_en": "Text", "description_fr": "Texte", "machine": "FR",
	}
	for column, cell := range other {
		all[column] = cell
	}
	return all
}

// file writes rows below the columns of an export.
func file(t testing.TB, rows ...cells) string {
	t.Helper()
	names := strings.Split(stage.MemberColumns, ",")
	all := [][]string{names}
	for _, r := range rows {
		line := make([]string, len(names))
		for i, name := range names {
			line[i] = r[name]
		}
		all = append(all, line)
	}
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(all); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestAFaultIsNamedByItsRowAndColumn(t *testing.T) {
	s := scene{stage.Embedded(t)}
	long := strings.Repeat("é", 4001)
	for name, c := range map[string]struct {
		cells cells
		want  []string
	}{
		"nothing is wrong":                         {cells{}, nil},
		"an empty name":                            {cells{"name": " "}, []string{"name REQUIRED"}},
		"a long name":                              {cells{"name": long[:602]}, []string{"name TOO_LONG"}},
		"a name of two lines":                      {cells{"name": "a\nb"}, []string{"name INVALID"}},
		"a name that is not UTF-8":                 {cells{"name": "caf\xe9"}, []string{"name INVALID"}},
		"a category that is not UTF-8":             {cells{"category": "ACADEMI\xc1"}, []string{"category INVALID"}},
		"an address that is not UTF-8":             {cells{"website": "https://import.example/caf\xe9"}, []string{"website INVALID"}},
		"an unknown category":                      {cells{"category": "MEMBER"}, []string{"category INVALID"}},
		"no category":                              {cells{"category": ""}, []string{"category INVALID"}},
		"an unknown country":                       {cells{"country": "XX"}, []string{"country UNKNOWN_REFERENCE"}},
		"a country by its id":                      {cells{"country": "cty_UG"}, []string{"country UNKNOWN_REFERENCE"}},
		"no country":                               {cells{"country": "", "region": ""}, []string{"country REQUIRED"}},
		"another region than the country's":        {cells{"region": "EUR"}, []string{"region INVALID"}},
		"an unknown region":                        {cells{"region": "AFRICA"}, []string{"region INVALID"}},
		"no region beside a country":               {cells{"region": ""}, nil},
		"a study group of no Associate":            {cells{"study_group": "SG1"}, []string{"study_group INVALID"}},
		"an unknown study group":                   {cells{"study_group": "SG3"}, []string{"study_group INVALID"}},
		"an Associate without a study group":       {cells{"category": "ASSOCIATE"}, []string{"study_group REQUIRED"}},
		"Sectors without D":                        {cells{"sectors": "R T"}, []string{"sectors INVALID"}},
		"an unknown Sector":                        {cells{"sectors": "D X"}, []string{"sectors INVALID"}},
		"Academia in two Sectors":                  {cells{"category": "ACADEMIA", "sectors": "D R"}, []string{"sectors INVALID"}},
		"a long fee class":                         {cells{"fee_class": long[:102]}, []string{"fee_class TOO_LONG"}},
		"no day of admission":                      {cells{"admitted_on": ""}, []string{"admitted_on INVALID"}},
		"a day that is none":                       {cells{"admitted_on": "2020-02-30"}, []string{"admitted_on INVALID"}},
		"a day written otherwise":                  {cells{"admitted_on": "1/2/2020"}, []string{"admitted_on INVALID"}},
		"an admission far ahead":                   {cells{"admitted_on": "2027-01-01", "activated_on": ""}, []string{"admitted_on OUT_OF_RANGE"}},
		"an activation before the admission":       {cells{"activated_on": "2019-12-31"}, []string{"activated_on OUT_OF_RANGE"}},
		"an activation far ahead":                  {cells{"activated_on": "2027-01-01"}, []string{"activated_on OUT_OF_RANGE"}},
		"an activation that is no day":             {cells{"activated_on": "soon"}, []string{"activated_on INVALID"}},
		"no dataset":                               {cells{"dataset": ""}, []string{"dataset INVALID"}},
		"a long name to be shown":                  {cells{"display_name": long[:402]}, []string{"display_name TOO_LONG"}},
		"a web site that is no link":               {cells{"website": "javascript:alert(1)"}, []string{"website INVALID"}},
		"a logo that is no link":                   {cells{"logo_url": "logo.png"}, []string{"logo_url INVALID"}},
		"a long description":                       {cells{"description_en": long}, []string{"description_en TOO_LONG"}},
		"a description with a control character":   {cells{"description_ru": "a\x01"}, []string{"description_ru INVALID"}},
		"a description of spaces":                  {cells{"description_zh": "  "}, []string{"description_zh REQUIRED"}},
		"an original that is no language":          {cells{"original": "English"}, []string{"original INVALID"}},
		"an original without a text":               {cells{"original": "AR"}, []string{"original INVALID"}},
		"a machine that is no language":            {cells{"machine": "FR DE"}, []string{"machine INVALID"}},
		"faults in what is read and what is meant": {cells{"name": "", "admitted_on": "soon", "country": "XX", "website": "x"}, []string{"admitted_on INVALID", "country UNKNOWN_REFERENCE", "name REQUIRED", "website INVALID"}},
		"a member that is recorded otherwise":      {cells{"name": "testbed ÁCTIVE"}, []string{"name DUPLICATE"}},
	} {
		stage.Run(s, name, func(s scene) {
			text := file(t, row(cells{"name": "Before"}), row(c.cells))
			s.Unchanged("mem_ACTIVE", func() {
				result := importing(stage.By(stage.Secretariat), t, s.Portal, text, true)
				want := []string{}
				for _, w := range c.want {
					want = append(want, "3 "+w)
				}
				if got := stage.FaultList(result.Faults); !slices.Equal(got, want) || result.Rows != 2 || result.Made != 0 {
					s.Errorf("got %q, want %q; %d rows", got, want, result.Rows)
				}
				if len(want) > 0 {
					if again := importing(stage.By(stage.Secretariat), t, s.Portal, text, false); again.Made != 0 || !slices.Equal(stage.FaultList(again.Faults), want) {
						s.Errorf("without the dry run: %+v", again)
					}
				}
			})
		})
	}
}

func TestAFileThatIsNoTableIsRefused(t *testing.T) {
	s := scene{stage.Embedded(t)}
	good := file(t, row(nil), row(cells{"name": "Second"}))
	_, rows, _ := strings.Cut(good, "\n")
	for name, c := range map[string]struct {
		file  string
		want  []string
		says  string
		there int
	}{
		"an empty file":                    {"", []string{"1  INVALID"}, "description_zh,machine", 0},
		"a byte order mark alone":          {"\ufeff", []string{"1  INVALID"}, "study_group", 0},
		"other columns":                    {"name,category\nA,B\n", []string{"1  INVALID"}, "study_group", 0},
		"columns in another order":         {"category,name" + stage.MemberColumns[len("name,category"):] + "\n" + rows, []string{"1  INVALID"}, "study_group", 0},
		"semicolons":                       {strings.ReplaceAll(good, ",", ";"), []string{"1  INVALID"}, "study_group", 0},
		"a quote that does not end":        {stage.MemberColumns + "\n" + rows + "\"x,\n\n", []string{"4  INVALID"}, "(line 5)", 2},
		"a quote in the middle":            {stage.MemberColumns + "\n" + `a"b,` + "\n" + rows, []string{"2  INVALID"}, "(line 2)", 0},
		"rows with a cell less and more":   {stage.MemberColumns + "\nA,B\n" + rows + strings.Repeat(",", 21) + "\n", []string{"2  INVALID", "5  INVALID"}, "cells", 2},
		"the same organisation twice":      {file(t, row(nil), row(cells{"name": " testbed IMPÓRT", "fee_class": "2"})), []string{"3 name DUPLICATE"}, "row 2", 2},
		"its name in another country":      {file(t, row(nil), row(cells{"country": "KE"})), nil, "", 2},
		"a duplicate with a further fault": {file(t, row(nil), row(cells{"website": "x"})), []string{"3 name DUPLICATE", "3 website INVALID"}, "", 2},
	} {
		stage.Run(s, name, func(s scene) {
			s.Unchanged("mem_ACTIVE", func() {
				result := importing(stage.By(stage.Secretariat), t, s.Portal, c.file, c.want == nil)
				want := append([]string{}, c.want...)
				if got := stage.FaultList(result.Faults); !slices.Equal(got, want) || result.Rows != c.there || result.Made != 0 {
					s.Fatalf("got %q, want %q; %+v", got, want, result)
				}
				if len(want) > 0 && !strings.Contains(result.Faults[0].Message, c.says) {
					s.Errorf("says %q", result.Faults[0].Message)
				}
			})
		})
	}
}

func TestFaultsAreToldInTheCallersLanguage(t *testing.T) {
	s := scene{stage.New(t, testkit.Engines()[0].Shared(t))}
	ctx := kit.WithLocale(stage.By(stage.Secretariat), kit.French)
	for _, text := range []string{"x", file(t, row(cells{"admitted_on": "x"}), row(cells{"name": ""}))} {
		for i, f := range importing(ctx, t, s.Portal, text, true).Faults {
			if english := importing(stage.By(stage.Secretariat), t, s.Portal, text, true).Faults[i]; f.Message == english.Message || f.Message == "" || f.Code != english.Code {
				t.Errorf("says %q, in English %q", f.Message, english.Message)
			}
		}
	}
}

func TestAnImportedRowIsTheMemberThatItDescribes(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		before := s.Records()
		result := importing(stage.By(stage.Secretariat), t, s.Portal, file(t, row(nil), row(cells{"name": "Pending Import", "activated_on": "", "dataset": "DEMONSTRATION", "country": "", "region": "REGINTORG"})), false)
		if result.Made != 2 || len(result.Faults) > 0 {
			s.Fatalf("got %+v", result)
		}
		made, err := s.Portal.Members.Find(stage.By(stage.Nobody), "Testbed Import", new(kit.CountryID("UG")))
		s.Must(err)
		text := []kit.Translation{{Locale: kit.English, Text: "Text", Provenance: kit.Original}, {Locale: kit.French, Text: "Texte", Provenance: kit.Machine}}
		if made == nil || made.Status() != membership.Active || *made.JoinedOn() != "2020-02-01" || made.Dataset != kit.Recorded || made.DisplayName() != "Import" || len(made.Sectors()) != 2 || !slices.Equal(made.Description.Translations, text) {
			s.Errorf("made %s", stage.InJSON(made))
		}
		pending, err := s.Portal.Members.Find(stage.By(stage.Secretariat), "Pending Import", nil)
		s.Must(err)
		if pending == nil || pending.Status() != membership.PendingActivation || pending.Dataset != kit.Demonstration || pending.Region() != country.RegionREGINTORG {
			s.Errorf("made %s", stage.InJSON(pending))
		}
		audit, notices := s.Records().Since(before)
		var operations []string
		for _, e := range audit {
			operations = append(operations, e.Operation)
		}
		slices.Sort(operations)
		if want := []string{"activateMember", "admitMember", "admitMember", "updateMemberProfile", "updateMemberProfile"}; !slices.Equal(operations, want) || len(notices) != 5 {
			s.Errorf("recorded %q and %d notices", operations, len(notices))
		}
	})
}

func TestAnExportSaysInEachCellWhatWasImported(t *testing.T) {
	p, _ := bare(t)
	rows := []cells{row(cells{"description_ar": "نص", "machine": "AR FR"}), row(cells{"name": "Testbed Second", "category": "ASSOCIATE", "study_group": "SG2", "sectors": "D", "activated_on": "", "original": "FR", "machine": "", "fee_class": "=1"})}
	if result := importing(stage.By(stage.Secretariat), t, p, file(t, rows...), false); result.Made != 2 {
		t.Fatalf("got %+v", result)
	}
	rows[1]["fee_class"] = "'=1"
	if got, want := export(t, p), file(t, rows...); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestAnExportOfManyMembersLeavesNoneOut(t *testing.T) {
	p, _ := bare(t)
	var rows []cells
	for i := range 1010 { // the export reads 500 at a time
		rows = append(rows, cells{"name": fmt.Sprintf("Testbed %04d", i), "category": "SECTOR_MEMBER", "country": "UG", "region": "AFR", "sectors": "D", "admitted_on": "2020-01-01", "dataset": "RECORDED"})
	}
	want := file(t, rows...)
	if result := importing(stage.By(stage.Secretariat), t, p, want, false); result.Made != len(rows) {
		t.Fatalf("made %d, %v", result.Made, result.Faults)
	}
	if got := export(t, p); got != want {
		t.Error(stage.FirstDifference(want, got))
	}
}
