package portal

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"memberportal/internal/store"
)

// maxAhead is how many days ahead of today an event may be recorded.
const maxAhead = 366

// AdmitMemberInput admits an organisation. Country is left out for a regional or international
// organisation, which then says region REGINTORG.
type AdmitMemberInput struct {
	IdempotencyKey *string
	Name           string
	Category       MembershipCategory
	Country        *ID
	Region         *Region
	Sectors        []Sector
	StudyGroup     *StudyGroup
	FeeClass       *string
	EffectiveOn    Date
	Reason         *string
	Evidence       []string
}

// AdmitMemberPayload is the new member, or what is wrong.
type AdmitMemberPayload struct {
	Member     *Member
	UserErrors []UserError
}

// ActivateMemberInput activates a member that is pending.
type ActivateMemberInput struct {
	ID              ID
	ExpectedVersion int
	EffectiveOn     Date
	Reason          *string
	Evidence        []string
}

// ActivateMemberPayload is the member as it is now, or what is wrong.
type ActivateMemberPayload struct {
	Member     *Member
	UserErrors []UserError
}

type datasetKey struct{}

// AsDemonstration marks what is recorded with this context as made up. Only the seed uses it.
func AsDemonstration(ctx context.Context) context.Context {
	return context.WithValue(ctx, datasetKey{}, Demonstration)
}

func datasetOf(ctx context.Context) Dataset {
	if d, ok := ctx.Value(datasetKey{}).(Dataset); ok {
		return d
	}
	return Recorded
}

// Admit records a new member as PENDING_ACTIVATION. SECRETARIAT only. An organisation of the same
// name in the same country is a DUPLICATE, a former member too: it is reinstated, not admitted.
func (s *MemberService) Admit(ctx context.Context, in AdmitMemberInput) (*AdmitMemberPayload, error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return nil, err
	}
	id, err := s.create(ctx, "admitMember", in.IdempotencyKey, in, func(ctx context.Context, note func(change)) (ID, error) {
		m, err := s.enter(ctx, note, in, nil)
		if err != nil {
			return "", err
		}
		return m.ID, nil
	})
	if err != nil {
		faults, err := refused(err)
		return &AdmitMemberPayload{UserErrors: faults}, err
	}
	m, err := s.Get(ctx, id)
	return &AdmitMemberPayload{Member: m}, err
}

