package membership

import (
	"context"
	"encoding/csv"
	"io"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// memberColumns has the columns of the members' CSV file in their order. docs/api.md documents them.
var memberColumns = []string{
	"name", "category", "country", "region", "study_group", "sectors", "fee_class", "admitted_on", "activated_on", "dataset", "display_name", "website", "logo_url",
	"original", "description_ar", "description_en", "description_es", "description_fr", "description_ru", "description_zh", "machine",
}

// Export writes all admitted members as CSV, by name, without contacts. SECRETARIAT only.
func (s *MemberService) Export(ctx context.Context, w io.Writer) error {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return err
	}
	plan, err := s.members.Plan(store.Query{Sort: "name"})
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
	if err := out.Write(memberColumns); err != nil {
		return err
	}
	for r := (store.Range{Limit: 500}); ; {
		page, err := s.members.Page(ctx, plan, r)
		if err != nil {
			return err
		}
		for _, m := range page.Docs {
			if err := kit.WriteRow(out, memberColumns, m.cells()); err != nil {
				return err
			}
		}
		if !page.More {
			break
		}
		r.After = page.Tokens[len(page.Tokens)-1]
	}
	out.Flush()
	return out.Error()
}

// cells returns a member's row: its admission, the day of its activation, and its profile.
func (m *Member) cells() map[string]string {
	row := map[string]string{
		"name": m.Name, "dataset": string(m.Dataset), "display_name": kit.Deref(m.StoredDisplayName), "website": kit.Deref(m.Website), "logo_url": kit.Deref(m.LogoURL),
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
