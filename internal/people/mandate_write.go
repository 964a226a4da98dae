package people

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// AddDelegateInput gives a person a mandate as delegate. From is today if it is left out.
type AddDelegateInput struct {
	IdempotencyKey *string
	Entity         kit.ID
	Name           string
	Email          string
	Locale         *kit.Locale
	From           *kit.Date
}

// AddDelegatePayload has the result: Mandate is nil if UserErrors is not empty.
type AddDelegatePayload struct {
	Mandate    *Mandate
	UserErrors []kit.UserError
}

// AppointFocalPointInput gives a person a mandate as focal point. From is today if it is left out.
type AppointFocalPointInput struct {
	IdempotencyKey *string
	Entity         kit.ID
	Name           string
	Email          string
	Locale         *kit.Locale
	From           *kit.Date
}

// AppointFocalPointPayload has the result: Mandate is nil if UserErrors is not empty.
type AppointFocalPointPayload struct {
	Mandate    *Mandate
	UserErrors []kit.UserError
}

// EndMandateInput ends a mandate. EndsOn is the first day on which it no longer holds.
type EndMandateInput struct {
	ID              kit.ID
	ExpectedVersion int
	EndsOn          kit.Date
	Reason          *string
}

// EndMandatePayload has the record after the change: Mandate is nil if UserErrors is not empty.
type EndMandatePayload struct {
	Mandate    *Mandate
	UserErrors []kit.UserError
}

// AddDelegate proposes a mandate as delegate and invites the person, who has it after accepting. A person who acts for
// the entity already gets the mandate at once, if e-mail address and name are those of the record; the address under
// another name is a DUPLICATE. For all others the answer is the same, whether the address is known or not.
// FOCAL_POINT may for its own member, ADMINISTRATION for its own country, SECRETARIAT for all. Others get FORBIDDEN for
// an entity that they may see, and NOT_FOUND otherwise. A second mandate or open invitation of the same role is a
// DUPLICATE. A member that left is NOT_ALLOWED_IN_STATE. An entity with maxInvitations open ones is FULL, and a caller
// who sent too many is RATE_LIMITED.
func (s *MandateService) AddDelegate(ctx context.Context, in AddDelegateInput) (*AddDelegatePayload, error) {
	if err := kit.Require(ctx, kit.RoleFocalPoint, kit.RoleAdministration, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	m, faults, err := s.appoint(ctx, "addDelegate", MandateDelegate, in, s.proposed)
	return &AddDelegatePayload{m, faults}, err
}

// AppointFocalPoint proposes a mandate as focal point, by the rules of AddDelegate. SECRETARIAT only. An entity may
// have several focal points.
func (s *MandateService) AppointFocalPoint(ctx context.Context, in AppointFocalPointInput) (*AppointFocalPointPayload, error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	m, faults, err := s.appoint(ctx, "appointFocalPoint", MandateFocalPoint, AddDelegateInput(in), s.proposed)
	return &AppointFocalPointPayload{m, faults}, err
}

// Enter gives a person a mandate that the person has accepted outside the portal. A recorded person with this address
// and name gets it, or else a new one. SECRETARIAT only. What is wrong is returned as userErrors.
func (s *MandateService) Enter(ctx context.Context, role MandateRole, in AddDelegateInput) (*Mandate, []kit.UserError, error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return nil, nil, err
	}
	return s.appoint(ctx, "enterMandate", role, in, s.entered)
}

// filling says who gets a new mandate. It is given the mandate without a person.
type filling func(ctx context.Context, note func(kit.Change), f *kit.Faults, m *Mandate, in AddDelegateInput) error

func (s *MandateService) appoint(ctx context.Context, operation string, role MandateRole, in AddDelegateInput, fill filling) (*Mandate, []kit.UserError, error) {
	id, err := s.core.Create(ctx, operation, in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		f := kit.NewFaults(ctx)
		if err := s.mayAppoint(ctx, f, in.Entity); err != nil {
			return "", err
		}
		from := s.core.Clock.Today()
		kit.Set(&from, in.From)
		f.IdempotencyKey(in.IdempotencyKey)
		f.Line("input.name", &in.Name, 200, true)
		f.Address("input.email", &in.Email)
		f.Day("input.from", from, "", s.core.Clock.Today())
		m := s.made(ctx, in.Entity, role, from)
		if err := fill(ctx, note, f, m, in); err != nil {
			return "", err
		}
		return m.ID, s.insert(ctx, note, m)
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return nil, faults, err
	}
	m, err := s.Get(ctx, id)
	return m, nil, err
}

