package consultations

import (
	"context"
	"slices"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// FeedbackConnection and FeedbackEdge page through replies.
type (
	FeedbackConnection = kit.Connection[*Feedback]
	FeedbackEdge       = kit.Edge[*Feedback]
)

// FeedbackFilter narrows replies. A nil field does not narrow.
type FeedbackFilter struct {
	Consultation  *kit.ID
	Kinds         []membership.RespondentKind
	Regions       []country.Region
	Capacities    []FeedbackCapacity
	Timeliness    *Timeliness
	Publications  []Publication
	Statuses      []FeedbackStatus
	Tag           *string
	CampaignGroup *string
}

// List pages through replies in the order of their first submission. SECRETARIAT and REVIEWER of the group read all
// replies to the consultation that they name. Without a consultation, those who act for an entity read its own
// replies. Everybody else reads what is published of a closed consultation, in no meaningful order.
func (s *FeedbackService) List(ctx context.Context, filter *FeedbackFilter, args kit.PageArgs) (*FeedbackConnection, error) {
	var f FeedbackFilter
	kit.Set(&f, filter)
	q, err := s.readable(ctx, &f)
	if err != nil {
		return nil, err
	}
	found, err := kit.PageOf(ctx, s.core.Sealer, s.feedback, q, store.Bounds{}, false, args)
	if err != nil {
		return nil, err
	}
	if err := s.show(ctx, found.Nodes()); err != nil {
		return nil, err
	}
	return found, nil
}

// readable is the query for the replies of the filter that the caller may read.
func (s *FeedbackService) readable(ctx context.Context, f *FeedbackFilter) (q store.Query, err error) {
	q.Sort = "at"
	actor := kit.ActorOf(ctx)
	if f.Consultation == nil {
		own := actor.Entities()
		if len(own) == 0 || f.narrow() {
			return q, kit.Refuse(kit.BadUserInput, "feedbackFilter", nil)
		}
		q.Any = f.own(actor, own)
		return q, nil
	}
	c, err := s.consultations.Get(ctx, *f.Consultation)
	if err != nil {
		return q, err
	}
	if c != nil && actor.ReadsAll(c.Group) {
		q.Any, err = f.all(actor)
		return q, err
	}
	if f.Tag != nil || f.CampaignGroup != nil || f.Statuses != nil {
		if err := actor.Require(kit.RoleReviewer, kit.ConsultationsSecretariat); err != nil {
			return q, err
		}
		return q, kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	// Sort by id, which says nothing: the order of submission, with public knowledge of who replied when, would
	// reveal the respondents of anonymised replies.
	q.Sort = ""
	q.Any = f.published(c)
	return q, nil
}

// narrow says whether the filter uses more than capacity, timeliness and status.
func (f *FeedbackFilter) narrow() bool {
	return f.Kinds != nil || f.Regions != nil || f.Publications != nil || f.Tag != nil || f.CampaignGroup != nil
}

// base has the conditions that all queries share.
func (f *FeedbackFilter) base(statuses []FeedbackStatus) store.Where {
	capacities, times := f.Capacities, Timelinesses
	if capacities == nil {
		capacities = FeedbackCapacities
	}
	if f.Timeliness != nil {
		times = []Timeliness{*f.Timeliness}
	}
	w := store.Where{"status": kit.Strings(statuses), "standing": {}}
	for _, c := range capacities {
		for _, t := range times {
			w["standing"] = append(w["standing"], replyStanding(c, t))
		}
	}
	if f.Consultation != nil {
		w["consultation"] = []string{string(*f.Consultation)}
	}
	return w
}

// own is the query for the replies of the actor's entities that it may see. Those who speak for an entity see all; its
// delegates see the official ones here, and their own views with the consultations.
func (f *FeedbackFilter) own(actor kit.Actor, entities []kit.ID) (branches []store.Where) {
	statuses := f.Statuses
	if statuses == nil {
		statuses = []FeedbackStatus{FeedbackSubmitted}
	}
	for _, speaks := range []bool{true, false} {
		of := slices.DeleteFunc(slices.Clone(entities), func(id kit.ID) bool { return actor.SpeaksFor(id) != speaks })
		if len(of) == 0 {
			continue
		}
		seen := *f
		if !speaks {
			seen.Capacities = slices.DeleteFunc(slices.Clone(orAll(f.Capacities, FeedbackCapacities)), func(c FeedbackCapacity) bool { return c != OfficialReply })
		}
		w := seen.base(statuses)
		w["entity"] = kit.Strings(of)
		branches = append(branches, w)
	}
	return branches
}

func orAll[T any](some, all []T) []T {
	if some == nil {
		return all
	}
	return some
}

// all is the query for those who read all replies to a consultation. A reviewer does not see withdrawn replies.
func (f *FeedbackFilter) all(actor kit.Actor) ([]store.Where, error) {
	statuses := orAll(f.Statuses, []FeedbackStatus{FeedbackSubmitted})
	if !actor.Has(kit.ConsultationsSecretariat) {
		statuses = slices.DeleteFunc(slices.Clone(statuses), func(st FeedbackStatus) bool { return st != FeedbackSubmitted })
	}
	w := f.base(statuses)
	others := 0
	for name, values := range map[string][]string{"publication": kit.Strings(f.Publications), "tag": listed(f.Tag), "campaign": listed(f.CampaignGroup)} {
		if len(values) > 0 {
			w[name] = values
			others++
		}
	}
	if f.Kinds != nil {
		w["kind"] = kit.Strings(f.Kinds)
	}
	if f.Regions != nil {
		w["region"] = kit.Strings(f.Regions)
	}
	if (f.Tag != nil || f.CampaignGroup != nil) && (others > 1 || f.Kinds != nil || f.Regions != nil) {
		return nil, kit.Refuse(kit.BadUserInput, "feedbackFilter", nil)
	}
	return []store.Where{w}, nil
}

// published is the query for the published replies to a consultation; c is nil if the caller may not see it. A
// filter by kind, region or timeliness selects attributed replies only, because these facts are not public for
// anonymised ones.
func (f *FeedbackFilter) published(c *Consultation) []store.Where {
	branch := func(p Publication, capacities []FeedbackCapacity) store.Where {
		of := *f
		of.Capacities = capacities
		w := of.base([]FeedbackStatus{FeedbackSubmitted})
		w["publication"] = []string{string(p)}
		return w
	}
	var branches []store.Where
	for _, p := range slices.Compact(slices.Sorted(slices.Values(orAll(f.Publications, Publications)))) {
		capacities := slices.DeleteFunc(slices.Clone(orAll(f.Capacities, FeedbackCapacities)), func(of FeedbackCapacity) bool { return c == nil || !c.publishesAll(of, p) })
		if len(capacities) == 0 || p != Attributed && (f.Kinds != nil || f.Regions != nil || f.Timeliness != nil) {
			continue
		}
		w := branch(p, capacities)
		if f.Kinds != nil {
			w["kind"] = kit.Strings(f.Kinds)
		}
		if f.Regions != nil {
			w["region"] = kit.Strings(f.Regions)
		}
		branches = append(branches, w)
	}
	if branches == nil { // a query without branches asks for everything
		branches = append(branches, branch(Confidential, []FeedbackCapacity{}))
	}
	return branches
}

func listed(s *string) []string {
	if s == nil {
		return nil
	}
	return []string{*s}
}

// ConsultationOf is the consultation that a reply answers. One call serves all replies of a page.
func (s *FeedbackService) ConsultationOf(ctx context.Context, x *Feedback) (*Consultation, error) {
	return kit.Neighbour(ctx, x.with, "consultation", x, func(ctx context.Context, all []*Feedback) ([]*Consultation, error) {
		return s.consultations.ByIDs(ctx, kit.Map(all, func(x *Feedback) kit.ID { return x.ConsultationID }))
	})
}

// EntityOf is the member or State that replied, nil if the reader may not see it. One call serves all replies of a
// page.
func (s *FeedbackService) EntityOf(ctx context.Context, x *Feedback) (membership.Entity, error) {
	return kit.Neighbour(ctx, x.with, "entity", x, func(ctx context.Context, all []*Feedback) ([]membership.Entity, error) {
		return s.members.Entities(ctx, kit.Map(all, func(x *Feedback) kit.ID {
			if x.view < seesAttributed {
				return ""
			}
			return x.EntityID
		}))
	})
}

// PersonOf is the delegate of a view, or the person who submitted the official reply. Only the entity and
// SECRETARIAT see it, others get nil. One call serves all replies of a page.
func (s *FeedbackService) PersonOf(ctx context.Context, x *Feedback) (*people.Person, error) {
	return kit.Neighbour(ctx, x.with, "person", x, func(ctx context.Context, all []*Feedback) ([]*people.Person, error) {
		return s.persons.ByIDs(ctx, kit.Map(all, func(x *Feedback) kit.ID {
			if x.view < seesRecord {
				return ""
			}
			return x.last().By
		}))
	})
}
