package portal

import "context"

// The versions of records are for those who may change them, because a change must name the version that
// it saw. A version also moves with what others may not know, so that for them it is nil.

func shownVersion(version *int64, may bool) *int64 {
	if !may {
		return nil
	}
	return version
}

// keptBySecretariat is a version that SECRETARIAT alone has a use for.
func keptBySecretariat(ctx context.Context, version *int64) *int64 {
	return shownVersion(version, ActorOf(ctx).Has(RoleSecretariat))
}

// ShownVersion is the version for SECRETARIAT, nil for others.
func (b *Benefit) ShownVersion(ctx context.Context) *int64 {
	return keptBySecretariat(ctx, &b.Version)
}

// ShownVersion is the version for SECRETARIAT, nil for others.
func (s *EventSeries) ShownVersion(ctx context.Context) *int64 {
	return keptBySecretariat(ctx, &s.Version)
}

// ShownVersion is the version for SECRETARIAT, nil for others.
func (e *Event) ShownVersion(ctx context.Context) *int64 { return keptBySecretariat(ctx, &e.Version) }

// ShownVersion is the version for SECRETARIAT, nil for others.
func (i *EventInvitation) ShownVersion(ctx context.Context) *int64 {
	return keptBySecretariat(ctx, &i.Version)
}

// ShownVersion is the version for SECRETARIAT, nil for others.
func (c *Consultation) ShownVersion(ctx context.Context) *int64 {
	return keptBySecretariat(ctx, &c.Version)
}

// ShownVersion is the version for SECRETARIAT, nil for others.
func (x *ServiceFeedback) ShownVersion(ctx context.Context) *int64 {
	return keptBySecretariat(ctx, &x.Version)
}

// ShownVersion is the version for SECRETARIAT, nil for others.
func (i *Invoice) ShownVersion(ctx context.Context) *int64 { return keptBySecretariat(ctx, &i.Version) }

// ShownVersion is the version for SECRETARIAT, nil for others.
func (x *FeeExemption) ShownVersion(ctx context.Context) *int64 {
	return keptBySecretariat(ctx, &x.Version)
}

// ShownVersion is the version for SECRETARIAT and the member's focal points, nil for others.
func (m *Member) ShownVersion(ctx context.Context) *int64 {
	a := ActorOf(ctx)
	return shownVersion(&m.Version, a.Has(RoleSecretariat) || a.leads(m.ID))
}

// ShownVersion is the version for SECRETARIAT and the member's focal points, nil for others.
func (x *MembershipChangeRequest) ShownVersion(ctx context.Context) *int64 {
	a := ActorOf(ctx)
	return shownVersion(&x.Version, a.Has(RoleSecretariat) || a.leads(x.Member))
}

// ShownVersion is the version for SECRETARIAT and the person, nil for others.
func (p *Person) ShownVersion(ctx context.Context) *int64 {
	a := ActorOf(ctx)
	return shownVersion(&p.Version, a.Has(RoleSecretariat) || a.Subject == p.ID)
}

// ShownVersion is the version for SECRETARIAT, whoever speaks for the member or State, the person, and the
// person to whom the mandate is to pass; nil for others.
func (m *Mandate) ShownVersion(ctx context.Context) *int64 {
	a := ActorOf(ctx)
	takes := m.HandOver != nil && m.HandOver.To == a.Subject
	return shownVersion(&m.Version, a.Has(RoleSecretariat) || a.speaksFor(m.Entity) || m.Person == a.Subject || takes)
}

// ShownVersion is the version for SECRETARIAT and whoever may cancel the registration, nil for others.
func (r *Registration) ShownVersion(ctx context.Context) *int64 {
	return shownVersion(&r.Version, r.may(ActorOf(ctx)))
}

// ShownVersion is the version for SECRETARIAT and those who act for the member or State, nil for others.
func (c *Contribution) ShownVersion(ctx context.Context) *int64 {
	return shownVersion(&c.Version, c.may(ActorOf(ctx)))
}

// ShownVersion is the version for whoever speaks for the member or State, nil for others.
func (l *CalendarLink) ShownVersion(ctx context.Context) *int64 {
	return shownVersion(&l.Version, ActorOf(ctx).speaksFor(l.EntityID))
}

// ShownVersion is the version for SECRETARIAT and reviewers of the group that the statement comes from, nil
// for others.
func (l *LiaisonStatement) ShownVersion(ctx context.Context) *int64 {
	return shownVersion(&l.Version, mayRecord(ctx, l.Source) == nil)
}

// ShownVersion is the version for SECRETARIAT and the group's reviewers, nil for others.
func (y *Synthesis) ShownVersion(ctx context.Context) *int64 {
	return shownVersion(&y.Version, ActorOf(ctx).readsAll(y.Group))
}

// ShownVersion is the version for the applicant, the deciding side and SECRETARIAT, nil for others.
func (a *Application) ShownVersion(ctx context.Context) *int64 {
	actor := ActorOf(ctx)
	return shownVersion(&a.Version, a.view.deciding || actor.Has(RoleSecretariat) || actor.appliesBy(a.ID))
}
