package reference

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// maxAtOnce is how many entries one input or file may have: few enough for one transaction, and enough for the tariffs of a
// new period. maxEntries limits all entries, because a process keeps them in memory.
const maxAtOnce, maxEntries = 200, 5000

// EnterReferenceInput enters what a source says. All entries are checked together, and all are entered or none is. DryRun
// only says what would be entered. There is no idempotency key, because what is there already is not entered again.
type EnterReferenceInput struct {
	Entries []ReferenceEntryInput
	DryRun  bool
}

// ReferenceEntryInput is one entry. It has one of Tariff, Rule and CountryStatus.
type ReferenceEntryInput struct {
	Tariff        *TariffEntryInput
	Rule          *RuleEntryInput
	CountryStatus *CountryStatusEntryInput
	ValidFrom     kit.Date
	ValidTo       *kit.Date
	Provision     *string
	Source        string
	Confirmed     bool
	Note          *string
}

// TariffEntryInput is a tariff to enter. Amount is in Swiss francs, nil if no source gives it.
type TariffEntryInput struct {
	Code          string
	Kind          membership.TariffKind
	Category      *membership.MembershipCategory
	Sector        *membership.Sector
	CountryStatus membership.CountryStatus
	Fraction      *string
	Amount        *kit.Decimal
	Minimum       bool
}

// RuleEntryInput is a rule to enter.
type RuleEntryInput struct {
	Code  string
	Value int
}

// CountryStatusEntryInput is the status of a country to enter.
type CountryStatusEntryInput struct {
	Country kit.ID
	Status  country.DevelopmentClass
}

// EnteredReference says what was entered, or what a dry run would enter.
type EnteredReference struct {
	// Made is how many entries are new, There how many were entered before with the same content.
	Made  int
	There int
	// InvoicesKept is how many invoices of the years of new entries were issued before. They stay as they are.
	InvoicesKept int
	// Entries are the new ones, in the order of the input; none in a dry run.
	Entries []*ReferenceEntry
}

// EnterReferencePayload has the result: Entered is nil if UserErrors is not empty.
type EnterReferencePayload struct {
	Entered    *EnteredReference
	UserErrors []kit.UserError
}

// Enter enters tariffs, rules and statuses of countries. SECRETARIAT only. Another entry for the same on one of the days is
// a DUPLICATE, which its ids name: it has to be withdrawn first. A tariff that does not fit the others of its days is
// INVALID. Nothing that was invoiced changes.
func (s *ReferenceService) Enter(ctx context.Context, in EnterReferenceInput) (*EnterReferencePayload, error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	f := kit.NewFaults(ctx)
	f.Some("input.entries", len(in.Entries))
	result, err := s.enter(ctx, f, in, nil)
	faults, err := kit.UserErrorsOf(err)
	return &EnterReferencePayload{result, faults}, err
}

// enter checks the entries of an input, and enters them unless it is a dry run. unread has the
// columns of a file that cannot be read, by entry: their faults are known, and what depends on other entries is not checked
// then.
func (s *ReferenceService) enter(ctx context.Context, f *kit.Faults, in EnterReferenceInput, unread map[int]columns) (result *EnteredReference, err error) {
	known := len(f.List)
	judge := func(ctx context.Context) (made []*ReferenceEntry, last int64, err error) {
		f.List = f.List[:known] // a transaction may run again
		all, err := s.all(store.Deciding(ctx))
		if err != nil {
			return nil, 0, err
		}
		c := &checking{f: f, s: s, now: inForce(all)}
		c.check(ctx, in.Entries, unread)
		if len(all)+len(c.made) > maxEntries {
			f.Add(kit.CodeFull, "input", "full", nil)
		}
		result = &EnteredReference{Made: len(c.made), There: c.there, Entries: []*ReferenceEntry{}}
		return c.made, lastOf(all), f.Err()
	}
	if in.DryRun {
		made, _, err := judge(ctx)
		if err != nil {
			return nil, err
		}
		result.InvoicesKept, err = s.invoicesKept(ctx, made)
		return result, err
	}
	err = s.core.Write(ctx, "enterReference", func(ctx context.Context, note func(kit.Change)) error {
		if err := s.core.Touch(ctx, "reference"); err != nil {
			return err
		}
		made, last, err := judge(ctx)
		if err != nil {
			return err
		}
		for _, e := range made {
			last++
			e.ID, e.Change = s.core.NewID(entryPrefix), last
		}
		if err := s.entries.Insert(ctx, made...); err != nil {
			return err
		}
		for _, e := range made {
			note(kit.Changed(EntryNoun, e, kit.Created, "kind", "validFrom", "source"))
		}
		result.Entries = append(result.Entries, made...)
		result.InvoicesKept, err = s.invoicesKept(ctx, made)
		return err
	})
	if err != nil {
		return nil, err
	}
	kit.Forget(ctx, tableKey{s})
	return result, nil
}

