package stage

import (
	"context"

	"memberportal/internal/benefits"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
)

// StoredMember is a member as it is in the store, whoever asks.
func (s Stage) StoredMember(id kit.ID) *membership.Member {
	s.Helper()
	m, err := membership.MemberNoun.In(s.Store).Get(context.Background(), string(id))
	s.Must(err)
	return m
}

// Admit admits an organisation in Uganda by an input that says what else it is.
func (s Stage) Admit(a kit.Actor, change func(in *membership.AdmitMemberInput)) (*membership.AdmitMemberPayload, error) {
	s.Helper()
	in := membership.AdmitMemberInput{Name: "New Telecom", Category: membership.SectorMember, Country: new(kit.ID("cty_UG")), EffectiveOn: "2025-03-31"}
	change(&in)
	return s.Portal.Members.Admit(By(a), in)
}

// Activate activates a member on the fixture's day by an input that says what else.
func (s Stage) Activate(id kit.ID, change func(in *membership.ActivateMemberInput)) (*membership.ActivateMemberPayload, error) {
	s.Helper()
	in := membership.ActivateMemberInput{ID: id, ExpectedVersion: 1, EffectiveOn: "2025-03-31"}
	change(&in)
	return s.Portal.Members.Activate(By(Secretariat), in)
}

// UpdateProfile changes mem_ACTIVE by an input that says what to change.
func (s Stage) UpdateProfile(a kit.Actor, change func(in *membership.UpdateMemberProfileInput)) (*membership.UpdateMemberProfilePayload, error) {
	s.Helper()
	in := membership.UpdateMemberProfileInput{ID: "mem_ACTIVE", ExpectedVersion: int(s.StoredMember("mem_ACTIVE").Version)}
	change(&in)
	return s.Portal.Members.UpdateProfile(By(a), in)
}

// AddDelegate gives a new person a mandate as delegate of mem_ACTIVE, but for what the input says, which the person has
// accepted. The secretariat enters it.
func (s Stage) AddDelegate(change func(in *people.AddDelegateInput)) *people.Mandate {
	s.Helper()
	in := people.AddDelegateInput{Entity: "mem_ACTIVE", Name: "Sarah Nakato", Email: "sarah@example.org"}
	change(&in)
	m, faults, err := s.Portal.Mandates.Enter(By(Secretariat), people.MandateDelegate, in)
	s.Must(err)
	if m == nil {
		s.Fatalf("faults: %v", faults)
	}
	return m
}

// AppointFocalPoint makes usr_DELEGATE a focal point of mem_ACTIVE from a day on.
func (s Stage) AppointFocalPoint(from kit.Date) *people.Mandate {
	s.Helper()
	payload, err := s.Portal.Mandates.AppointFocalPoint(By(Secretariat), people.AppointFocalPointInput{
		Entity: "mem_ACTIVE", Name: "Peter Okot", Email: "delegate@example.org", From: &from,
	})
	s.Must(err)
	if payload.Mandate == nil {
		s.Fatalf("faults: %v", payload.UserErrors)
	}
	return payload.Mandate
}

// EndMandate ends a mandate and gives the faults.
func (s Stage) EndMandate(a kit.Actor, id kit.ID, version int, on kit.Date) []string {
	s.Helper()
	payload, err := s.Portal.Mandates.End(By(a), people.EndMandateInput{ID: id, ExpectedVersion: version, EndsOn: on})
	s.Must(err)
	return FaultsOf(payload.UserErrors)
}

// StoredPerson is a person as it is in the store, whoever asks.
func (s Stage) StoredPerson(id kit.ID) *people.Person {
	s.Helper()
	p, err := people.PersonNoun.In(s.Store).Get(context.Background(), string(id))
	s.Must(err)
	return p
}

// CreateBenefit asks for a benefit by an input that says how it differs from a plain one.
func (s Stage) CreateBenefit(a kit.Actor, change func(in *benefits.CreateBenefitInput)) (*benefits.CreateBenefitPayload, error) {
	s.Helper()
	in := benefits.CreateBenefitInput{
		Code: "NEW_BENEFIT", Kind: "SERVICE", Categories: []membership.MembershipCategory{membership.Associate}, Sectors: []membership.Sector{membership.SectorD},
		Title: English("New benefit"), Description: English("It is new."), HowToUse: English("Use it."), Source: new("Council"),
	}
	change(&in)
	return s.Portal.Benefits.Create(By(a), in)
}

// MakeBenefit makes a benefit as CreateBenefit does, and ends the test if there is none.
func (s Stage) MakeBenefit(change func(in *benefits.CreateBenefitInput)) *benefits.Benefit {
	s.Helper()
	payload, err := s.CreateBenefit(Secretariat, change)
	s.Must(err)
	if len(payload.UserErrors) > 0 || payload.Benefit == nil {
		s.Fatalf("faults: %v", payload.UserErrors)
	}
	return payload.Benefit
}

// RetireBenefit retires a benefit on a day.
func (s Stage) RetireBenefit(id kit.ID, version int, on kit.Date) *benefits.RetireBenefitPayload {
	s.Helper()
	payload, err := s.Portal.Benefits.Retire(By(Secretariat), benefits.RetireBenefitInput{ID: id, ExpectedVersion: version, EffectiveOn: on, Reason: new("Too few used it")})
	s.Must(err)
	return payload
}
