package calendar_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

func english(text string) *kit.LocalizedText {
	return &kit.LocalizedText{Translations: []kit.Translation{{Locale: kit.English, Text: text, Provenance: kit.Original}}}
}

// hostile are texts that try to be more than a text, and what is left of them.
var hostile = map[string]string{
	"A\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil":         "A END:VEVENT BEGIN:VEVENT UID:evil",
	"A\nATTACH:javascript:alert(1)":                       "A ATTACH:javascript:alert(1)",
	"A\rB\u2028C\u2029D\u0085E\vF\fG\x00H\x1bI\x7fJ\tK":   "A B C DEFGHIJ K",
	"  \n ;:,\"'\\ \\n \\N \\;":                           ";:,\"'\\ \\n \\N \\;",
	strings.Repeat("é", 300):                              strings.Repeat("é", 300),
	strings.Repeat("👩‍💻", 100):                            strings.Repeat("👩‍💻", 100),
	strings.Repeat("a", 1000):                             strings.Repeat("a", 1000),
	"x" + strings.Repeat(" ", 200) + "y":                  "x" + strings.Repeat(" ", 200) + "y",
	"<b>" + strings.Repeat("> <", 90):                     "<b>" + strings.TrimSpace(strings.Repeat("> <", 90)),
	strings.Repeat("\\", 150) + strings.Repeat("\n;", 80): strings.Repeat("\\", 150) + strings.Repeat(" ;", 80),
	"مرحبا\u202eabc\u202c":                                "مرحبا\u202eabc\u202c",
}

var badLinks = []string{
	"javascript:alert(1)", "JaVaScRiPt://open.example/%0aalert(1)", "data:text/html,<script>", "vbscript:x", "//open.example", "https://", "https:open.example",
	"https://ok.example/\r\nATTACH:https://evil.example", "https://user:password@open.example/", " https://open.example", "https://open.example/a b", "file:///etc/passwd", "https://open.example/\u2028x",
}

func TestHostileTextsStayTexts(t *testing.T) {
	onEngines(t, true, func(t *testing.T, s *golden.Server) {
		want := map[string]string{}
		for text, left := range hostile {
			want[insert(t, s, len(want), text)] = left
		}
		random := rand.New(rand.NewPCG(1, 2))
		for range 60 {
			text := "x" + nasty(random) + "x"
			want[insert(t, s, len(want), text)] = strings.ReplaceAll(text, "\n", " ")
		}
		must(t, events.SeriesNoun.In(s.Store).Insert(t.Context(), &events.EventSeries{
			ID: "ser_HOSTILE", Code: "HOSTILE", Kind: "OTHER", Title: english("S\r\nBEGIN:VALARM"), Dataset: kit.Recorded,
		}))
		r := feed(t, s, "/calendar/HOSTILE.ics")
		if name := r.cal.Props.Get("X-WR-CALNAME").Value; name != "S BEGIN:VALARM" || len(r.one) != 3*len(want) || len(r.cal.Children) != 3*len(want) {
			t.Errorf("%q, %d events of %d in %d parts", name, len(r.one), len(want), len(r.cal.Children))
		}
		for id, text := range want { // each with two deadlines: for registration and for contributions
			if got := r.prop(t, id+"-registration-closes", "SUMMARY"); got != "Registration closes: "+text {
				t.Errorf("a deadline is %q, want %q", got, text)
			}
			if address := r.prop(t, id+"-contributions", "URL"); address != "https://good.example/?a=b;c,d%22" {
				t.Errorf("the address of a deadline is %q", address)
			}
			if got := r.prop(t, id, "SUMMARY"); got != text {
				t.Errorf("the title is %q, want %q", got, text)
			}
			if place := r.prop(t, id, "LOCATION"); strings.ContainsFunc(place, unicode.IsControl) {
				t.Errorf("the place is %q", place)
			}
			if address := r.prop(t, id, "URL"); address != "https://good.example/?a=b;c,d%22" {
				t.Errorf("the address is %q", address)
			}
			if strings.Count(r.prop(t, id, "DESCRIPTION"), "://") != 1 {
				t.Errorf("%q", r.prop(t, id, "DESCRIPTION"))
			}
		}
		for line := range strings.SplitSeq(r.text, "\r\n") {
			if name, _, _ := strings.Cut(line, ":"); strings.HasPrefix(name, "ATTACH") || strings.HasPrefix(name, "URL") && strings.Contains(strings.ToLower(line), "script") {
				t.Errorf("%s", line)
			}
		}
		if strings.Contains(r.text, "evil.example") || strings.Contains(r.text, "meet.example") || strings.Contains(r.text, "password") {
			t.Error("an address that must not be there")
		}
	})
}

// insert puts an event with a text everywhere into the store, past all checks.
func insert(t *testing.T, s *golden.Server, n int, text string) string {
	t.Helper()
	e := *testkit.Events()[0]
	e.ID, e.Code, e.SeriesID = kit.ID(fmt.Sprintf("evt_H%d", n)), fmt.Sprintf("HOSTILE_%d", n), "ser_HOSTILE"
	e.Time, e.JoinURL = testkit.Events()[1].Time, new("https://meet.example/secret")
	e.Title, e.City, e.Venue = english(text), english(text), &text
	e.Summary, e.StoredPracticalInformation = nil, nil
	e.Links = nil
	for _, l := range badLinks {
		e.Links = append(e.Links, events.EventLink{Title: "t", URL: l})
	}
	e.Links = append(e.Links, events.EventLink{Title: "t\r\nx", URL: "https://good.example/?a=b;c,d\""})
	must(t, events.EventNoun.In(s.Store).Insert(t.Context(), &e))
	return string(e.ID)
}

// nasty is a text of signs that mean something in a calendar.
func nasty(random *rand.Rand) string {
	signs := []string{"\\", ";", ",", ":", "\"", "n", "N", " ", "\n", "é", "字", "😀", "=", "<", ">", "^", "'", "BEGIN:VEVENT"}
	var b strings.Builder
	for range random.IntN(200) {
		b.WriteString(signs[random.IntN(len(signs))])
	}
	return b.String()
}
