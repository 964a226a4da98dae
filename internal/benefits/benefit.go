package benefits

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

const benefitPrefix = "ben"

// BenefitKind says what sort of thing a benefit is.
type BenefitKind string

// BenefitKinds lists every BenefitKind.
var BenefitKinds = []BenefitKind{"PARTICIPATION", "INFORMATION", "NETWORKING", "VISIBILITY", "LEARNING", "SERVICE"}

// Valid returns an error for a value that is not in BenefitKinds.
func (v BenefitKind) Valid() error { return kit.CheckOneOf(v, BenefitKinds, "benefit kind") }

// Benefit is something that membership gives. There are few, so all of them are read in one call and sorted in
// memory.
type Benefit struct {
	ID      kit.ID `bson:"_id"`
	Version int64  `bson:"version"`
	// Code names the benefit for ever. No other benefit gets the code of a retired one.
	Code       string                          `bson:"code"`
	Kind       BenefitKind                     `bson:"kind"`
	Categories []membership.MembershipCategory `bson:"categories" most:"3"`
	// Sectors are the Sectors that give the benefit. A membership needs one of them.
	Sectors     []membership.Sector `bson:"sectors" most:"3"`
	Title       *kit.LocalizedText  `bson:"title"`
	Description *kit.LocalizedText  `bson:"description"`
	HowToUse    *kit.LocalizedText  `bson:"howToUse"`
	// StoredActions are what Actions returns; nil for none.
	StoredActions []*BenefitAction `bson:"actions,omitempty" most:"10"`
	// Source is the text that promises the benefit.
	Source *string `bson:"source,omitempty"`
	// RetiredOn is the first day on which nobody has the benefit any more; nil while it is given.
	RetiredOn *kit.Date   `bson:"retiredOn,omitempty"`
	Dataset   kit.Dataset `bson:"dataset"`
}

// maxBenefits limits the number of benefits, so that one call can read all of them.
const maxBenefits = 500

// BenefitNoun says how benefits are stored.
var BenefitNoun = store.Declare(store.Noun[Benefit]{
	Name:     "benefits",
	Identity: func(b *Benefit) (string, *int64) { return string(b.ID), &b.Version },
	Dated:    true,
	Keys: []store.Key[Benefit]{
		store.Unique("code", func(b *Benefit) string { return b.Code }),
		store.Many("words", func(b *Benefit, day string) []string {
			if b.retired(kit.Date(day)) {
				return nil
			}
			return kit.Words(append(b.Title.Texts(), append(b.Description.Texts(), b.HowToUse.Texts()...)...)...)
		}),
	},
	Listings: []store.Listing{{}, {Has: "words"}},
})

// IsNode marks Benefit as a type that the queries node and nodes can return.
func (b *Benefit) IsNode() {}

func (b *Benefit) retired(day kit.Date) bool { return b.RetiredOn != nil && *b.RetiredOn <= day }

// gives says whether a membership has the benefit by its category and one of its Sectors.
func (b *Benefit) gives(s membership.Membership) bool {
	return s.Belongs() && slices.Contains(b.Categories, s.Category) &&
		slices.ContainsFunc(s.Sectors, func(m membership.MembershipSector) bool { return slices.Contains(b.Sectors, m.Sector) })
}

// BenefitFilter narrows a list of benefits. A field that is left out does not narrow it.
type BenefitFilter struct {
	Categories []membership.MembershipCategory
	Sectors    []membership.Sector
	Kinds      []BenefitKind
	// Retired includes retired benefits. SECRETARIAT only.
	Retired *bool
}

func (f *BenefitFilter) admits(b *Benefit) bool {
	if f == nil {
		return true
	}
	overlap := func(wanted, has []string) bool {
		return wanted == nil || slices.ContainsFunc(has, func(v string) bool { return slices.Contains(wanted, v) })
	}
	return (f.Categories == nil || overlap(kit.Strings(f.Categories), kit.Strings(b.Categories))) &&
		(f.Sectors == nil || overlap(kit.Strings(f.Sectors), kit.Strings(b.Sectors))) &&
		(f.Kinds == nil || slices.Contains(f.Kinds, b.Kind))
}

// BenefitConnection is one page of benefits. BenefitEdge is one of them with its cursor.
type (
	BenefitConnection = kit.Connection[*Benefit]
	BenefitEdge       = kit.Edge[*Benefit]
)

// BenefitService reads and changes benefits. Everybody may read benefits that are not retired. SECRETARIAT may
// change benefits and read retired ones.
type BenefitService struct {
	core     *kit.Core
	benefits store.Collection[Benefit]
	series   *events.EventSeriesService
}

// all reads, in one call, every benefit that the caller may see.
func (s *BenefitService) all(ctx context.Context, retired bool) ([]*Benefit, error) {
	plan, err := s.benefits.Plan(store.Query{})
	if err != nil {
		return nil, err
	}
	page, err := s.benefits.Page(ctx, plan, store.Range{Limit: maxBenefits})
	if err != nil {
		return nil, err
	}
	hidden := func(b *Benefit) bool { return b.retired(s.core.Clock.Today()) && !retired }
	found := slices.DeleteFunc(page.Docs, hidden)
	shown(found...)
	return found, nil
}

