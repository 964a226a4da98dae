package reference

import (
	"context"
	"fmt"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

const entryPrefix = "ref"

// ReferenceKind says of what an entry is.
type ReferenceKind string

// The values of ReferenceKind.
const (
	KindTariff        ReferenceKind = "TARIFF"
	KindRule          ReferenceKind = "RULE"
	KindCountryStatus ReferenceKind = "COUNTRY_STATUS"
)

// ReferenceKinds lists every ReferenceKind.
var ReferenceKinds = []ReferenceKind{KindTariff, KindRule, KindCountryStatus}

// Valid returns an error for a value that is not in ReferenceKinds.
func (v ReferenceKind) Valid() error {
	return kit.CheckOneOf(v, ReferenceKinds, "kind of reference entry")
}

// TariffEntry is what an entry says of a tariff.
type TariffEntry struct {
	Code          string                         `bson:"code"`
	Kind          membership.TariffKind          `bson:"kind"`
	Category      *membership.MembershipCategory `bson:"category,omitempty"`
	Sector        *membership.Sector             `bson:"sector,omitempty"`
	CountryStatus membership.CountryStatus       `bson:"countryStatus"`
	Fraction      *string                        `bson:"fraction,omitempty"`
	// Amount is nil if no source gives one.
	Amount  *kit.Money `bson:"amount,omitempty"`
	Minimum bool       `bson:"minimum"`
}

// RuleEntry is what an entry says of a rule. A day of every year is the month times 100 plus the day, such as 331.
type RuleEntry struct {
	Code  string `bson:"code"`
	Value int    `bson:"value"`
}

// Unit returns what the number of the rule counts.
func (r *RuleEntry) Unit() membership.RuleUnit { return membership.RuleUnits[r.Code] }

// CountryStatusEntry is what an entry says of a country.
type CountryStatusEntry struct {
	CountryID kit.ID                   `bson:"country"`
	Status    country.DevelopmentClass `bson:"status"`
}

// ReferenceWithdrawal says that an entry does not hold any more, on any day.
type ReferenceWithdrawal struct {
	At     kit.DateTime `bson:"at"`
	By     kit.ID       `bson:"by"`
	Reason string       `bson:"reason"`
}

// ReferenceEntry is a tariff, a rule or the status of a country that the secretariat entered. It never changes; it can be
// withdrawn once.
type ReferenceEntry struct {
	ID      kit.ID        `bson:"_id"`
	Version int64         `bson:"version"`
	Kind    ReferenceKind `bson:"kind"`
	// One of Tariff, Rule and CountryStatus is there, as Kind says.
	Tariff        *TariffEntry        `bson:"tariff,omitempty"`
	Rule          *RuleEntry          `bson:"rule,omitempty"`
	CountryStatus *CountryStatusEntry `bson:"countryStatus,omitempty"`
	ValidFrom     kit.Date            `bson:"validFrom"`
	// ValidTo is the last day; nil for an entry that holds until the next one for the same begins.
	ValidTo   *kit.Date `bson:"validTo,omitempty"`
	Provision *string   `bson:"provision,omitempty"`
	Source    string    `bson:"source"`
	Confirmed bool      `bson:"confirmed"`
	Note      *string   `bson:"note,omitempty"`

	EnteredAt kit.DateTime `bson:"enteredAt"`
	EnteredBy kit.ID       `bson:"enteredBy"`
	// Withdrawn is nil while the entry stands.
	Withdrawn *ReferenceWithdrawal `bson:"withdrawn,omitempty"`
	// Change is the number of the latest change of an entry. Every change of any entry has the next number.
	Change  int64       `bson:"change"`
	Dataset kit.Dataset `bson:"dataset"`
}

// EntryNoun says how entries are stored. The listing gives all of them, or those of some kinds, by their latest change.
var EntryNoun = store.Declare(store.Noun[ReferenceEntry]{
	Name:     "referenceEntries",
	Identity: func(e *ReferenceEntry) (string, *int64) { return string(e.ID), &e.Version },
	Keys: []store.Key[ReferenceEntry]{
		store.OneOf("kind", ReferenceKinds, func(e *ReferenceEntry, _ string) ReferenceKind { return e.Kind }),
		store.One("change", func(e *ReferenceEntry, _ string) string { return fmt.Sprintf("%012d", e.Change) }),
	},
	Listings: []store.Listing{{Sort: "change"}, {Equal: []string{"kind"}, Sort: "change"}},
})

// Valid returns an error for an entry without what its kind is about.
func (e *ReferenceEntry) Valid() error {
	if e.Kind == KindTariff && e.Tariff == nil || e.Kind == KindRule && e.Rule == nil || e.Kind == KindCountryStatus && e.CountryStatus == nil {
		return fmt.Errorf("an entry of the kind %s without it", e.Kind)
	}
	return nil
}

// IsNode marks ReferenceEntry as a type that the queries node and nodes can return.
func (e *ReferenceEntry) IsNode() {}

// code names the tariff, the rule or the country.
func (e *ReferenceEntry) code() string {
	switch e.Kind {
	case KindTariff:
		return e.Tariff.Code
	case KindRule:
		return e.Rule.Code
	case KindCountryStatus:
	}
	return string(e.CountryStatus.CountryID)
}

// key is equal for entries that say the same thing of the same days: one of them holds on a day.
func (e *ReferenceEntry) key() string {
	if e.Kind == KindTariff {
		return fmt.Sprint(e.Kind, " ", e.code(), " ", e.Tariff.CountryStatus)
	}
	return fmt.Sprint(e.Kind, " ", e.code())
}

// clashes says whether two entries of one key contradict each other. An entry without a last day ends when a later one
// begins.
func (e *ReferenceEntry) clashes(o *ReferenceEntry) bool {
	if e.ValidFrom > o.ValidFrom {
		e, o = o, e
	}
	return e.ValidFrom == o.ValidFrom || e.ValidTo != nil && *e.ValidTo >= o.ValidFrom
}

// ReferenceEntryConnection is one page of entries. ReferenceEntryEdge is one of them with its cursor.
type (
	ReferenceEntryConnection = kit.Connection[*ReferenceEntry]
	ReferenceEntryEdge       = kit.Edge[*ReferenceEntry]
)

// List pages through all entries, also those that were withdrawn, the latest change first. Without kinds it takes all kinds;
// an empty list of kinds matches nothing. SECRETARIAT only.
func (s *ReferenceService) List(ctx context.Context, kinds []ReferenceKind, args kit.PageArgs) (*ReferenceEntryConnection, error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	where := store.Where{}
	if kinds != nil {
		where["kind"] = kit.Strings(kinds)
	}
	return kit.PageOf(ctx, s.core.Sealer, s.entries, store.Query{Any: []store.Where{where}, Sort: "change"}, store.Bounds{}, true, args)
}

// ByIDs reads entries in the order of ids. An entry is nil if there is none, and for all but SECRETARIAT.
func (s *ReferenceService) ByIDs(ctx context.Context, ids []kit.ID) ([]*ReferenceEntry, error) {
	if !kit.ActorOf(ctx).Has(kit.MembershipSecretariat) {
		return make([]*ReferenceEntry, len(ids)), nil
	}
	return s.entries.Many(ctx, kit.Strings(ids))
}

func (s *ReferenceService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}
