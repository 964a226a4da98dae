package membership

import (
	"context"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// memberColumns has the columns of the members' CSV file in their order. docs/api.md documents them.
var memberColumns = []string{
	"name", "category", "country", "region", "study_group", "sectors", "fee_class", "admitted_on", "activated_on", "dataset", "display_name", "website", "logo_url",
	"original", "description_ar", "description_en", "description_es", "description_fr", "description_ru", "description_zh", "machine",
}

// memberTable says which of memberColumns are days.
func memberTable() []kit.Column {
	columns := kit.TextColumns(memberColumns...)
	for i, c := range columns {
		if strings.HasSuffix(c.Name, "_on") {
			columns[i].Kind = kit.DateCell
		}
	}
	return columns
}

// Export writes all admitted members as a table, by name, without contacts. SECRETARIAT only.
func (s *MemberService) Export(ctx context.Context, to kit.Rows) error {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return err
	}
	return kit.WriteTable(ctx, s.members, store.Query{Sort: "name"}, memberTable(), to, func(_ context.Context, page []*Member) ([]map[string]string, error) {
		return kit.Map(page, (*Member).cells), nil
	})
}

// cells returns a member's row: its admission, the day of its activation, and its profile.
func (m *Member) cells() map[string]string {
	row := map[string]string{
		"name": m.Name, "dataset": string(m.Dataset), "display_name": kit.Deref(m.StoredDisplayName), "website": kit.Deref(m.Website), "logo_url": kit.Deref(m.StoredLogoURL),
	}
	for _, e := range m.Current() {
		switch e.Kind {
		case Admitted:
			row["admitted_on"], row["category"], row["study_group"], row["fee_class"] = string(e.EffectiveOn), kit.Deref(e.Category), kit.Deref(e.StudyGroup), kit.Deref(e.FeeClass)
			row["country"], row["region"], row["sectors"] = strings.TrimPrefix(kit.Deref(e.Country), kit.CountryPrefix+"_"), kit.Deref(e.Region), strings.Join(kit.Strings(e.Sectors), " ")
		case Activated:
			row["activated_on"] = string(e.EffectiveOn)
		}
	}
	if m.Description != nil {
		var machine []string
		for _, tr := range m.Description.Translations {
			row["description_"+strings.ToLower(string(tr.Locale))] = tr.Text
			switch tr.Provenance {
			case kit.Original:
				row["original"] = string(tr.Locale)
			case kit.Machine:
				machine = append(machine, string(tr.Locale))
			}
		}
		row["machine"] = strings.Join(machine, " ")
	}
	return row
}
