package portal_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/kit"
)

// contribution changes ctr_SENT in the store.
func (s stage) contribution(change func(c *events.Contribution)) *events.Contribution {
	s.Helper()
	all := events.ContributionNoun.In(s.store)
	c, err := all.Get(context.Background(), "ctr_SENT")
	s.must(err)
	change(c)
	s.must(all.Replace(context.Background(), c))
	return c
}

func TestAContributionMovesAsTheTableSays(t *testing.T) {
	const submitted, returned, accepted = events.ContributionSubmitted, events.ContributionReturned, events.ContributionAccepted
	for name, move := range map[string]struct {
		from []events.ContributionStatus
		to   events.ContributionStatus
		do   func(s stage, version int) (*events.Contribution, []kit.UserError)
	}{
		"amend": {[]events.ContributionStatus{submitted, returned}, submitted, func(s stage, version int) (*events.Contribution, []kit.UserError) {
			p, err := s.portal.Contributions.Amend(by(delegate("mem_ACTIVE")), events.AmendContributionInput{ID: "ctr_SENT", ExpectedVersion: version, Title: kit.Some("New")})
			s.must(err)
			return p.Contribution, p.UserErrors
		}},
		"withdraw": {[]events.ContributionStatus{submitted, returned, accepted}, events.ContributionWithdrawn, func(s stage, version int) (*events.Contribution, []kit.UserError) {
			p, err := s.portal.Contributions.Withdraw(by(focalPoint("mem_ACTIVE")), events.WithdrawContributionInput{ID: "ctr_SENT", ExpectedVersion: version})
			s.must(err)
			return p.Contribution, p.UserErrors
		}},
		"accept":  {[]events.ContributionStatus{submitted}, accepted, decided(events.AcceptContribution)},
		"return":  {[]events.ContributionStatus{submitted, accepted}, returned, decided(events.ReturnContribution)},
		"publish": {[]events.ContributionStatus{submitted, accepted}, events.ContributionPublished, decided(events.PublishContribution)},
	} {
		for _, from := range events.ContributionStatuses {
			t.Run(fmt.Sprintf("%s when %s", name, from), func(t *testing.T) {
				s := embedded(t)
				before := s.contribution(func(c *events.Contribution) { c.Status = from })
				got, faults := move.do(s, int(before.Version))
				now, err := events.ContributionNoun.In(s.store).Get(context.Background(), "ctr_SENT")
				s.must(err)
				switch {
				case slices.Contains(move.from, from):
					if got == nil || now.Status != move.to || now.Version != before.Version+1 || now.Changes[len(now.Changes)-1].Status != move.to {
						t.Errorf("stored %s, faults %q", inJSON(now), faultsOf(faults))
					}
				case got != nil || !slices.Equal(faultsOf(faults), []string{"NOT_ALLOWED_IN_STATE input.id"}) || now.Version != before.Version:
					t.Errorf("stored %s, faults %q", inJSON(now), faultsOf(faults))
				}
			})
		}
	}
}

// decided is a decision, with a reason.
func decided(d events.ContributionDecision) func(s stage, version int) (*events.Contribution, []kit.UserError) {
	return func(s stage, version int) (*events.Contribution, []kit.UserError) {
		p, err := s.portal.Contributions.Decide(by(secretariat), events.DecideContributionInput{ID: "ctr_SENT", ExpectedVersion: version, Decision: d, Reason: new("a reason")})
		s.must(err)
		return p.Contribution, p.UserErrors
	}
}

func TestWhatFindsNoRoomAmongTheDocumentsIsNotPublished(t *testing.T) {
	s := embedded(t)
	s.altered("evt_OPEN", func(e *events.Event) {
		for len(e.AllDocuments) < 200 {
			e.AllDocuments = append(e.AllDocuments, e.AllDocuments[0])
		}
	})
	got, faults := decided(events.PublishContribution)(s, 1)
	now, err := events.ContributionNoun.In(s.store).Get(context.Background(), "ctr_SENT")
	s.must(err)
	if got != nil || !slices.Equal(faultsOf(faults), []string{"FULL input"}) || now.Status != events.ContributionSubmitted {
		t.Errorf("stored %s, faults %q", inJSON(now), faultsOf(faults))
	}
}
