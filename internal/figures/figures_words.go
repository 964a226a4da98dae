package figures

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/statistics"
)

// FigureUnit is the unit of a published figure.
type FigureUnit string

// The values of FigureUnit.
const (
	FigureMembers       FigureUnit = "members"
	FigureApplications  FigureUnit = "applications"
	FigureOrganisations FigureUnit = "organisations"
	FigureEvents        FigureUnit = "events"
	FigureCHF           FigureUnit = "CHF"
)

// FigureUnits lists every FigureUnit.
var FigureUnits = []FigureUnit{FigureMembers, FigureApplications, FigureOrganisations, FigureEvents, FigureCHF}

// figureCount says what a figure counts.
type figureCount int

const (
	countJoined figureCount = iota
	countLeft
	countGain
	countLoss
	countNet
	countMembers
	countForecastJoin
	countForecastLeave
	countAwaiting
	countExemptions
	countEvents
)

// figureKind is an entry of the vocabulary: what figures with certain words count.
type figureKind struct {
	// words are the words of the figure, in small letters and without notes.
	words []string
	count figureCount
	unit  FigureUnit
	// asOf says that the figure is counted on a day and not over a period.
	asOf bool
	// regional says that «in EUR» or «as REGINTORG» may follow.
	regional bool
	// event is the kind of event that is counted.
	event   events.EventKind
	recount func(context.Context, *figureCheck, *Figure) (recounted, error)
}

// figureKinds are the vocabulary without events, which are in eventWords.
var figureKinds = []figureKind{
	{words: []string{"joined"}, count: countJoined, unit: FigureMembers, regional: true, recount: recountMovements},
	{words: []string{"left"}, count: countLeft, unit: FigureMembers, regional: true, recount: recountMovements},
	{words: []string{"gross revenue change", "gross revenue gain", "revenue gain", "gross", "gain"}, count: countGain, unit: FigureCHF, recount: recountRevenue},
	{words: []string{"revenue loss", "loss"}, count: countLoss, unit: FigureCHF, recount: recountRevenue},
	{words: []string{"net revenue change"}, count: countNet, unit: FigureCHF, recount: recountRevenue},
	{words: []string{"members", "total", "total members"}, count: countMembers, unit: FigureMembers, asOf: true, regional: true, recount: recountMembers},
	{words: []string{"forecast to join"}, count: countForecastJoin, unit: FigureMembers, recount: recountForecast},
	{words: []string{"forecast to leave"}, count: countForecastLeave, unit: FigureMembers, recount: recountForecast},
	{
		words: []string{"awaiting approval", "awaiting approval of their administration", "awaiting approval of their administrations"},
		count: countAwaiting, unit: FigureApplications, asOf: true, regional: true, recount: recountAwaiting,
	},
	{
		words: []string{"fee exemptions granted", "fee exemptions granted by council", "fee exemptions granted by the council"},
		count: countExemptions, unit: FigureOrganisations, recount: recountExemptions,
	},
}

// eventWords has the words for the kinds of event.
var eventWords = map[events.EventKind][]string{
	"IAGDI_CRO": {"iagdi-cro meetings"}, "GSR": {"gsr meetings", "global symposia for regulators"}, "TECH_TALK": {"tech talks"}, "TDAG": {"tdag meetings"},
	"STUDY_GROUP": {"study group meetings"}, "RDF": {"rdf meetings", "regional development forums"}, "RPM": {"rpm meetings", "regional preparatory meetings"},
	"WTDC": {"wtdc meetings", "world telecommunication development conferences"}, "BRIEFING": {"briefings"}, "VISIT": {"visits"}, "TRAINING": {"trainings"},
	"RECOGNITION": {"recognition events"}, "OTHER": {"other events"},
}

// categoryWords has the words that may name the one category of the scope again, after a colon.
var categoryWords = map[membership.MembershipCategory]string{membership.SectorMember: "sector members", membership.Associate: "associates", membership.Academia: "academia"}

