package membership

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/files"
	"memberportal/internal/kit"
)

// columnOf gives the column of a field of an admission or a profile.
var columnOf = map[string]string{
	"name": "name", "category": "category", "country": "country", "region": "region", "studyGroup": "study_group", "sectors": "sectors", "feeClass": "fee_class",
	"effectiveOn": "admitted_on", "displayName": "display_name", "website": "website", "logo": "logo_url",
}

// memberRow is one row after reading.
type memberRow struct {
	admission   AdmitMemberInput
	activatedOn kit.Date
	dataset     kit.Dataset
	profile     UpdateMemberProfileInput
}

// Import reads a CSV file in the form that Export writes. It checks the whole file first. If any row has a fault,
// or dryRun is set, it writes nothing. It skips a row whose member is recorded with the same content, so that an
// interrupted import can be run again; other content is a DUPLICATE. SECRETARIAT only. progress gets the number of
// rows to write, and returns a function that gets the number of rows written so far.
func (s *MemberService) Import(ctx context.Context, r io.Reader, dryRun bool, progress func(total int) func(done int)) (*kit.ImportResult, error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	result := &kit.ImportResult{Faults: []kit.ImportFault{}}
	rows, err := s.readRows(ctx, r, result)
	if err != nil || len(result.Faults) > 0 || dryRun {
		return result, err
	}
	told := progress(len(rows))
	for from := 0; from < len(rows); from += kit.ImportChunk {
		end := min(from+kit.ImportChunk, len(rows))
		err := s.core.Transact(ctx, func(ctx context.Context) error {
			for _, row := range rows[from:end] {
				if err := s.importRow(ctx, row); err != nil {
					return fmt.Errorf("%s: %w", row.admission.Name, err)
				}
			}
			return nil
		})
		if err != nil {
			return result, err
		}
		result.Made = end
		told(end)
	}
	return result, nil
}

// importRow admits, describes and activates a member as the mutations do.
func (s *MemberService) importRow(ctx context.Context, row memberRow) error {
	if row.dataset == kit.Demonstration {
		ctx = kit.AsDemonstration(ctx)
	}
	admitted, err := s.Admit(ctx, row.admission)
	if err != nil || len(admitted.UserErrors) > 0 {
		return fmt.Errorf("admitting: %w %v", err, admitted.UserErrors)
	}
	m := admitted.Member
	row.profile.ID, row.profile.ExpectedVersion = m.ID, int(m.Version)
	updated, err := s.UpdateProfile(ctx, row.profile)
	if err != nil || len(updated.UserErrors) > 0 {
		return fmt.Errorf("describing: %w %v", err, updated)
	}
	if row.activatedOn == "" {
		return nil
	}
	activated, err := s.Activate(ctx, ActivateMemberInput{ID: m.ID, ExpectedVersion: int(updated.Member.Version), EffectiveOn: row.activatedOn})
	if err != nil || len(activated.UserErrors) > 0 {
		return fmt.Errorf("activating: %w %v", err, activated)
	}
	return nil
}

// readRows reads and checks the file and returns the rows that must be written.
func (s *MemberService) readRows(ctx context.Context, r io.Reader, result *kit.ImportResult) (rows []memberRow, err error) {
	t := kit.Table{
		Locale: kit.LocaleOf(ctx), Columns: memberColumns, Result: result,
		Suits: func(header []string) bool { return slices.Equal(header, memberColumns) },
	}
	seen := map[string]int{}
	err = t.Read(r, func(n int, cell map[string]string) error {
		row, faults := s.readRow(ctx, cell)
		key := Identity(row.admission.Name, kit.Deref(row.admission.Country))
		if first := seen[key]; first > 0 {
			faults.Add(kit.CodeDuplicate, "name", "duplicate.row", map[string]string{"row": strconv.Itoa(first)})
		}
		seen[key] = n
		there, err := s.already(ctx, row, faults)
		t.Note(n, faults)
		if there {
			result.There++
		} else {
			rows = append(rows, row)
		}
		return err
	})
	return rows, err
}

// already says whether the row's member is recorded with the same content. It adds a fault if the content is
// different.
func (s *MemberService) already(ctx context.Context, row memberRow, f *kit.Faults) (bool, error) {
	if len(f.List) > 0 {
		return false, nil
	}
	m, err := s.Find(ctx, row.admission.Name, row.admission.Country)
	if err != nil || m == nil {
		return false, err
	}
	is, would := m.cells(), s.preview(ctx, row).cells()
	if slices.ContainsFunc(memberColumns, func(column string) bool { return is[column] != would[column] }) {
		f.Add(kit.CodeDuplicate, "name", "duplicate.member", nil)
	}
	return true, nil
}