// made returns a new mandate without a person.
func (s *MandateService) made(ctx context.Context, entity kit.ID, role MandateRole, from kit.Date) *Mandate {
	return &Mandate{
		ID: s.core.NewID(mandatePrefix), Entity: entity, Role: role, From: from,
		RecordedAt: kit.DateTimeOf(s.core.Clock.Now()), RecordedBy: kit.ActorOf(ctx).Subject, Dataset: kit.DatasetOf(ctx),
	}
}

func (s *MandateService) insert(ctx context.Context, note func(kit.Change), m *Mandate) error {
	if err := s.mandates.Insert(ctx, m); err != nil {
		return err
	}
	fields := []string{"entity", "role", "from"}
	if m.Person != "" {
		fields = append(fields, "person")
	}
	if m.Invitation != nil {
		fields = append(fields, "invitation")
	}
	note(kit.Changed(MandateNoun, m, kit.Created, fields...))
	return nil
}

// proposed gives a new mandate to the named person if the person acts for the entity already, and invites the person
// otherwise.
func (s *MandateService) proposed(ctx context.Context, note func(kit.Change), f *kit.Faults, m *Mandate, in AddDelegateInput) error {
	today, caller, oneself := s.core.Clock.Today(), kit.ActorOf(ctx).Subject, false
	p, err := s.persons.known(ctx, f, in.Name, in.Email, func(p *Person) bool {
		acts := slices.ContainsFunc(p.Mandates, func(h HeldMandate) bool { return h.Entity == m.Entity && h.on(today) != MandateEnded })
		oneself = oneself || p.ID == caller && !acts
		return acts
	})
	if err != nil {
		return err
	}
	if p != nil {
		if err := s.give(ctx, note, f, m, p); err != nil {
			return err
		}
		return s.tellAppointed(ctx, m, p)
	}
	if oneself {
		f.Add(kit.CodeNotEligible, "input.email", "notEligible.selfInvited", nil)
	}
	if err := f.Err(); err != nil {
		return err
	}
	id, err := s.invite(ctx, note, f, m, invitee{in.Name, in.Email, in.Locale}, true)
	if err == nil {
		err = f.Err()
	}
	m.Invitation = &id
	return err
}

// entered gives a new mandate to the named person, recorded or new.
func (s *MandateService) entered(ctx context.Context, note func(kit.Change), f *kit.Faults, m *Mandate, in AddDelegateInput) error {
	p, err := s.persons.known(ctx, f, in.Name, in.Email, func(*Person) bool { return true })
	if err != nil {
		return err
	}
	if p == nil {
		p = s.persons.unrecorded(ctx, in.Name, in.Email, in.Locale)
	}
	return s.give(ctx, note, f, m, p)
}