// enter makes a member of an organisation in the caller's transaction, whoever asks: faults of the input
// come back as an error that refused takes apart, a namesake among them. What came before the admission
// is recorded ahead of it.
func (s *MemberService) enter(ctx context.Context, note func(change), in AdmitMemberInput, prior []LifecycleEvent, contacts ...Contact) (*Member, error) {
	f := newFaults(ctx)
	in.check(f, s)
	if err := s.unique(ctx, f, in); err != nil {
		return nil, err
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	m := s.admitted(ctx, in, prior...)
	m.AllContacts = append(m.AllContacts, contacts...)
	if err := s.noteGuests(ctx, m, note); err != nil {
		return nil, err
	}
	if err := s.members.Insert(ctx, m); err != nil {
		return nil, err
	}
	note(change{noun: MemberNoun.Kind.Name, target: m.ID, version: m.Version, kind: Created, fields: []string{"name", "events"}, reason: in.Reason})
	return m, nil
}

// unique asks for a namesake before the write, so that every server answers alike.
func (s *MemberService) unique(ctx context.Context, f *faults, in AdmitMemberInput) error {
	country := ""
	set(&country, (*string)(in.Country))
	taken, err := s.members.Lookup(ctx, "identity", identity(in.Name, country))
	if err == nil {
		related := ID(taken)
		f.add(CodeDuplicate, "input.name", "duplicate.member", nil).RelatedID = &related
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

func (s *MemberService) admitted(ctx context.Context, in AdmitMemberInput, prior ...LifecycleEvent) *Member {
	m := &Member{ID: s.newID(memberPrefix), Name: strings.TrimSpace(in.Name), Dataset: datasetOf(ctx), SocialLinks: []SocialLink{}, SectorsOfInterest: []Sector{}, AllContacts: []Contact{}}
	region := RegionREGINTORG
	if in.Country != nil {
		region = s.countries.Get(*in.Country).Region(&in.EffectiveOn)
	}
	for _, e := range prior {
		m.record(s, ctx, e)
	}
	m.record(s, ctx, LifecycleEvent{
		Kind: Admitted, EffectiveOn: in.EffectiveOn, Reason: in.Reason, Evidence: in.Evidence,
		Category: &in.Category, Sectors: in.sectors(), StudyGroup: in.StudyGroup, FeeClass: in.FeeClass, Country: in.Country, Region: &region,
	})
	return m
}

// record adds an event with its id, time and actor.
func (m *Member) record(s *MemberService, ctx context.Context, e LifecycleEvent) {
	e.ID, e.RecordedAt, e.Actor = s.newID("evn"), DateTimeOf(s.clock.Now()), ActorOf(ctx).Subject
	m.Events = append(m.Events, e)
}

// sectors are the Sectors of the membership in the order of Sectors: Academia has all three for one
// fee; others have D unless they say more.
func (in AdmitMemberInput) sectors() []Sector {
	if in.Category == Academia {
		return Sectors
	}
	return slices.DeleteFunc(slices.Clone(Sectors), func(s Sector) bool { return s != SectorD && !slices.Contains(in.Sectors, s) })
}

// check finds all faults of the input.
func (in AdmitMemberInput) check(f *faults, s *MemberService) {
	f.idempotencyKey(in.IdempotencyKey)
	f.line("input.name", in.Name, 300, true)
	f.evidence(in.Reason, in.Evidence)
	f.day("input.effectiveOn", in.EffectiveOn, "", s.clock.Today())
	if in.FeeClass != nil {
		f.line("input.feeClass", *in.FeeClass, 50, true)
	}
	in.checkPlace(f, s)
	if in.Category == Associate && in.StudyGroup == nil {
		f.add(CodeRequired, "input.studyGroup", "required.studyGroup", nil)
	}
	if in.Category != Associate && in.StudyGroup != nil {
		f.add(CodeInvalid, "input.studyGroup", "invalid.studyGroup", nil)
	}
	if in.Sectors != nil && !slices.Contains(in.Sectors, SectorD) {
		f.add(CodeInvalid, "input.sectors", "invalid.sectors", nil)
	}
	if in.Category == Academia && in.Sectors != nil && slices.ContainsFunc(Sectors, func(s Sector) bool { return !slices.Contains(in.Sectors, s) }) {
		f.add(CodeInvalid, "input.sectors", "invalid.academiaSectors", nil)
	}
}

// checkPlace holds country and region against each other: an organisation stands in a country and in
// that country's region, or in no country and is REGINTORG.
func (in AdmitMemberInput) checkPlace(f *faults, s *MemberService) {
	international := in.Region != nil && *in.Region == RegionREGINTORG
	if in.Country == nil {
		if !international {
			f.add(CodeRequired, "input.country", "required.country", nil)
		}
		return
	}
	country := s.countries.Get(*in.Country)
	switch {
	case country == nil:
		f.add(CodeUnknownReference, "input.country", "unknownReference.country", nil)
	case in.Region != nil && *in.Region != country.Region(&in.EffectiveOn):
		f.add(CodeInvalid, "input.region", "invalid.region", map[string]string{"region": string(country.Region(&in.EffectiveOn))})
	}
}

// evidence checks why something was recorded.
func (f *faults) evidence(reason *string, evidence []string) {
	if reason != nil {
		f.text("input.reason", *reason, 1000, true)
	}
	f.atMost("input.evidence", len(evidence), 20)
	for i, e := range evidence {
		f.line("input.evidence."+strconv.Itoa(i), e, 500, true)
	}
}

// day checks the day on which an event takes effect: not before another one, nor far ahead.
func (f *faults) day(path string, day, notBefore, today Date) {
	switch latest := today.AddDays(maxAhead); {
	case notBefore != "" && day < notBefore:
		f.add(CodeOutOfRange, path, "outOfRange.before", map[string]string{"date": string(notBefore)})
	case day > latest:
		f.add(CodeOutOfRange, path, "outOfRange.after", map[string]string{"date": string(latest)})
	}
}

// Activate records that a member's rights begin. SECRETARIAT only; the member must be
// PENDING_ACTIVATION, else NOT_ALLOWED_IN_STATE.
func (s *MemberService) Activate(ctx context.Context, in ActivateMemberInput) (*ActivateMemberPayload, error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return nil, err
	}
	m, err := s.amend(ctx, amendment{"activateMember", in.ID, in.ExpectedVersion, in.Reason}, func(m *Member, f *faults) []string {
		f.evidence(in.Reason, in.Evidence)
		f.move(m, Activated, in.EffectiveOn, s.clock.Today())
		m.record(s, ctx, LifecycleEvent{Kind: Activated, EffectiveOn: in.EffectiveOn, Reason: in.Reason, Evidence: in.Evidence})
		return []string{"events"}
	})
	faults, err := refused(err)
	return &ActivateMemberPayload{m, faults}, err
}

// move holds an event against the table of allowed moves, as the member will be after everything
// that is recorded, and against the day of the last event.
func (f *faults) move(m *Member, kind LifecycleKind, day, today Date) {
	current := m.current()
	last := current[len(current)-1].EffectiveOn
	f.day("input.effectiveOn", day, last, today)
	if is := m.on(last).Status; !slices.Contains(moves[kind], is) {
		f.add(CodeNotAllowedInState, "input.id", "notAllowedInState", map[string]string{
			"status": string(is), "allowed": strings.Join(texts(moves[kind]), ", "),
		})
	}
}
