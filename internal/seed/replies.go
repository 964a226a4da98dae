package seed

import (
	"context"
	"fmt"
	"slices"
	"time"

	"memberportal/internal/consultations"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/portal"
)

// hearing takes the replies to a consultation.
type hearing struct {
	o     Options
	p     *portal.Portal
	clock *time.Time
	c     consultation
	id    kit.ID
	// tagged are the replies by their tags.
	tagged map[string][]kit.ID
}

// respondent is who acts for a member or State.
type respondent struct {
	entity kit.ID
	actor  kit.Actor
}

// reply is what a respondent hands in. One that is sorted has tags.
type reply struct {
	by          respondent
	at          time.Time
	capacity    consultations.FeedbackCapacity
	publication consultations.Publication
	language    kit.Locale
	answers     []consultations.FeedbackAnswerInput
	tags        []string
	campaign    *string
}

// members are the focal points of the first members that belonged when the consultation was opened and
// have one, n at most. With a role other than that of a focal point it is who has that role last.
func (h hearing) members(ctx context.Context, n int, role kit.Role) ([]respondent, error) {
	places := newPlaces(h.o.Countries)
	var found []respondent
	for _, i := range h.o.active(withPeople) {
		r := places.record(i)
		if len(found) == n {
			break
		}
		if !r.activated.AddDate(0, 0, 7).Before(dayOf(h.c.Opened)) {
			continue
		}
		m, err := find(ctx, h.p, r)
		if err != nil {
			return nil, err
		}
		if m == nil {
			continue
		}
		person, err := h.person(ctx, m.ID, role)
		if err != nil {
			return nil, err
		}
		if person != "" {
			found = append(found, respondent{m.ID, kit.ActingFor(person, role, m.ID)})
		}
	}
	return found, nil
}

// states are the administrations of countries, without those for which nobody acts.
func (h hearing) states(ctx context.Context, isos ...string) ([]respondent, error) {
	var found []respondent
	for _, iso := range isos {
		person, err := h.person(ctx, kit.CountryID(iso), kit.RoleAdministration)
		if err != nil {
			return nil, err
		}
		if person != "" {
			found = append(found, respondent{kit.CountryID(iso), kit.ActingFor(person, kit.RoleAdministration, kit.CountryID(iso))})
		}
	}
	return found, nil
}

// person is who last got a mandate with which to act in a role for an entity, and still has it.
func (h hearing) person(ctx context.Context, entity kit.ID, role kit.Role) (kit.ID, error) {
	mandates, err := h.p.Mandates.List(ctx, entity, nil, kit.PageArgs{First: new(kit.MaxPage)})
	if err != nil {
		return "", err
	}
	for _, m := range slices.Backward(mandates.Nodes()) {
		if m.State() == people.MandateCurrent && (m.Role == people.MandateFocalPoint) == (role != kit.RoleDelegate) {
			return m.Person, nil
		}
	}
	return "", nil
}

// open has members and States reply, all but the member that is shown, whose delegate has begun a draft.
func (h hearing) open(ctx context.Context) error {
	members, err := h.members(ctx, 1+openReplies, kit.RoleFocalPoint)
	if err != nil || len(members) == 0 {
		return err
	}
	states, err := h.states(ctx, openStates...)
	if err != nil {
		return err
	}
	start := dayOf(h.c.Opened).AddDate(0, 0, 1)
	for n, by := range append(members[1:], states...) {
		language := kit.Locales[n%len(kit.Locales)]
		if err := h.hand(ctx, reply{
			by: by, at: start.Add(time.Duration(n) * 32 * time.Hour), capacity: consultations.OfficialReply, language: language, answers: h.answers(n, language),
			publication: []consultations.Publication{consultations.Attributed, consultations.Attributed, consultations.Anonymised, consultations.Attributed, consultations.Confidential}[n%5],
		}); err != nil {
			return err
		}
	}
	shown, err := h.members(ctx, 1, kit.RoleDelegate)
	if err != nil || len(shown) == 0 || shown[0].entity != members[0].entity {
		return err
	}
	*h.clock = start.AddDate(0, 0, 24)
	const draft = "STAY_1A"
	saved, err := h.p.Feedback.SaveDraft(kit.WithActor(ctx, shown[0].actor), consultations.SaveFeedbackDraftInput{
		Consultation: h.id, Entity: &shown[0].entity, Capacity: consultations.OfficialReply,
		Answers: []consultations.FeedbackAnswerInput{{Question: draft, Text: new(h.c.Answers[draft][kit.English])}},
	})
	if err != nil || len(saved.UserErrors) > 0 {
		return fmt.Errorf("saving a draft: %w %v", err, saved)
	}
	return nil
}

