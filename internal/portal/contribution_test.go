package portal_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/portal"
)

// contribution changes ctr_SENT in the store.
func (s stage) contribution(change func(c *portal.Contribution)) *portal.Contribution {
	s.Helper()
	all := portal.ContributionNoun.In(s.store)
	c, err := all.Get(context.Background(), "ctr_SENT")
	s.must(err)
	change(c)
	s.must(all.Replace(context.Background(), c))
	return c
}

func TestAContributionMovesAsTheTableSays(t *testing.T) {
	const submitted, returned, accepted = portal.ContributionSubmitted, portal.ContributionReturned, portal.ContributionAccepted
	for name, move := range map[string]struct {
		from []portal.ContributionStatus
		to   portal.ContributionStatus
		do   func(s stage, version int) (*portal.Contribution, []kit.UserError)
	}{
		"amend": {[]portal.ContributionStatus{submitted, returned}, submitted, func(s stage, version int) (*portal.Contribution, []kit.UserError) {
			p, err := s.portal.Contributions.Amend(by(delegate("mem_ACTIVE")), portal.AmendContributionInput{ID: "ctr_SENT", ExpectedVersion: version, Title: kit.Some("New")})
			s.must(err)
			return p.Contribution, p.UserErrors
		}},
		"withdraw": {[]portal.ContributionStatus{submitted, returned, accepted}, portal.ContributionWithdrawn, func(s stage, version int) (*portal.Contribution, []kit.UserError) {
			p, err := s.portal.Contributions.Withdraw(by(focalPoint("mem_ACTIVE")), portal.WithdrawContributionInput{ID: "ctr_SENT", ExpectedVersion: version})
			s.must(err)
			return p.Contribution, p.UserErrors
		}},
		"accept":  {[]portal.ContributionStatus{submitted}, accepted, decided(portal.AcceptContribution)},
		"return":  {[]portal.ContributionStatus{submitted, accepted}, returned, decided(portal.ReturnContribution)},
		"publish": {[]portal.ContributionStatus{submitted, accepted}, portal.ContributionPublished, decided(portal.PublishContribution)},
	} {
		for _, from := range portal.ContributionStatuses {
			t.Run(fmt.Sprintf("%s when %s", name, from), func(t *testing.T) {
				s := embedded(t)
				before := s.contribution(func(c *portal.Contribution) { c.Status = from })
				got, faults := move.do(s, int(before.Version))
				now, err := portal.ContributionNoun.In(s.store).Get(context.Background(), "ctr_SENT")
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
func decided(d portal.ContributionDecision) func(s stage, version int) (*portal.Contribution, []kit.UserError) {
	return func(s stage, version int) (*portal.Contribution, []kit.UserError) {
		p, err := s.portal.Contributions.Decide(by(secretariat), portal.DecideContributionInput{ID: "ctr_SENT", ExpectedVersion: version, Decision: d, Reason: new("a reason")})
		s.must(err)
		return p.Contribution, p.UserErrors
	}
}

func TestWhatFindsNoRoomAmongTheDocumentsIsNotPublished(t *testing.T) {
	s := embedded(t)
	s.altered("evt_OPEN", func(e *portal.Event) {
		for len(e.AllDocuments) < 200 {
			e.AllDocuments = append(e.AllDocuments, e.AllDocuments[0])
		}
	})
	got, faults := decided(portal.PublishContribution)(s, 1)
	now, err := portal.ContributionNoun.In(s.store).Get(context.Background(), "ctr_SENT")
	s.must(err)
	if got != nil || !slices.Equal(faultsOf(faults), []string{"FULL input"}) || now.Status != portal.ContributionSubmitted {
		t.Errorf("stored %s, faults %q", inJSON(now), faultsOf(faults))
	}
}