// List pages through benefits by their title in the caller's language.
func (s *BenefitService) List(ctx context.Context, filter *BenefitFilter, args kit.PageArgs) (*BenefitConnection, error) {
	retired := filter != nil && filter.Retired != nil && *filter.Retired
	if retired {
		if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
			return nil, err
		}
	}
	all, err := s.all(ctx, retired)
	if err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(all, func(b *Benefit) bool { return !filter.admits(b) })
	l := kit.LocaleOf(ctx)
	order := kit.Collator(l)
	token := func(b *Benefit) string { return kit.SortKey(order(b.Title.Text(ctx, nil))) + "\x1f" + string(b.ID) }
	return kit.PageOfMemory(s.core.Sealer, found, token, "benefits.title."+string(l), false, args)
}

// ByIDs reads records in the order of ids. An entry is nil if there is no such record or the caller may not see it.
func (s *BenefitService) ByIDs(ctx context.Context, ids []kit.ID) ([]*Benefit, error) {
	found, err := s.benefits.Many(ctx, kit.Strings(ids))
	if err != nil {
		return nil, err
	}
	secretariat := kit.ActorOf(ctx).Has(kit.MembershipSecretariat)
	for i, b := range found {
		if b != nil && b.retired(s.core.Clock.Today()) && !secretariat {
			found[i] = nil
		}
	}
	shown(found...)
	return found, nil
}

// Get reads one benefit. It returns nil if there is none or the caller may not see it.
func (s *BenefitService) Get(ctx context.Context, id kit.ID) (*Benefit, error) {
	return kit.One(ctx, s.ByIDs, id)
}

func (s *BenefitService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// Of returns the benefits of a member, by code; none if it is neither ACTIVE nor SUSPENDED. One call serves all
// members of a page.
func (s *BenefitService) Of(ctx context.Context, m *membership.Member) ([]Benefit, error) {
	return kit.Neighbour(ctx, m.ReadWith(), "benefits", m, s.ofMembers)
}

func (s *BenefitService) ofMembers(ctx context.Context, members []*membership.Member) ([][]Benefit, error) {
	all, err := s.all(ctx, false)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b *Benefit) int { return strings.Compare(a.Code, b.Code) })
	given := make([][]Benefit, len(members))
	for i, m := range members {
		given[i] = []Benefit{}
		for _, b := range all {
			if b.gives(m.Membership()) {
				given[i] = append(given[i], *b)
			}
		}
	}
	return given, nil
}

// BenefitEntitlement says whether a category has a benefit, and in which Sectors.
type BenefitEntitlement struct {
	Category membership.MembershipCategory
	Entitled bool
	Sectors  []membership.Sector
}

// BenefitComparison is one benefit across categories.
type BenefitComparison struct {
	Benefit      *Benefit
	Entitlements []BenefitEntitlement
}

// Compare shows which categories give which benefits, in the order of the benefits' codes. It takes all categories
// if none is named.
func (s *BenefitService) Compare(ctx context.Context, categories []membership.MembershipCategory) ([]BenefitComparison, error) {
	all, err := s.all(ctx, false)
	if err != nil {
		return nil, err
	}
	if categories == nil {
		categories = membership.MembershipCategories
	}
	slices.SortFunc(all, func(a, b *Benefit) int { return strings.Compare(a.Code, b.Code) })
	rows := make([]BenefitComparison, len(all))
	for i, b := range all {
		rows[i].Benefit = b
		for _, c := range categories {
			e := BenefitEntitlement{Category: c, Entitled: slices.Contains(b.Categories, c)}
			if e.Entitled {
				e.Sectors = b.Sectors
			}
			rows[i].Entitlements = append(rows[i].Entitlements, e)
		}
	}
	return rows, nil
}

// found drops the search hits that are retired.
func (s *BenefitService) found(_ context.Context, benefits []*Benefit) error {
	for i, b := range benefits {
		if b != nil && b.retired(s.core.Clock.Today()) {
			benefits[i] = nil
		}
	}
	shown(benefits...)
	return nil
}

// ShownVersion returns the version to SECRETARIAT, and nil to others.
func (b *Benefit) ShownVersion(ctx context.Context) *int64 {
	return kit.KeptBySecretariat(ctx, &b.Version)
}

// Searchable says which benefits the search covers, and which of their texts it reads.
func (s *BenefitService) Searchable() kit.Searchable {
	return kit.NewSearchable(kit.SearchBenefits, s.benefits, store.Query{}, s.found, func(ctx context.Context, b *Benefit) (kit.ID, []string, []string) {
		return b.ID, append([]string{b.Title.Text(ctx, nil)}, b.Title.Texts()...), append(b.Description.Texts(), b.HowToUse.Texts()...)
	})
}