// preview returns the member that a row would make.
func (s *MemberService) preview(ctx context.Context, row memberRow) *Member {
	if row.dataset == kit.Demonstration {
		ctx = kit.AsDemonstration(ctx)
	}
	m := s.newMember(ctx, row.admission)
	row.profile.apply(m)
	if row.activatedOn != "" {
		m.record(s, ctx, LifecycleEvent{Kind: Activated, EffectiveOn: row.activatedOn})
	}
	return m
}

// readRow reads a row's cells and makes the same checks as the mutations that write it.
func (s *MemberService) readRow(ctx context.Context, cell map[string]string) (memberRow, *kit.Faults) {
	f := kit.NewFaults(ctx)
	row := memberRow{dataset: kit.ReadEnum(f, "dataset", cell["dataset"], kit.Datasets)}
	in := AdmitMemberInput{
		Name: cell["name"], Category: kit.ReadEnum(f, "category", cell["category"], MembershipCategories),
		FeeClass: kit.Present(cell["fee_class"]), EffectiveOn: kit.ReadDate(f, "admitted_on", cell["admitted_on"], true),
	}
	if c := cell["country"]; c != "" {
		in.Country = new(kit.CountryID(c))
	}
	if cell["region"] != "" {
		in.Region = new(kit.ReadEnum(f, "region", cell["region"], country.Regions))
	}
	if cell["study_group"] != "" {
		in.StudyGroup = new(kit.ReadEnum(f, "study_group", cell["study_group"], StudyGroups))
	}
	for _, sector := range strings.Fields(cell["sectors"]) {
		in.Sectors = append(in.Sectors, kit.ReadEnum(f, "sectors", sector, Sectors))
	}
	row.activatedOn = kit.ReadDate(f, "activated_on", cell["activated_on"], false)
	row.admission = in
	row.profile = readProfile(f, cell)
	checked := kit.NewFaults(ctx)
	in.check(checked, s)
	row.profile.check(checked)
	unread := func(column string) bool {
		return slices.ContainsFunc(f.List, func(e kit.UserError) bool { return e.Field[0] == column })
	}
	var meant []kit.UserError
	for _, e := range checked.List {
		// A cell that could not be read has a fault already. Checks of it, and checks that depend on it, add no
		// other.
		e.Field = []string{cellOf(e.Field, row.profile)}
		if !unread(e.Field[0]) && !(unread("category") && (e.Field[0] == "study_group" || e.Field[0] == "sectors")) {
			meant = append(meant, e)
		}
	}
	f.List = append(f.List, meant...)
	if row.activatedOn != "" && !unread("admitted_on") {
		f.Day("activated_on", row.activatedOn, in.EffectiveOn, s.core.Clock.Today())
	}
	return row, f
}

// cellOf returns the column for the path of a fault, such as input.name or input.description.0.text.
func cellOf(path []string, profile UpdateMemberProfileInput) string {
	if list, _ := kit.Given(profile.Description); path[1] == "description" && len(path) > 2 {
		i, _ := strconv.Atoi(path[2])
		return "description_" + strings.ToLower(string(list[i].Locale))
	}
	return columnOf[path[1]]
}

// readProfile reads the profile's texts, the original language first.
func readProfile(f *kit.Faults, cell map[string]string) UpdateMemberProfileInput {
	var in UpdateMemberProfileInput
	for column, to := range map[string]*kit.Opt[string]{"display_name": &in.DisplayName, "website": &in.Website} {
		if cell[column] != "" {
			*to = kit.Some(cell[column])
		}
	}
	if cell["logo_url"] != "" {
		in.Logo = kit.Some(files.DocumentSourceInput{Link: new(cell["logo_url"])})
	}
	var list []kit.TranslationInput
	for _, l := range kit.Locales {
		column := "description_" + strings.ToLower(string(l))
		text := cell[column]
		if text == "" {
			continue
		}
		t := kit.TranslationInput{Locale: l, Text: &text}
		if slices.Contains(strings.Fields(cell["machine"]), string(l)) {
			t.Provenance = new(kit.Machine)
		}
		if string(l) == cell["original"] {
			list = append([]kit.TranslationInput{t}, list...)
		} else {
			list = append(list, t)
		}
	}
	if len(list) > 0 {
		before := len(f.List)
		if kit.ReadEnum(f, "original", cell["original"], kit.Locales); len(f.List) == before && list[0].Locale != kit.Locale(cell["original"]) {
			f.Add(kit.CodeInvalid, "original", "invalid.original", nil)
		}
		in.Description = kit.Some(list)
	}
	for _, l := range strings.Fields(cell["machine"]) {
		kit.ReadEnum(f, "machine", l, kit.Locales)
	}
	return in
}