// give makes a person the holder of a mandate that has none. A mandate of the person in the same role that has not
// ended is a DUPLICATE.
func (s *MandateService) give(ctx context.Context, note func(kit.Change), f *kit.Faults, m *Mandate, p *Person) error {
	mandates, err := s.Between(ctx, p.ID, m.Entity)
	if err != nil {
		return err
	}
	for _, other := range mandates {
		if other.Role == m.Role && other.on(s.core.Clock.Today()) != MandateEnded {
			f.Add(kit.CodeDuplicate, "input.email", "duplicate.mandate", nil).RelatedID = &other.ID
			break
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	m.Person = p.ID
	return s.persons.enrol(ctx, note, p, m.held())
}

// mayAppoint checks that the caller may give mandates for an entity, and that the entity can have mandates.
func (s *MandateService) mayAppoint(ctx context.Context, f *kit.Faults, entity kit.ID) error {
	e, err := s.members.Entity(ctx, entity)
	if err != nil {
		return err
	}
	actor := kit.ActorOf(ctx)
	switch {
	case e == nil:
		return kit.Refuse(kit.NotFound, "notFound", nil)
	case !actor.SpeaksFor(entity) && !actor.Has(kit.MembershipSecretariat):
		return kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	checkMayHaveMandates(f, "input.entity", e)
	return nil
}

// checkMayHaveMandates checks that somebody can act for an entity from now on: it is a country, or a member that
// has not left.
func checkMayHaveMandates(f *kit.Faults, path string, e membership.Entity) {
	allowed := []membership.MembershipStatus{membership.PendingActivation, membership.Active, membership.Suspended}
	if m, ok := e.(*membership.Member); ok && !slices.Contains(allowed, m.Status()) {
		f.Add(kit.CodeNotAllowedInState, path, "notAllowedInState", map[string]string{
			"status": string(m.Status()), "allowed": strings.Join(kit.Strings(allowed), ", "),
		})
	}
}

// End ends a mandate, or moves an end that is to come. FOCAL_POINT may for its own member, ADMINISTRATION for
// delegates of its own country, SECRETARIAT for all. Others get FORBIDDEN for a mandate that they may see, and
// NOT_FOUND otherwise. A mandate that has ended or is proposed is NOT_ALLOWED_IN_STATE: an invitation is withdrawn. So
// is the last mandate of a focal point, except for SECRETARIAT. An open proposal of a hand-over is cancelled.
func (s *MandateService) End(ctx context.Context, in EndMandateInput) (*EndMandatePayload, error) {
	if err := kit.Require(ctx, kit.RoleFocalPoint, kit.RoleAdministration, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	var m *Mandate
	err := s.core.Write(ctx, "endMandate", func(ctx context.Context, note func(kit.Change)) (err error) {
		if m, err = s.end(ctx, in); err == nil {
			err = s.persons.keep(ctx, note, m.Person, m.held())
		}
		if err == nil {
			err = s.tellEnded(ctx, m)
		}
		return err
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &EndMandatePayload{UserErrors: faults}, err
	}
	return &EndMandatePayload{Mandate: m}, nil
}

func (s *MandateService) end(ctx context.Context, in EndMandateInput) (*Mandate, error) {
	last := false
	return kit.Amend(ctx, s.core, MandateNoun, kit.Amendment{Operation: "endMandate", ID: in.ID, Expected: in.ExpectedVersion, Reason: in.Reason}, func(ctx context.Context, m *Mandate) (err error) {
		last, err = s.mayEnd(ctx, m, in.EndsOn)
		return err
	}, func(m *Mandate, f *kit.Faults) []string {
		f.Evidence(in.Reason, nil)
		f.Day("input.endsOn", in.EndsOn, m.From, s.core.Clock.Today())
		switch {
		case m.State() == MandateEnded:
			f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.ended", map[string]string{"date": string(*m.Until)})
		case m.State() == MandateProposed:
			f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.proposed", nil)
		case last:
			f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.lastFocalPoint", nil)
		}
		var fields []string
		kit.Become(&fields, "until", &m.Until, &in.EndsOn)
		kit.Become(&fields, "reason", &m.Reason, kit.Trimmed(in.Reason))
		if len(fields) > 0 {
			fields = append(fields, m.endedBy(ctx, s.core.Clock, m.Reason)...)
		}
		return fields
	})
}

// mayEnd checks that the caller may end a mandate. It says whether the mandate is the last one of a focal point,
// which only the secretariat may end.
func (s *MandateService) mayEnd(ctx context.Context, m *Mandate, on kit.Date) (last bool, err error) {
	actor := kit.ActorOf(ctx)
	switch {
	case !s.show(ctx, m):
		return false, kit.Refuse(kit.NotFound, "notFound", nil)
	case actor.Has(kit.MembershipSecretariat):
		return false, nil
	case actor.Leads(m.Entity):
		return s.last(ctx, m, on)
	case actor.Governs(m.Entity) && m.Role == MandateDelegate:
		return false, nil
	}
	return false, kit.Refuse(kit.Forbidden, "forbidden", nil)
}

// last says whether a focal point's mandate is the last one of its entity: no other one holds on that
// day without an end.
func (s *MandateService) last(ctx context.Context, m *Mandate, on kit.Date) (bool, error) {
	if m.Role != MandateFocalPoint {
		return false, nil
	}
	plan, err := s.mandates.Plan(store.Query{Sort: "from", Any: []store.Where{{
		"entity": {string(m.Entity)}, "role": {string(MandateFocalPoint)}, "state": {string(MandateCurrent), string(MandateComing)},
	}}})
	if err != nil {
		return false, err
	}
	page, err := s.mandates.Page(ctx, plan, store.Range{Limit: store.MaxLimit})
	stays := func(other *Mandate) bool { return other.ID != m.ID && other.Until == nil && other.From <= on }
	return !slices.ContainsFunc(page.Docs, stays), err
}
