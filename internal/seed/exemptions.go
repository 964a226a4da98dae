package seed

import (
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
	"time"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
)

//go:embed fee_exemptions.csv
var exemptionsCSV string

// exemptionSource is where the exemptions of June 2024 come from.
const exemptionSource = "Document TDAG-25/8, section 2.2"

// exemptions makes the organisations that the Council exempted from fees in June 2024, which are real:
// admitted and not activated, with no country, because the source says of none where it is counted.
func (o Options) exemptions(ctx context.Context) error {
	rows, err := csv.NewReader(strings.NewReader(exemptionsCSV)).ReadAll()
	if err != nil {
		return err
	}
	return o.once(ctx, "exemptions", func(ctx context.Context, p *portal.Portal, clock *time.Time) error {
		*clock = time.Date(2024, 7, 1, 9, 0, 0, 0, time.UTC)
		for _, row := range rows[1:] {
			if err := importExemption(ctx, p, row); err != nil {
				return fmt.Errorf("%s: %w", row[0], err)
			}
		}
		return nil
	})
}

// importExemption makes the member of a row and its exemption unless it is there. The columns are name,
// granted_on, session, until, counted_under and note.
func importExemption(ctx context.Context, p *portal.Portal, row []string) error {
	there, err := p.Members.Find(ctx, row[0], nil)
	if err != nil || there != nil {
		return err
	}
	on := kit.Date(row[1])
	admitted, err := p.Members.Admit(ctx, membership.AdmitMemberInput{
		Name: row[0], Category: membership.SectorMember, Region: new(country.RegionREGINTORG), EffectiveOn: on, Reason: &row[5], Evidence: []string{exemptionSource},
	})
	if err != nil || len(admitted.UserErrors) > 0 {
		return fmt.Errorf("admitting: %w %v", err, admitted)
	}
	in := membership.ImportedExemption{
		Member: admitted.Member.ID, Session: row[2], On: on, Until: kit.Date(row[3]), Source: exemptionSource, Note: &row[5],
	}
	if row[4] != "" {
		in.CountedUnder = new(country.Region(row[4]))
	}
	_, faults, err := p.FeeExemptions.Import(ctx, in)
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("%v", faults)
	}
	return err
}
