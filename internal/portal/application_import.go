package portal

import "context"

// ImportedApplication is an application that was submitted elsewhere. What its source does not say is left
// out and flagged: a study group, a contact, a form, the day of submission.
type ImportedApplication struct {
	Name       string
	Category   MembershipCategory
	Country    *ID
	Sectors    []Sector
	StudyGroup *StudyGroup
	Language   Locale
	// SubmittedOn stands in for the day of submission if DayUnknown says that the source does not name it.
	SubmittedOn Date
	DayUnknown  bool
	// Source says where the record comes from.
	Source string
	// Note is why the record is as it is.
	Note *string
}

// Import records an application that was submitted elsewhere, as SUBMITTED. It tells nobody. SECRETARIAT
// only. A missing study group is flagged and not refused, so that an old record can be carried over as it
// is; it must be there before the application can be approved. The faults are those of a payload.
func (s *ApplicationService) Import(ctx context.Context, in ImportedApplication) (*Application, []UserError, error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return nil, nil, err
	}
	var made *Application
	err := s.core.write(ctx, "importApplications", func(ctx context.Context, note func(change)) error {
		f := newFaults(ctx)
		in.check(f, s)
		if err := f.err(); err != nil {
			return err
		}
		made = &Application{
			ID: s.core.newID(applicationPrefix), Name: &in.Name, Category: &in.Category, CountryID: in.Country, International: in.Country == nil,
			Sectors: append([]Sector{}, in.Sectors...), StudyGroup: in.StudyGroup, Papers: []ApplicationPaper{}, Language: in.Language,
			Status: ApplicationSubmitted, SubmittedOn: &in.SubmittedOn, DayUnknown: in.DayUnknown, Source: &in.Source, Dataset: datasetOf(ctx),
		}
		s.happen(ctx, made, ApplicationWasSubmitted, in.Note)
		made.Events[0].On = in.SubmittedOn
		made.NextDueOn = s.falls(made)
		if err := s.applications.Insert(ctx, made); err != nil {
			return err
		}
		note(changed(ApplicationNoun, made, Created, "category", "country", "name", "status"))
		return nil
	})
	if err != nil {
		faults, err := refused(err)
		return nil, faults, err
	}
	return s.join(ctx, []*Application{made})[0], nil, nil
}

func (in *ImportedApplication) check(f *faults, s *ApplicationService) {
	f.line("input.name", &in.Name, 300, true)
	f.line("input.source", &in.Source, 300, true)
	f.text("input.note", in.Note, 1000, true)
	if in.Country != nil && s.countries.Get(*in.Country) == nil {
		f.add(CodeUnknownReference, "input.country", "unknownReference.country", nil)
	}
	if today := s.core.clock.Today(); in.SubmittedOn > today {
		f.add(CodeOutOfRange, "input.submittedOn", "outOfRange.after", map[string]string{"date": string(today)})
	}
	if in.Category != Associate && in.StudyGroup != nil {
		f.add(CodeInvalid, "input.studyGroup", "invalid.studyGroup", nil)
	}
}
