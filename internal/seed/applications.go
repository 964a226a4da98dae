package seed

import (
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"time"

	"memberportal/internal/applications"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
)

//go:embed pending_approvals.csv
var pendingCSV string

// pendingSource is where the applications that waited at the end of March 2025 come from.
const pendingSource = "Document TDAG-25/8, section 2.3"

// pendingSubmittedOn stands in for the days of submission, which the source does not name: a day before
// the list was made and long enough ahead of every term.
const pendingSubmittedOn kit.Date = "2025-01-15"

// Applicant is the application that a demonstration's applicant has begun. Its id follows from the seed.
const Applicant kit.ID = "app_01JQ3P2NM02ZKV7KQBSNAG1FPQ"

// applications makes those that waited for their administrations, which are real, as far as their
// countries are in the list. The source names no contact, no form and no day of submission, and of one
// Associate no study group; the records are flagged and nothing is made up for them.
func (o Options) applications(ctx context.Context) error {
	rows, err := csv.NewReader(strings.NewReader(pendingCSV)).ReadAll()
	if err != nil {
		return err
	}
	return o.once(ctx, "applications", func(ctx context.Context, p *portal.Portal, clock *time.Time) error {
		*clock = time.Date(2025, 2, 3, 9, 0, 0, 0, time.UTC)
		for _, row := range rows[1:] {
			if !slices.ContainsFunc(o.Countries, func(c *country.Country) bool { return c.ISO2 == row[2] }) {
				continue
			}
			if err := importPending(ctx, p, row); err != nil {
				return fmt.Errorf("%s: %w", row[1], err)
			}
		}
		return nil
	})
}

// importPending makes the application of a row unless it is there. The columns are n, name,
// country_iso2, region, category, study_group and developing.
func importPending(ctx context.Context, p *portal.Portal, row []string) error {
	country := kit.CountryID(row[2])
	there, err := p.Applications.List(ctx, &applications.ApplicationFilter{Countries: []kit.ID{country}}, kit.PageArgs{First: new(kit.MaxPage)})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(there.Nodes(), func(a *applications.Application) bool { return *a.Name == row[1] && a.Source != nil }) {
		return nil
	}
	in := applications.ImportedApplication{
		Name: row[1], Category: membership.MembershipCategory(row[4]), Country: &country, Language: kit.English,
		SubmittedOn: pendingSubmittedOn, DayUnknown: true, Source: pendingSource,
		Note: new("The source names no day of submission; this one stands in for it."),
	}
	if row[5] != "" {
		in.StudyGroup = new(membership.StudyGroup(row[5]))
	}
	_, faults, err := p.Applications.Import(ctx, in)
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("%v", faults)
	}
	return err
}

// applicant begins the demonstration's draft and writes a little of it.
func (o Options) applicant(ctx context.Context) error {
	if !slices.ContainsFunc(o.Countries, func(c *country.Country) bool { return c.ISO2 == "UG" }) {
		return nil
	}
	return o.once(ctx, "applicant", func(ctx context.Context, p *portal.Portal, clock *time.Time) error {
		*clock = time.Date(2025, 3, 24, 9, 0, 0, 0, time.UTC)
		if there, err := ApplicantIn(ctx, p); err != nil || there != "" {
			return err
		}
		id, err := p.Applications.Begin(ctx, "applicant@applicant.example", kit.English)
		if err != nil {
			return err
		}
		saved, err := p.Applications.Save(asApplicant(ctx, id), applications.SaveApplicationInput{
			ID: id, ExpectedVersion: 1, Name: kit.Some("Demo Applicant Networks"), Category: kit.Some(membership.SectorMember), Country: kit.Some(kit.CountryID("UG")),
			Contact: kit.Some(applications.ApplicationContactInput{Name: new("Robin Juniper"), Function: new("Regulatory affairs")}),
		})
		if err == nil && len(saved.UserErrors) > 0 {
			err = fmt.Errorf("%v", saved.UserErrors)
		}
		return err
	})
}

// ApplicantIn is the demonstration's application if a store has it, else empty.
func ApplicantIn(ctx context.Context, p *portal.Portal) (kit.ID, error) {
	found, err := p.Applications.ByIDs(asApplicant(ctx, Applicant), []kit.ID{Applicant})
	if err != nil || found[0] == nil {
		return "", err
	}
	return Applicant, nil
}

func asApplicant(ctx context.Context, id kit.ID) context.Context {
	return kit.WithActor(ctx, kit.Actor{Subject: kit.ID("usr_" + string(id)), Roles: []kit.Role{kit.RoleApplicant}, Application: id})
}
