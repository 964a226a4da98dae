package events_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/testkit/stage"
)

// contribution changes ctr_SENT in the store.
func (s scene) contribution(change func(c *events.Contribution)) *events.Contribution {
	s.Helper()
	all := events.ContributionNoun.In(s.Store)
	c, err := all.Get(context.Background(), "ctr_SENT")
	s.Must(err)
	change(c)
	s.Must(all.Replace(context.Background(), c))
	return c
}

func TestAContributionMovesAsTheTableSays(t *testing.T) {
	const submitted, returned, accepted = events.ContributionSubmitted, events.ContributionReturned, events.ContributionAccepted
	for name, move := range map[string]struct {
		from []events.ContributionStatus
		to   events.ContributionStatus
		do   func(s scene, version int) (*events.Contribution, []kit.UserError)
	}{
		"amend": {[]events.ContributionStatus{submitted, returned}, submitted, func(s scene, version int) (*events.Contribution, []kit.UserError) {
			p, err := s.Portal.Contributions.Amend(stage.By(stage.Delegate("mem_ACTIVE")), events.AmendContributionInput{ID: "ctr_SENT", ExpectedVersion: version, Title: kit.Some("New")})
			s.Must(err)
			return p.Contribution, p.UserErrors
		}},
		"withdraw": {[]events.ContributionStatus{submitted, returned, accepted}, events.ContributionWithdrawn, func(s scene, version int) (*events.Contribution, []kit.UserError) {
			p, err := s.Portal.Contributions.Withdraw(stage.By(stage.FocalPoint("mem_ACTIVE")), events.WithdrawContributionInput{ID: "ctr_SENT", ExpectedVersion: version})
			s.Must(err)
			return p.Contribution, p.UserErrors
		}},
		"accept":  {[]events.ContributionStatus{submitted}, accepted, decided(events.AcceptContribution)},
		"return":  {[]events.ContributionStatus{submitted, accepted}, returned, decided(events.ReturnContribution)},
		"publish": {[]events.ContributionStatus{submitted, accepted}, events.ContributionPublished, decided(events.PublishContribution)},
	} {
		for _, from := range events.ContributionStatuses {
			t.Run(fmt.Sprintf("%s when %s", name, from), func(t *testing.T) {
				s := scene{stage.Embedded(t)}
				before := s.contribution(func(c *events.Contribution) { c.Status = from })
				got, faults := move.do(s, int(before.Version))
				now, err := events.ContributionNoun.In(s.Store).Get(context.Background(), "ctr_SENT")
				s.Must(err)
				switch {
				case slices.Contains(move.from, from):
					if got == nil || now.Status != move.to || now.Version != before.Version+1 || now.Changes[len(now.Changes)-1].Status != move.to {
						t.Errorf("stored %s, faults %q", stage.InJSON(now), stage.FaultsOf(faults))
					}
				case got != nil || !slices.Equal(stage.FaultsOf(faults), []string{"NOT_ALLOWED_IN_STATE input.id"}) || now.Version != before.Version:
					t.Errorf("stored %s, faults %q", stage.InJSON(now), stage.FaultsOf(faults))
				}
			})
		}
	}
}

// decided is a decision, with a reason.
func decided(d events.ContributionDecision) func(s scene, version int) (*events.Contribution, []kit.UserError) {
	return func(s scene, version int) (*events.Contribution, []kit.UserError) {
		p, err := s.Portal.Contributions.Decide(stage.By(stage.Secretariat), events.DecideContributionInput{ID: "ctr_SENT", ExpectedVersion: version, Decision: d, Reason: new("a reason")})
		s.Must(err)
		return p.Contribution, p.UserErrors
	}
}

func TestWhatFindsNoRoomAmongTheDocumentsIsNotPublished(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.altered("evt_OPEN", func(e *events.Event) {
		for len(e.StoredDocuments) < 200 {
			e.StoredDocuments = append(e.StoredDocuments, e.StoredDocuments[0])
		}
	})
	got, faults := decided(events.PublishContribution)(s, 1)
	now, err := events.ContributionNoun.In(s.Store).Get(context.Background(), "ctr_SENT")
	s.Must(err)
	if got != nil || !slices.Equal(stage.FaultsOf(faults), []string{"FULL input"}) || now.Status != events.ContributionSubmitted {
		t.Errorf("stored %s, faults %q", stage.InJSON(now), stage.FaultsOf(faults))
	}
}