// vocabulary has the kinds by their words.
var vocabulary = func() map[string]*figureKind {
	all := map[string]*figureKind{}
	for i := range figureKinds {
		for _, words := range figureKinds[i].words {
			all[words] = &figureKinds[i]
		}
	}
	for kind, names := range eventWords {
		for _, words := range names {
			all[words] = &figureKind{words: names, count: countEvents, unit: FigureEvents, event: kind, recount: recountEvents}
		}
	}
	return all
}()

var (
	figureNote = regexp.MustCompile(`\([^()]*\)`)
	asKnown    = regexp.MustCompile(`\(as known ([0-9]{4}-[0-9]{2}-[0-9]{2})\)`)
	regionCut  = regexp.MustCompile(`^(.+) (in|as) ([A-Z]+)$`)
)

// phrase is the meaning of the words of a figure. It has no kind if the words are not in the vocabulary.
type phrase struct {
	kind *figureKind
	// region narrows the figure to a region; empty for all regions.
	region country.Region
	// known is the day on whose records a forecast is based.
	known kit.Date
}

// phraseOf looks up the words of a figure. It ignores what is in parentheses as a note, except the day on whose
// records a forecast is based.
func phraseOf(text string, scope figureScope) (p phrase) {
	known := asKnown.FindStringSubmatch(text)
	words := strings.Join(strings.Fields(figureNote.ReplaceAllString(text, " ")), " ")
	if named, category, found := strings.Cut(words, ": "); found {
		if !scope.is(strings.ToLower(category)) {
			return phrase{}
		}
		words = named
	}
	if cut := regionCut.FindStringSubmatch(words); cut != nil {
		words, p.region = cut[1], country.Region(cut[3])
		if !slices.Contains(country.Regions, p.region) || (p.region == country.RegionREGINTORG) != (cut[2] == "as") {
			return phrase{}
		}
	}
	p.kind = vocabulary[strings.ToLower(words)]
	if p.kind == nil || p.region != "" && !p.kind.regional || p.kind.forecasts() != (known != nil) {
		return phrase{}
	}
	if known != nil {
		day, err := kit.ParseDate(known[1])
		if err != nil {
			return phrase{}
		}
		p.known = day
	}
	return p
}

func (k *figureKind) forecasts() bool {
	return k.count == countForecastJoin || k.count == countForecastLeave
}

// figureScope has the membership categories that a figure covers, by their indexes; none for events.
type figureScope [3]bool

// is says whether the scope is exactly one category, with this name.
func (s figureScope) is(name string) bool {
	i := slices.IndexFunc(membership.MembershipCategories, func(c membership.MembershipCategory) bool { return categoryWords[c] == name })
	return i >= 0 && s == figureScope{i == 0, i == 1, i == 2}
}

// covers says whether the scope has all categories of another scope.
func (s figureScope) covers(o figureScope) bool {
	for i := range s {
		if o[i] && !s[i] {
			return false
		}
	}
	return true
}

// holds says whether what is counted of a membership is in the scope and, if a region is named, in that region.
func (s figureScope) holds(f statistics.Footing, region country.Region) bool {
	return s[f.Category] && (region == "" || f.Region == statistics.Place8(country.Regions, region))
}

// wholly returns the groups of which the scope has every category. ok is false if the scope is empty or has only a
// part of a group, because what is known by group cannot be split.
func (s figureScope) wholly() (in [statistics.Groups]bool, ok bool) {
	var of, has [statistics.Groups]int
	for i, there := range s {
		group := statistics.GroupOf(int8(i))
		if of[group]++; there {
			has[group]++
		}
	}
	ok = s != figureScope{}
	for group := range in {
		in[group] = has[group] > 0
		ok = ok && (has[group] == 0 || has[group] == of[group])
	}
	return in, ok
}

// meets says whether two scopes have a category in common; with returns the union of two scopes.
func (s figureScope) meets(o figureScope) bool {
	return s[0] && o[0] || s[1] && o[1] || s[2] && o[2]
}

func (s figureScope) with(o figureScope) figureScope {
	return figureScope{s[0] || o[0], s[1] || o[1], s[2] || o[2]}
}
