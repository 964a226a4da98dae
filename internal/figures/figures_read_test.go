package figures

import (
	"errors"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/kit"
)

const figuresHeader = "id,figure,scope,period,value,unit,paragraph\n"

// firstFigures is the first file of figures.
func firstFigures(t testing.TB) string {
	t.Helper()
	raw, err := os.ReadFile("../seed/figures.csv")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestTheVocabularyHasEveryFigureOfTheFirstFile(t *testing.T) {
	for _, mark := range []string{"", "\ufeff"} {
		figures, err := ReadFigures(strings.NewReader(mark + firstFigures(t)))
		if err != nil || len(figures) != 22 {
			t.Fatalf("%d figures, %v", len(figures), err)
		}
		for _, f := range figures {
			if f.kind == nil {
				t.Errorf("%s: the vocabulary does not have %q", f.ID, f.Text)
			}
		}
		if f := figures[10]; f.value != 11130000 || f.from != "2024-01-01" || f.to != "2024-12-31" || f.scope != (figureScope{true, true, false}) || f.Paragraph != "2.1" {
			t.Errorf("F11 is %+v", f)
		}
	}
}

func TestWordsOfFigures(t *testing.T) {
	members, associates := figureScope{true, true, false}, figureScope{1: true}
	for text, c := range map[string]struct {
		scope  figureScope
		count  figureCount
		region country.Region
		known  kit.Date
	}{
		"joined":                                 {members, countJoined, "", ""},
		"Joined":                                 {members, countJoined, "", ""},
		"  joined   in EUR ":                     {members, countJoined, country.RegionEUR, ""},
		"joined (by activation) in AFR":          {members, countJoined, country.RegionAFR, ""},
		"joined as REGINTORG":                    {members, countJoined, country.RegionREGINTORG, ""},
		"joined: Associates":                     {associates, countJoined, "", ""},
		"left (withdrawn or removed)":            {members, countLeft, "", ""},
		"left as REGINTORG":                      {members, countLeft, country.RegionREGINTORG, ""},
		"gross revenue change":                   {members, countGain, "", ""},
		"gain":                                   {members, countGain, "", ""},
		"loss":                                   {members, countLoss, "", ""},
		"net revenue change":                     {members, countNet, "", ""},
		"members":                                {members, countMembers, "", ""},
		"total in CIS":                           {members, countMembers, country.RegionCIS, ""},
		"forecast to join (as known 2025-03-31)": {members, countForecastJoin, "", "2025-03-31"},
		"forecast to leave (as known 2025-03-31)": {members, countForecastLeave, "", "2025-03-31"},
		"awaiting approval":                       {members, countAwaiting, "", ""},
		"awaiting approval: Associates":           {associates, countAwaiting, "", ""},
		"awaiting approval in ARB":                {members, countAwaiting, country.RegionARB, ""},
		"fee exemptions granted by the Council":   {figureScope{true, true, true}, countExemptions, "", ""},
		"IAGDI-CRO meetings":                      {figureScope{}, countEvents, "", ""},
		"tech talks":                              {figureScope{}, countEvents, "", ""},
	} {
		p := phraseOf(text, c.scope)
		if p.kind == nil || p.kind.count != c.count || p.region != c.region || p.known != c.known {
			t.Errorf("%q means %+v", text, p)
		}
	}
	for _, text := range []string{
		"", "churn", "joined in", "joined in XYZ", "joined in REGINTORG", "joined as EUR", "joined in eur", "joined in 2024", "joined: Academia", "joined: others",
		"net revenue change in EUR", "tech talks in EUR", "forecast to join", "forecast to join (as known 2025-02-30)", "joined (as known 2025-03-31)", "constructor",
	} {
		if p := phraseOf(text, associates); p.kind != nil {
			t.Errorf("%q means %+v", text, p)
		}
	}
}

func TestEveryKindOfEventHasWords(t *testing.T) {
	for _, kind := range events.EventKinds {
		if len(eventWords[kind]) == 0 {
			t.Errorf("no words are for %s", kind)
		}
		for _, words := range eventWords[kind] {
			if k := vocabulary[words]; k == nil || k.event != kind {
				t.Errorf("%q means %+v", words, k)
			}
		}
	}
}

func TestWordsMeanOneThing(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range figureKinds {
		for _, words := range k.words {
			if seen[words] || words != strings.ToLower(words) {
				t.Errorf("%q stands twice or is not in small letters", words)
			}
			seen[words] = true
		}
	}
	for _, names := range eventWords {
		for _, words := range names {
			if seen[words] {
				t.Errorf("%q stands twice", words)
			}
			seen[words] = true
		}
	}
}

// TestAFaultyFileOfFiguresIsRefusedWithThePlaces spoils one line, which leaves exactly the faults named.
func TestAFaultyFileOfFiguresIsRefusedWithThePlaces(t *testing.T) {
	const line = "F1,joined,ASSOCIATE,2024,6,members,2.1"
	for name, c := range map[string]struct {
		old, new string
		want     []string
	}{
		"another header":               {"id,figure", "figure,id", []string{"line 1, column 1: the first line must be id,figure,scope,period,value,unit,paragraph"}},
		"a cell too few":               {line, "F1,joined", []string{"line 2, column 1: wrong number of fields"}},
		"a cell too many":              {line, line + ",", []string{"line 2, column 1: wrong number of fields"}},
		"an open quotation":            {"2.1", `"2.1`, []string{`line 3, column 35: extraneous or missing " in quoted-field`}},
		"a quotation within":           {"joined", `joi"ned`, []string{`line 2, column 7: bare " in non-quoted-field`}},
		"no id":                        {"F1,", ",", []string{"line 2, column 1: id: must not be empty"}},
		"an id that stands twice":      {"F1,", "F2,", []string{`line 3, column 1: id: "F2" stands twice`}},
		"no words":                     {"joined", " ", []string{"line 2, column 4: figure: must not be empty"}},
		"words that cannot be shown":   {"joined", "joi\x1bned", []string{`line 2, column 4: figure: "joi\x1bned" has characters that cannot be shown`}},
		"words that are not UTF-8":     {"joined", "joi\xffned", []string{"line 2, column 4: figure: is not UTF-8"}},
		"no scope":                     {"ASSOCIATE", "", []string{"line 2, column 11: scope: must not be empty"}},
		"an unknown scope":             {"ASSOCIATE", "ASSOCIATES", []string{`line 2, column 11: scope: "ASSOCIATES" is neither ALL nor EVENTS, nor some of SECTOR_MEMBER, ASSOCIATE, ACADEMIA joined by +`}},
		"a scope that stands twice":    {"ASSOCIATE", "ASSOCIATE+ASSOCIATE", []string{`line 2, column 11: scope: "ASSOCIATE+ASSOCIATE" is neither ALL nor EVENTS, nor some of SECTOR_MEMBER, ASSOCIATE, ACADEMIA joined by +`}},
		"an open scope":                {"ASSOCIATE", "ASSOCIATE+", []string{`line 2, column 11: scope: "ASSOCIATE+" is neither ALL nor EVENTS, nor some of SECTOR_MEMBER, ASSOCIATE, ACADEMIA joined by +`}},
		"all and one":                  {"ASSOCIATE", "ALL+ASSOCIATE", []string{`line 2, column 11: scope: "ALL+ASSOCIATE" is neither ALL nor EVENTS, nor some of SECTOR_MEMBER, ASSOCIATE, ACADEMIA joined by +`}},
		"no period":                    {",2024,", ",,", []string{"line 2, column 21: period: must not be empty"}},
		"a year of two digits":         {",2024,", ",24,", []string{`line 2, column 21: period: "24" is no period such as 2024, 2024-06, 2024-01-01..2024-06-30 or «as of 2024-06-30»`}},
		"a month that there is not":    {",2024,", ",2024-13,", []string{`line 2, column 21: period: "2024-13" is no period such as 2024, 2024-06, 2024-01-01..2024-06-30 or «as of 2024-06-30»`}},
		"a month zero":                 {",2024,", ",2024-00,", []string{`line 2, column 21: period: "2024-00" is no period such as 2024, 2024-06, 2024-01-01..2024-06-30 or «as of 2024-06-30»`}},
		"a day that there is not":      {",2024,", ",2024-02-01..2024-02-30,", []string{`line 2, column 21: period: "2024-02-01..2024-02-30" is no period such as 2024, 2024-06, 2024-01-01..2024-06-30 or «as of 2024-06-30»`}},
		"a lone day":                   {",2024,", ",2024-02-01,", []string{`line 2, column 21: period: "2024-02-01" is no period such as 2024, 2024-06, 2024-01-01..2024-06-30 or «as of 2024-06-30»`}},
		"an end ahead of the start":    {",2024,", ",2024-02-02..2024-02-01,", []string{"line 2, column 21: period: ends before it begins"}},
		"a day for a period":           {",2024,", ",as of 2024-02-02,", []string{`line 2, column 21: period: "joined" is counted over a period`}},
		"a period for a day":           {"joined", "members", []string{`line 2, column 22: period: "members" is counted as of a day`}},
		"no value":                     {",6,", ",,", []string{"line 2, column 26: value: must not be empty"}},
		"a value below zero":           {",6,", ",-6,", []string{`line 2, column 26: value: "-6" is no number of members`}},
		"half a member":                {",6,", ",6.5,", []string{`line 2, column 26: value: "6.5" is no number of members`}},
		"a value with a sign of words": {",6,", ",six,", []string{`line 2, column 26: value: "six" is no number of members`}},
		"three decimals":               {"joined,ASSOCIATE,2024,6,members", "net revenue change,ALL,2024,1.005,CHF", []string{`line 2, column 32: value: "1.005" is not an amount such as 1987.50`}},
		"no unit":                      {"members", "", []string{"line 2, column 28: unit: must not be empty"}},
		"an unknown unit":              {"members", "EUR", []string{`line 2, column 28: unit: "EUR" is none of members, applications, organisations, events, CHF`}},
		"a unit that does not suit":    {"members", "events", []string{`line 2, column 28: unit: "joined" is counted in members`}},
		"several on one line": {line, ",joined,MEMBER,24,x,members,2.1", []string{
			"line 2, column 1: id: must not be empty", `line 2, column 9: scope: "MEMBER" is neither ALL nor EVENTS, nor some of SECTOR_MEMBER, ASSOCIATE, ACADEMIA joined by +`,
			`line 2, column 16: period: "24" is no period such as 2024, 2024-06, 2024-01-01..2024-06-30 or «as of 2024-06-30»`, `line 2, column 19: value: "x" is no number of members`,
		}},
		"several lines": {line, "F1,joined\n,joined,ALL,2024,1,members,\n" + `F"3` + "\nF4,joined,ALL,2024,x,members,", []string{
			"line 2, column 1: wrong number of fields", "line 3, column 1: id: must not be empty", `line 4, column 2: bare " in non-quoted-field`, `line 5, column 20: value: "x" is no number of members`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			const file = figuresHeader + line + "\nF2,left,ASSOCIATE,2024,1,members,\n"
			figures, err := ReadFigures(strings.NewReader(strings.Replace(file, c.old, c.new, 1)))
			bad, ok := errors.AsType[*FigureFaults](err)
			if !ok || figures != nil || !slices.Equal(bad.Faults, c.want) {
				t.Errorf("%d figures, %v; want %q", len(figures), err, c.want)
			}
		})
	}
}

func TestAFileOfFiguresThatIsNone(t *testing.T) {
	for _, file := range []string{"", "\n", "\"0", "\xff\xfei\x00d\x00", strings.TrimSuffix(figuresHeader, ",paragraph\n")} {
		if _, err := ReadFigures(strings.NewReader(file)); err == nil || !strings.Contains(err.Error(), "line 1, column 1: the first line must be id,figure") {
			t.Errorf("%q: %v", file, err)
		}
	}
	if figures, err := ReadFigures(strings.NewReader(figuresHeader)); err != nil || len(figures) != 0 {
		t.Errorf("a header alone: %d figures, %v", len(figures), err)
	}
	broken := errors.New("the disk is gone")
	_, err := ReadFigures(io.MultiReader(strings.NewReader(figuresHeader), iotest.ErrReader(broken)))
	if _, fault := errors.AsType[*FigureFaults](err); fault || !errors.Is(err, broken) {
		t.Errorf("a file that cannot be read: %v", err)
	}
}

func TestAFileHasSoManyFigures(t *testing.T) {
	var file strings.Builder
	file.WriteString(figuresHeader)
	for i := range maxFigures + 1 {
		file.WriteString("F" + FigureMembers.Text(int64(i)) + ",joined,ALL,2024,1,members,\n")
	}
	_, err := ReadFigures(strings.NewReader(file.String()))
	if err == nil || err.Error() != "line 10002, column 1: id: a file has at most 10000 figures" {
		t.Errorf("got %v", err)
	}
}

var placedFault = regexp.MustCompile(`^line [0-9]+, column [0-9]+: `)

// FuzzFigures hands arbitrary bytes to the reader: each figure can be shown and has its days, or every fault
// has its place.
func FuzzFigures(f *testing.F) {
	f.Add(firstFigures(f))
	f.Add(figuresHeader + "F1,\"joined\n\",ALL,2024,1,members,\nF1")
	f.Add(figuresHeader + "\xff,members,ALL,as of 2024-02-29,01,members,")
	f.Fuzz(func(t *testing.T, file string) {
		figures, err := ReadFigures(strings.NewReader(file))
		bad, refused := errors.AsType[*FigureFaults](err)
		if err != nil && !refused {
			t.Fatal(err)
		}
		for _, fault := range figureFaults(bad) {
			if !placedFault.MatchString(fault) {
				t.Errorf("a fault has no place: %q", fault)
			}
		}
		for _, x := range figures {
			if x.ID == "" || !utf8.ValidString(x.Text) || x.from == "" || x.to < x.from || !slices.Contains(FigureUnits, x.Unit) {
				t.Errorf("got %+v", x)
			}
		}
	})
}

func figureFaults(bad *FigureFaults) []string {
	if bad == nil {
		return nil
	}
	return bad.Faults
}
