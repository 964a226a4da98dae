package applications

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// ImportedApplication is an application that was submitted elsewhere. What its source does not contain is left
// out and flagged: a study group, a contact, a form, the day of submission.
type ImportedApplication struct {
	Name       string
	Category   membership.MembershipCategory
	Country    *kit.ID
	Sectors    []membership.Sector
	StudyGroup *membership.StudyGroup
	Language   kit.Locale
	// SubmittedOn is the day of submission. If the source does not name it, DayUnknown is set and SubmittedOn is
	// another day instead.
	SubmittedOn kit.Date
	DayUnknown  bool
	// Source says where the record comes from.
	Source string
	// Note is why the record is as it is.
	Note *string
}

// Import records an application that was submitted elsewhere, as SUBMITTED. It sends no messages. SECRETARIAT
// only. A missing study group is flagged and not refused, so that old records can be imported as they are; it
// must be added before an approval. The faults are returned as userErrors.
func (s *ApplicationService) Import(ctx context.Context, in ImportedApplication) (*Application, []kit.UserError, error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return nil, nil, err
	}
	var made *Application
	err := s.core.Write(ctx, "importApplications", func(ctx context.Context, note func(kit.Change)) error {
		f := kit.NewFaults(ctx)
		in.check(f, s)
		if err := f.Err(); err != nil {
			return err
		}
		made = &Application{
			ID: s.core.NewID(ApplicationPrefix), Name: &in.Name, Category: &in.Category, CountryID: in.Country, International: in.Country == nil,
			Sectors: append([]membership.Sector{}, in.Sectors...), StudyGroup: in.StudyGroup, Papers: []ApplicationPaper{}, Language: in.Language,
			Status: ApplicationSubmitted, SubmittedOn: &in.SubmittedOn, DayUnknown: in.DayUnknown, Source: &in.Source, Dataset: kit.DatasetOf(ctx),
		}
		s.happen(ctx, made, ApplicationWasSubmitted, in.Note)
		made.Events[0].On = in.SubmittedOn
		var err error
		if made.NextDueOn, err = s.falls(ctx, made); err != nil {
			return err
		}
		if err := s.applications.Insert(ctx, made); err != nil {
			return err
		}
		note(kit.Changed(ApplicationNoun, made, kit.Created, "category", "country", "name", "status"))
		return nil
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return nil, faults, err
	}
	return s.join(ctx, []*Application{made})[0], nil, nil
}

func (in *ImportedApplication) check(f *kit.Faults, s *ApplicationService) {
	f.Line("input.name", &in.Name, 300, true)
	f.Line("input.source", &in.Source, 300, true)
	f.Text("input.note", in.Note, 1000, true)
	if in.Country != nil && s.countries.Get(*in.Country) == nil {
		f.Add(kit.CodeUnknownReference, "input.country", "unknownReference.country", nil)
	}
	if today := s.core.Clock.Today(); in.SubmittedOn > today {
		f.Add(kit.CodeOutOfRange, "input.submittedOn", "outOfRange.after", map[string]string{"date": string(today)})
	}
	if in.Category != membership.Associate && in.StudyGroup != nil {
		f.Add(kit.CodeInvalid, "input.studyGroup", "invalid.studyGroup", nil)
	}
}