// invoicesKept counts the invoices of the years in which entries hold. An invoice is of a year from yearsKept back to the
// next one.
func (s *ReferenceService) invoicesKept(ctx context.Context, entries []*ReferenceEntry) (int, error) {
	var years []int
	for _, e := range entries {
		from, to := membership.InvoiceYears(s.core.Clock.Today())
		from = max(from, e.ValidFrom.Year())
		if e.ValidTo != nil {
			to = min(to, e.ValidTo.Year())
		}
		for year := from; year <= to; year++ {
			years = append(years, year)
		}
	}
	slices.Sort(years)
	return s.invoices.IssuedOf(ctx, slices.Compact(years))
}

// checking is one check of entries against those that stand.
type checking struct {
	f     *kit.Faults
	s     *ReferenceService
	now   []*ReferenceEntry // the entries that stand
	made  []*ReferenceEntry
	paths []string // of made
	there int
}

// check adds all faults of the entries, and takes those that are new.
func (c *checking) check(ctx context.Context, in []ReferenceEntryInput, unread map[int]columns) {
	before := len(c.f.List)
	for i, input := range in {
		if bad := unread[i]; bad != nil {
			bad.check(ctx, c, fmt.Sprintf("input.entries.%d", i), input)
			continue
		}
		path, was := fmt.Sprintf("input.entries.%d", i), len(c.f.List)
		e := input.entry()
		input.check(c, path)
		if len(c.f.List) > was || c.known(path, e) {
			continue
		}
		e.EnteredAt, e.EnteredBy, e.Dataset = kit.DateTimeOf(c.s.core.Clock.Now()), kit.ActorOf(ctx).Subject, kit.DatasetOf(ctx)
		c.made, c.paths = append(c.made, e), append(c.paths, path)
	}
	if len(c.f.List) > before || len(unread) > 0 {
		return // the other checks need all entries
	}
	table := over(c.s.tariffs.Known(), append(slices.Clone(c.now), c.made...), c.s.core.Clock)
	for i, e := range c.made {
		if e.Tariff != nil {
			fit(c.f, c.paths[i]+".tariff.", table, e)
		}
	}
}

// known says whether an entry is there already, or contradicts another one, which is a fault.
func (c *checking) known(path string, e *ReferenceEntry) bool {
	for _, o := range c.now {
		if o.key() == e.key() && o.ValidFrom == e.ValidFrom && o.content() == e.content() {
			c.there++
			return true
		}
	}
	for i, o := range append(slices.Clone(c.now), c.made...) {
		if o.key() == e.key() && e.clashes(o) {
			fault := c.f.Add(kit.CodeDuplicate, path+".validFrom", "duplicate.referenceEntry", map[string]string{"code": e.code(), "from": string(o.ValidFrom)})
			if i < len(c.now) {
				fault.RelatedID = new(o.ID)
			}
			return true
		}
	}
	return false
}

// content is the text of all that an entry says.
func (e *ReferenceEntry) content() string {
	said := *e
	said.ID, said.Version, said.EnteredAt, said.EnteredBy, said.Change, said.Dataset = "", 0, "", "", 0, ""
	text, err := json.Marshal(said)
	if err != nil {
		panic(err) // the struct has nothing that cannot be written
	}
	return string(text)
}

// entry returns the entry that an input describes.
func (in ReferenceEntryInput) entry() *ReferenceEntry {
	e := &ReferenceEntry{
		ValidFrom: in.ValidFrom, ValidTo: in.ValidTo, Provision: kit.Trimmed(in.Provision), Source: strings.TrimSpace(in.Source), Confirmed: in.Confirmed, Note: kit.Trimmed(in.Note),
	}
	if t := in.Tariff; t != nil {
		e.Kind = KindTariff
		e.Tariff = &TariffEntry{Code: t.Code, Kind: t.Kind, Category: t.Category, Sector: t.Sector, CountryStatus: t.CountryStatus, Fraction: t.Fraction, Minimum: t.Minimum}
		if t.Amount != nil {
			e.Tariff.Amount = &kit.Money{Amount: *t.Amount, Currency: kit.CHF}
		}
	}
	if r := in.Rule; r != nil {
		e.Kind, e.Rule = KindRule, &RuleEntry{r.Code, r.Value}
	}
	if c := in.CountryStatus; c != nil {
		e.Kind, e.CountryStatus = KindCountryStatus, &CountryStatusEntry{c.Country, c.Status}
	}
	return e
}
