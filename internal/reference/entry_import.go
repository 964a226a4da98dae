package reference

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// importColumns are the columns of a file of entries. A row has those of its kind; the others are empty.
var importColumns = []string{
	"kind", "code", "tariff_kind", "category", "sector", "country_status", "fraction", "amount", "minimum", "value",
	"valid_from", "valid_to", "provision", "source", "confirmed", "note",
}

// columnOf gives the column of a field of an entry.
var columnOf = map[string]string{
	"": "kind", "tariff.code": "code", "tariff.kind": "tariff_kind", "tariff.category": "category", "tariff.sector": "sector", "tariff.countryStatus": "country_status",
	"tariff.fraction": "fraction", "tariff.amount": "amount", "tariff.minimum": "minimum", "rule.code": "code", "rule.value": "value",
	"countryStatus.country": "code", "validFrom": "valid_from", "validTo": "valid_to", "provision": "provision", "source": "source", "note": "note",
}

// columnsOf are the columns that a row of each kind may have beside those of all kinds.
var columnsOf = map[ReferenceKind][]string{
	KindTariff: {"tariff_kind", "category", "sector", "country_status", "fraction", "amount", "minimum"},
	KindRule:   {"value"}, KindCountryStatus: {"country_status"},
}

// Import reads a CSV file of entries and enters them as Enter does: all of them, or none if any row has a fault or dryRun is
// set. What is there already is not entered again. kept is how many invoices of the years of new entries stay as they are.
// SECRETARIAT only.
func (s *ReferenceService) Import(ctx context.Context, r io.Reader, dryRun bool) (result *kit.ImportResult, kept int, err error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return nil, 0, err
	}
	result = &kit.ImportResult{Faults: []kit.ImportFault{}}
	t := kit.Table{
		Locale: kit.LocaleOf(ctx), Columns: importColumns, Most: maxAtOnce, Result: result,
		Suits: func(header []string) bool { return slices.Equal(header, importColumns) },
	}
	in, rows, unread := EnterReferenceInput{DryRun: dryRun}, []int{}, map[int]columns{}
	err = t.Read(r, func(n int, cell map[string]string) error {
		f := kit.NewFaults(ctx)
		entry := readEntry(f, cell)
		t.Note(n, f)
		for _, e := range f.List {
			unread[len(rows)] = append(unread[len(rows)], e.Field[0])
		}
		rows, in.Entries = append(rows, n), append(in.Entries, entry)
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	in.DryRun = dryRun || len(result.Faults) > 0
	entered, err := s.enter(ctx, kit.NewFaults(ctx), in, unread)
	faults, err := kit.UserErrorsOf(err)
	if err != nil {
		return nil, 0, err
	}
	for _, e := range faults {
		t.Note(placeOf(e, rows))
	}
	slices.SortStableFunc(result.Faults, func(a, b kit.ImportFault) int { return a.Row - b.Row })
	if len(result.Faults) > 0 {
		return result, 0, nil
	}
	result.Made, result.There = entered.Made, entered.There
	return result, entered.InvoicesKept, nil
}

// columns are those of a row that cannot be read.
type columns []string

// check adds the faults of the other columns of a row, but for those that follow from a kind that cannot be read.
func (bad columns) check(ctx context.Context, c *checking, path string, in ReferenceEntryInput) {
	others := &checking{f: kit.NewFaults(ctx), s: c.s}
	in.check(others, path)
	for _, e := range others.f.List {
		column := columnOf[strings.Join(e.Field[3:], ".")]
		if !slices.Contains(bad, column) && !(slices.Contains(bad, "tariff_kind") && slices.Contains(columnsOf[KindTariff], column)) {
			c.f.List = append(c.f.List, e)
		}
	}
}

// placeOf returns the row of a fault, and the fault with its column.
func placeOf(e kit.UserError, rows []int) (int, *kit.Faults) {
	row := 1
	if len(e.Field) > 2 {
		i, _ := strconv.Atoi(e.Field[2])
		row, e.Field = rows[i], []string{columnOf[strings.Join(e.Field[3:], ".")]}
	} else {
		e.Field = []string{""}
	}
	return row, &kit.Faults{List: []kit.UserError{e}}
}

// readEntry reads the cells of a row.
func readEntry(f *kit.Faults, cell map[string]string) ReferenceEntryInput {
	in := ReferenceEntryInput{
		ValidFrom: kit.ReadDate(f, "valid_from", cell["valid_from"], true), ValidTo: kit.Optional(kit.ReadDate(f, "valid_to", cell["valid_to"], false)),
		Provision: kit.Present(cell["provision"]), Source: cell["source"], Confirmed: readYes(f, cell, "confirmed"), Note: kit.Present(cell["note"]),
	}
	kind := kit.ReadEnum(f, "kind", cell["kind"], ReferenceKinds)
	if !slices.Contains(ReferenceKinds, kind) {
		return in
	}
	for _, column := range slices.Concat(columnsOf[KindTariff], columnsOf[KindRule]) {
		if cell[column] != "" && !slices.Contains(columnsOf[kind], column) {
			f.Add(kit.CodeInvalid, column, "invalid.otherKind", map[string]string{"kind": string(kind)})
		}
	}
	switch kind {
	case KindTariff:
		in.Tariff = readTariff(f, cell)
	case KindRule:
		unit, known := membership.RuleUnits[cell["code"]]
		value, ok := membership.RuleValue(unit, cell["value"])
		if known && !ok {
			f.Add(kit.CodeOutOfRange, "value", "outOfRange.rule", map[string]string{"unit": string(unit)})
		}
		in.Rule = &RuleEntryInput{cell["code"], value}
	case KindCountryStatus:
		in.CountryStatus = &CountryStatusEntryInput{kit.CountryID(cell["code"]), kit.ReadEnum(f, "country_status", cell["country_status"], country.DevelopmentClasses)}
	}
	return in
}

func readTariff(f *kit.Faults, cell map[string]string) *TariffEntryInput {
	t := &TariffEntryInput{
		Code: cell["code"], Kind: kit.ReadEnum(f, "tariff_kind", cell["tariff_kind"], membership.TariffKinds),
		CountryStatus: kit.ReadEnum(f, "country_status", cell["country_status"], membership.CountryStatuses),
		Fraction:      kit.Present(cell["fraction"]), Minimum: readYes(f, cell, "minimum"),
	}
	if cell["category"] != "" {
		t.Category = new(kit.ReadEnum(f, "category", cell["category"], membership.MembershipCategories))
	}
	if cell["sector"] != "" {
		t.Sector = new(kit.ReadEnum(f, "sector", cell["sector"], membership.Sectors))
	}
	if cell["amount"] != "" {
		amount, err := kit.ParseDecimal(cell["amount"])
		if err != nil {
			f.Add(kit.CodeInvalid, "amount", "invalid.decimal", nil)
		}
		t.Amount = &amount
	}
	return t
}

// readYes reads Y as true; N and nothing are false, and anything else is a fault.
func readYes(f *kit.Faults, cell map[string]string, column string) bool {
	if v := cell[column]; v != "" {
		return kit.ReadEnum(f, column, v, []string{"Y", "N"}) == "Y"
	}
	return false
}
