package country

import (
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"memberportal/internal/kit"
)

// Region is one of the six regions of ITU-D, or REGINTORG for regional and international organisations, which
// have no country.
type Region string

// The regions. No country is in REGINTORG.
const (
	RegionAFR       Region = "AFR"
	RegionAMS       Region = "AMS"
	RegionARB       Region = "ARB"
	RegionASP       Region = "ASP"
	RegionCIS       Region = "CIS"
	RegionEUR       Region = "EUR"
	RegionREGINTORG Region = "REGINTORG"
)

// Regions lists every region; Valid accepts no other.
var Regions = []Region{RegionAFR, RegionAMS, RegionARB, RegionASP, RegionCIS, RegionEUR, RegionREGINTORG}

// Valid refuses a value that is not in Regions.
func (v Region) Valid() error { return kit.CheckOneOf(v, Regions, "region") }

// CountryKind distinguishes Member States from the delegation under Resolution 99.
type CountryKind string

// The kinds of country.
const (
	MemberState  CountryKind = "MEMBER_STATE"
	Resolution99 CountryKind = "RESOLUTION_99"
)

// CountryKinds lists both kinds; ReadCountries refuses any other.
var CountryKinds = []CountryKind{MemberState, Resolution99}

// DevelopmentClass is the class of the UN standard M49. Fees depend on it.
type DevelopmentClass string

// The development classes.
const (
	Developed  DevelopmentClass = "DEVELOPED"
	Developing DevelopmentClass = "DEVELOPING"
)

// DevelopmentClasses lists both classes; ReadCountries refuses any other.
var DevelopmentClasses = []DevelopmentClass{Developed, Developing}

// Valid refuses a value that is not in DevelopmentClasses.
func (v DevelopmentClass) Valid() error {
	return kit.CheckOneOf(v, DevelopmentClasses, "development class")
}

// RegionAssignment says to which region a country belongs from a date on. An empty date means since the beginning
// of the records.
type RegionAssignment struct {
	Region Region
	From   kit.Date
}

// Country is a Member State or the delegation under Resolution 99. Countries are reference data, which is kept in
// memory and not in the store.
type Country struct {
	ID               kit.ID
	ISO2, ISO3       string
	Kind             CountryKind
	Regions          []RegionAssignment
	DevelopmentClass DevelopmentClass
	LDC, LLDC, SIDS  bool
	Name             *kit.LocalizedText

	clock kit.Clock
}

// IsNode marks a type that the queries node and nodes can return.
func (c *Country) IsNode() {}

// Region returns the country's region on a date, or today if asOf is nil.
func (c *Country) Region(asOf *kit.Date) Region {
	var on kit.Date
	if asOf != nil {
		on = *asOf
	} else {
		on = c.clock.Today()
	}
	region := c.Regions[0].Region
	for _, a := range c.Regions {
		if a.From <= on {
			region = a.Region
		}
	}
	return region
}

//go:embed countries.csv
var countriesCSV string

// Countries returns the reference list that is part of the program.
func Countries() ([]*Country, error) { return ReadCountries(strings.NewReader(countriesCSV)) }

var countryColumns = []string{
	"iso2", "iso3", "kind", "bdt_region", "development", "ldc", "lldc", "sids",
	"name_en", "name_fr", "name_es", "name_ru", "name_ar", "name_zh",
}

// ReadCountries reads a list of countries as CSV with the columns of countries.csv. A cell of the region column
// may also hold later assignments: CIS;EUR@2018-06-28. The error names every faulty line.
func ReadCountries(r io.Reader) ([]*Country, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("the list is not CSV: %w", err)
	}
	if len(rows) == 0 || !slices.Equal(rows[0], countryColumns) {
		return nil, fmt.Errorf("the first line must be %s", strings.Join(countryColumns, ","))
	}
	var countries []*Country
	var errs []error
	seen := map[kit.ID]bool{}
	for i, row := range rows[1:] {
		c, err := readCountry(row)
		if err == nil && seen[c.ID] {
			err = fmt.Errorf("%s stands twice", c.ID)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("line %d: %w", i+2, err))
			continue
		}
		seen[c.ID] = true
		countries = append(countries, c)
	}
	return countries, errors.Join(errs...)
}

func readCountry(row []string) (*Country, error) {
	c := &Country{
		ID: kit.CountryID(row[0]), ISO2: row[0], ISO3: row[1], Kind: CountryKind(row[2]), DevelopmentClass: DevelopmentClass(row[4]),
		LDC: row[5] == "Y", LLDC: row[6] == "Y", SIDS: row[7] == "Y", Name: &kit.LocalizedText{},
	}
	for _, l := range kit.Locales {
		provenance, name := kit.Human, row[slices.Index(countryColumns, "name_"+strings.ToLower(string(l)))]
		if l == kit.English {
			provenance = kit.Original
		}
		c.Name.Translations = append(c.Name.Translations, kit.Translation{Locale: l, Text: name, Provenance: provenance})
		if name == "" {
			return nil, fmt.Errorf("no name in %s", l)
		}
	}
	for part := range strings.SplitSeq(row[3], ";") {
		region, from, _ := strings.Cut(part, "@")
		a := RegionAssignment{Region: Region(region), From: kit.Date(from)}
		if !slices.Contains(Regions, a.Region) || a.Region == RegionREGINTORG || (from == "") != (len(c.Regions) == 0) {
			return nil, fmt.Errorf("region %q", part)
		}
		c.Regions = append(c.Regions, a)
	}
	if len(row[0]) != 2 || len(row[1]) != 3 || !slices.Contains(CountryKinds, c.Kind) || !slices.Contains(DevelopmentClasses, c.DevelopmentClass) {
		return nil, fmt.Errorf("code, kind or development class of %q", row[0])
	}
	return c, nil
}

