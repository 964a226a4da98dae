package statistics

import (
	"memberportal/internal/applications"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// ApplicationState says that an application waited for approval, and what it asked for.
type ApplicationState struct {
	Application, member          int32 // member: the number of the member that it became, -1 for none
	Category, Region, StudyGroup int8
	country                      int16
	rate                         rate
}

// putApplication adds or replaces an application: the days on which it waited, as known on each day.
func (l *Ledger) putApplication(a *applications.Application) {
	i := l.Asked.number(a.ID)
	var recorded []kit.DayNumber
	for _, e := range a.Events {
		recorded = append(recorded, l.core.Clock.DateOf(e.At).Number())
	}
	l.Applications.put(i, recorded, func(known kit.DayNumber) []stretch[ApplicationState] {
		var all []stretch[ApplicationState]
		open := func() *stretch[ApplicationState] {
			if last := len(all) - 1; last >= 0 && all[last].until == kit.Forever {
				return &all[last]
			}
			return nil
		}
		for _, e := range a.Events {
			if l.core.Clock.DateOf(e.At).Number() > known {
				continue
			}
			day, waits := e.On.Number(), open()
			switch e.Kind {
			case applications.ApplicationWasSubmitted, applications.ApplicationWasAmended:
				state := l.asking(i, a, e.Terms)
				if waits != nil && waits.state != state {
					waits.until, waits = day, nil
				}
				if waits == nil {
					all = append(all, stretch[ApplicationState]{day, kit.Forever, state})
				}
			case applications.ApplicationWasApproved, applications.ApplicationDeemedApproved, applications.ApplicationWasObjectedTo, applications.ApplicationWasWithdrawn:
				if waits == nil {
					continue
				}
				if waits.until = day; e.Kind != applications.ApplicationWasObjectedTo && e.Kind != applications.ApplicationWasWithdrawn && a.MemberID != nil {
					waits.state.member = l.IDs.number(*a.MemberID)
				}
			}
		}
		return all
	})
}

// asking returns what an application asked for by the terms of an event. If an earlier release recorded no terms,
// it uses the application as it is now.
func (l *Ledger) asking(number int32, a *applications.Application, t *applications.ApplicationTerms) ApplicationState {
	if t == nil {
		t = a.Asks()
	}
	s := ApplicationState{
		Application: number, member: -1, Category: Place8(membership.MembershipCategories, t.Category), Region: Place8(country.Regions, country.RegionREGINTORG), StudyGroup: -1, country: -1,
	}
	held := membership.MembershipTerms{Category: t.Category}
	if len(t.Sectors) > 0 {
		held.Sectors = t.Sectors
	}
	terms := membership.FeeTerms{Category: t.Category, Sectors: held.Held(), Sme: t.Sme}
	kit.Set(&terms.Class, t.FeeClass)
	if t.Country != nil {
		s.country, terms.Country = l.countries.Number(*t.Country), l.countries.Get(*t.Country)
	}
	if terms.Country != nil {
		s.Region = Place8(country.Regions, terms.Country.Region(a.SubmittedOn))
	}
	if t.StudyGroup != nil {
		s.StudyGroup = Place8(membership.StudyGroups, *t.StudyGroup)
	}
	s.rate = l.rates.of(terms)
	return s
}
