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

// AddDelegate gives a person a mandate as delegate. FOCAL_POINT may for its own member, ADMINISTRATION for its own
// country, SECRETARIAT for all. Others get FORBIDDEN for an entity that they may see, and NOT_FOUND otherwise. If a
// person with this e-mail address and name is recorded, that person gets the mandate; the address under another
// name is a DUPLICATE. A second mandate of the same role that has not ended is a DUPLICATE too. A member that left
// is NOT_ALLOWED_IN_STATE.
func (s *MandateService) AddDelegate(ctx context.Context, in AddDelegateInput) (*AddDelegatePayload, error) {
	if err := kit.Require(ctx, kit.RoleFocalPoint, kit.RoleAdministration, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	m, faults, err := s.appoint(ctx, "addDelegate", MandateDelegate, in)
	return &AddDelegatePayload{m, faults}, err
}

// AppointFocalPoint gives a person a mandate as focal point, by the rules of AddDelegate. SECRETARIAT
// only. An entity may have several focal points.
func (s *MandateService) AppointFocalPoint(ctx context.Context, in AppointFocalPointInput) (*AppointFocalPointPayload, error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	m, faults, err := s.appoint(ctx, "appointFocalPoint", MandateFocalPoint, AddDelegateInput(in))
	return &AppointFocalPointPayload{m, faults}, err
}

func (s *MandateService) appoint(ctx context.Context, operation string, role MandateRole, in AddDelegateInput) (*Mandate, []kit.UserError, error) {
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
		p, err := s.appointed(ctx, f, role, in)
		if err == nil {
			err = f.Err()
		}
		if err != nil {
			return "", err
		}
		m := &Mandate{
			ID: s.core.NewID(mandatePrefix), Entity: in.Entity, Person: p.ID, Role: role, From: from,
			RecordedAt: kit.DateTimeOf(s.core.Clock.Now()), RecordedBy: kit.ActorOf(ctx).Subject, Dataset: kit.DatasetOf(ctx),
		}
		if err := s.persons.enrol(ctx, note, p, m.held()); err != nil {
			return "", err
		}
		if err := s.mandates.Insert(ctx, m); err != nil {
			return "", err
		}
		note(kit.Changed(MandateNoun, m, kit.Created, "entity", "person", "role", "from"))
		return m.ID, nil
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return nil, faults, err
	}
	m, err := s.Get(ctx, id)
	return m, nil, err
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

// appointed returns the person whom an input names: a recorded one without such a mandate, or a new one.
func (s *MandateService) appointed(ctx context.Context, f *kit.Faults, role MandateRole, in AddDelegateInput) (*Person, error) {
	p, err := s.persons.known(ctx, f, in.Name, in.Email, func(p *Person) bool { return p.seenBy(kit.ActorOf(ctx)) })
	if err != nil {
		return nil, err
	}
	if p == nil {
		return &Person{
			ID: s.core.NewID(personPrefix), Name: kit.Trimmed(&in.Name), Email: &in.Email, Locale: in.Locale, Entities: []kit.ID{}, Dataset: kit.DatasetOf(ctx),
		}, nil
	}
	mandates, err := s.Between(ctx, p.ID, in.Entity)
	for _, m := range mandates {
		if m.Role == role && m.on(s.core.Clock.Today()) != MandateEnded {
			f.Add(kit.CodeDuplicate, "input.email", "duplicate.mandate", nil).RelatedID = &m.ID
			break
		}
	}
	return p, err
}

// End ends a mandate, or moves an end that is to come. FOCAL_POINT may for its own member, ADMINISTRATION for
// delegates of its own country, SECRETARIAT for all. Others get FORBIDDEN for a mandate that they may see, and
// NOT_FOUND otherwise. A mandate that has ended is NOT_ALLOWED_IN_STATE; so is the last mandate of a focal point,
// except for SECRETARIAT. An open proposal of a hand-over is cancelled.
func (s *MandateService) End(ctx context.Context, in EndMandateInput) (*EndMandatePayload, error) {
	if err := kit.Require(ctx, kit.RoleFocalPoint, kit.RoleAdministration, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	var m *Mandate
	err := s.core.Write(ctx, "endMandate", func(ctx context.Context, note func(kit.Change)) (err error) {
		if m, err = s.end(ctx, in); err == nil {
			err = s.persons.keep(ctx, note, m.Person, m.held())
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
