package applications

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// DueDiligenceQueue counts the applications that wait for an administration, and for how long they wait.
type DueDiligenceQueue struct {
	Country *country.Country
	Waiting int
	// StandIns counts the applications whose day of submission is unknown, so that their days are counted from
	// SubmittedOn, which is another day.
	StandIns int
	// MedianDays is the mean of the two middle values if their number is even.
	MedianDays  float64
	LongestDays int
	// Oldest is the application that has waited longest.
	Oldest *Application
}

// DueDiligence returns the queues of administrations for which applications wait, the longest wait first.
// SECRETARIAT sees all queues, or those of the given countries. An ADMINISTRATION sees its own queue; another
// country is FORBIDDEN. An unknown country is BAD_USER_INPUT.
func (s *ApplicationService) DueDiligence(ctx context.Context, countries []kit.ID) ([]DueDiligenceQueue, error) {
	actor := kit.ActorOf(ctx)
	if err := actor.Require(kit.RoleAdministration, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	if err := s.known(countries); err != nil {
		return nil, err
	}
	waits := ApplicationFilter{Awaiting: []kit.Role{kit.RoleAdministration}}
	where := store.Where{"stage": waits.stages()}
	if !actor.Has(kit.MembershipSecretariat) {
		if slices.ContainsFunc(countries, func(id kit.ID) bool { return !actor.Governs(id) }) {
			return nil, kit.Refuse(kit.Forbidden, "forbidden", nil)
		}
		where["country"] = kit.Strings(actor.Governed())
	}
	byCountry := map[kit.ID][]*Application{}
	err := kit.EachPage(ctx, s.applications, store.Query{Any: []store.Where{where}, Sort: "submittedOn"}, store.MaxLimit-1, func(page []*Application) error {
		for _, a := range page {
			if countries == nil || slices.Contains(countries, *a.CountryID) {
				byCountry[*a.CountryID] = append(byCountry[*a.CountryID], a)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.queues(ctx, byCountry), nil
}

func (s *ApplicationService) queues(ctx context.Context, byCountry map[kit.ID][]*Application) []DueDiligenceQueue {
	queues, oldest := []DueDiligenceQueue{}, []*Application{}
	for id, waiting := range byCountry {
		for _, a := range waiting {
			s.show(ctx, a, "")
		}
		slices.SortFunc(waiting, func(a, b *Application) int {
			return cmp.Or(cmp.Compare(a.view.waiting.Days, b.view.waiting.Days), strings.Compare(string(b.ID), string(a.ID)))
		})
		days, n := kit.Map(waiting, func(a *Application) int { return a.view.waiting.Days }), len(waiting)
		q := DueDiligenceQueue{
			Country: s.countries.Get(id), Waiting: n, MedianDays: float64(days[(n-1)/2]+days[n/2]) / 2, LongestDays: days[n-1], Oldest: waiting[n-1],
		}
		for _, a := range waiting {
			if a.DayUnknown {
				q.StandIns++
			}
		}
		queues, oldest = append(queues, q), append(oldest, q.Oldest)
	}
	s.join(ctx, oldest)
	slices.SortFunc(queues, func(a, b DueDiligenceQueue) int {
		return cmp.Or(cmp.Compare(b.LongestDays, a.LongestDays), strings.Compare(string(a.Country.ID), string(b.Country.ID)))
	})
	return queues
}