// whole has members and States reply, closes the consultation, and says what came of it.
func (h hearing) whole(ctx context.Context) error {
	replies, err := h.script(ctx)
	if err != nil {
		return err
	}
	for _, r := range replies {
		if err := h.hand(ctx, r); err != nil {
			return err
		}
	}
	*h.clock = dayOf(*h.c.Closed)
	now, err := h.p.Consultations.ByCode(ctx, h.c.Code)
	if err != nil {
		return err
	}
	closed, err := h.p.Consultations.Close(ctx, consultations.CloseConsultationInput{ID: h.id, ExpectedVersion: int(now.Version)})
	if err != nil || len(closed.UserErrors) > 0 {
		return fmt.Errorf("closing: %w %v", err, closed)
	}
	return h.conclude(ctx)
}

// script is who replies what to the consultation that is over, in the order of time: four members with
// one text, a minority, confidential and anonymised replies, late ones, and the view of a delegate.
func (h hearing) script(ctx context.Context) ([]reply, error) {
	members, err := h.members(ctx, closedReplies, kit.RoleFocalPoint)
	if err != nil {
		return nil, err
	}
	states, err := h.states(ctx, append(slices.Clone(inTimeStates), lateState)...)
	if err != nil {
		return nil, err
	}
	delegates, err := h.members(ctx, 1, kit.RoleDelegate)
	if err != nil {
		return nil, err
	}
	var all []reply
	at := dayOf(h.c.Opened)
	add := func(n int, by respondent) *reply {
		at = at.Add(36 * time.Hour)
		language := kit.Locales[n%len(kit.Locales)]
		all = append(all, reply{by: by, at: at, capacity: consultations.OfficialReply, publication: consultations.Attributed, language: language, answers: h.answers(n, language)})
		return &all[len(all)-1]
	}
	for n, by := range members {
		r := add(n, by)
		switch n {
		case 1, 2, 3, 4:
			r.language, r.campaign = kit.English, new(Campaign)
			r.answers = h.said(consultations.PositionSupport, 1, consultations.PositionMixed, h.c.Campaign)
		case 5:
			r.language = kit.English
			r.answers = h.said(consultations.PositionOppose, 5, consultations.PositionOppose, h.c.Minority)
		case 6, 7:
			r.publication = consultations.Confidential
		case 8, 9, 10, 12, 13: // enough to be published, with their texts, where so many have persons
			r.publication, r.language, r.answers = consultations.Anonymised, kit.English, h.answers(n, kit.English)
		case 11:
			r.at = dayOf("2025-03-05")
		}
	}
	for n, by := range states {
		if r := add(closedReplies+n, by); by.entity == kit.CountryID(lateState) {
			r.at = dayOf("2025-03-10")
		}
	}
	for i := range all {
		all[i].tags = tagsOf(all[i].answers)
	}
	for _, by := range delegates {
		r := add(0, by)
		r.capacity, r.language = consultations.DelegateView, kit.English
		r.answers = h.said(consultations.PositionMixed, 2, consultations.PositionSupport, "Demonstration answer: the view of one delegate, who speaks for nobody else.")
	}
	slices.SortStableFunc(all, func(a, b reply) int { return a.at.Compare(b.at) })
	return all, nil
}