// CountryFilter narrows countries; a field that is left out does not narrow.
type CountryFilter struct {
	Regions          []Region
	Kinds            []CountryKind
	DevelopmentClass *DevelopmentClass
	Ldc, Lldc, Sids  *bool
}

func (f *CountryFilter) admits(c *Country) bool {
	if f == nil {
		return true
	}
	same := func(want *bool, is bool) bool { return want == nil || *want == is }
	return (f.Regions == nil || slices.Contains(f.Regions, c.Region(nil))) &&
		(f.Kinds == nil || slices.Contains(f.Kinds, c.Kind)) &&
		(f.DevelopmentClass == nil || *f.DevelopmentClass == c.DevelopmentClass) &&
		same(f.Ldc, c.LDC) && same(f.Lldc, c.LLDC) && same(f.Sids, c.SIDS)
}

// CountryConnection and CountryEdge page through countries.
type (
	CountryConnection = kit.Connection[*Country]
	CountryEdge       = kit.Edge[*Country]
)

// CountryService reads the list of countries. Everybody may read it.
type CountryService struct {
	sealer *kit.Sealer
	// All are the countries in the order of the list. Nobody may change them.
	All     []*Country
	byID    map[kit.ID]*Country
	numbers map[kit.ID]int16
	order   map[kit.Locale]func() map[kit.ID]string // sort keys of the names, made at the first use of a language
}

// tokens returns the keys by which countries sort by their names in a language.
func tokens(all []*Country, l kit.Locale) map[kit.ID]string {
	tokens, key := map[kit.ID]string{}, kit.Collator(l)
	for _, c := range all {
		name, _ := c.Name.In(l)
		tokens[c.ID] = key(name.Text) + "\x1f" + string(c.ID)
	}
	return tokens
}

// New makes the service over a list of countries. A country that is listed twice is an error. The service keeps
// copies, because another service may use another clock.
func New(given []*Country, clock kit.Clock, seals *kit.Sealer) (*CountryService, error) {
	all, byID, numbers := make([]*Country, len(given)), map[kit.ID]*Country{}, map[kit.ID]int16{}
	for i, c := range given {
		if byID[c.ID] != nil {
			return nil, fmt.Errorf("%s stands twice", c.ID)
		}
		all[i] = new(*c)
		all[i].clock = clock
		byID[c.ID], numbers[c.ID] = all[i], int16(i)
	}
	order := map[kit.Locale]func() map[kit.ID]string{}
	for _, l := range kit.Locales {
		order[l] = sync.OnceValue(func() map[kit.ID]string { return tokens(all, l) })
	}
	return &CountryService{sealer: seals, All: all, byID: byID, numbers: numbers, order: order}, nil
}

// Number returns the position of a country in the list, -1 if it is not listed.
func (s *CountryService) Number(id kit.ID) int16 {
	if n, ok := s.numbers[id]; ok {
		return n
	}
	return -1
}

// Get returns one country, nil if there is none with this id.
func (s *CountryService) Get(id kit.ID) *Country { return s.byID[id] }

// List pages through countries, sorted by their names in the caller's language.
func (s *CountryService) List(ctx context.Context, filter *CountryFilter, direction *kit.OrderDirection, args kit.PageArgs) (*CountryConnection, error) {
	var found []*Country
	for _, c := range s.All {
		if filter.admits(c) {
			found = append(found, c)
		}
	}
	l := kit.LocaleOf(ctx)
	tokens := s.order[l]()
	descending := direction != nil && *direction == kit.Descending
	return kit.PageOfMemory(s.sealer, found, func(c *Country) string { return tokens[c.ID] }, "countries.name."+string(l), descending, args)
}

// Nodes reads countries by id, nil for unknown ids.
func (s *CountryService) Nodes(_ context.Context, ids []kit.ID) ([]kit.Node, error) {
	nodes := make([]kit.Node, len(ids))
	for i, id := range ids {
		if c := s.byID[id]; c != nil {
			nodes[i] = c
		}
	}
	return nodes, nil
}

// RegionCount is the number of registrants or members in a region. Region is nil for those without one.
type RegionCount struct {
	Region *Region
	Count  int64
}

// CountryCount is the number of registrants or members in a country. Country is nil for those without one.
type CountryCount struct {
	Country *Country
	Count   int64
}

// IsEntity marks a type for which persons can act.
func (c *Country) IsEntity() {}
