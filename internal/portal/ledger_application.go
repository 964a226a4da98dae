package portal

import "memberportal/internal/kit"

// applicationState says that an application waited for its approval, and for what it asked.
type applicationState struct {
	application, member          int32 // member is the one that it became, -1 for none
	category, region, studyGroup int8
	country                      int16
	rate                         rate
}

// putApplication takes in an application: on which days it waited, as was known.
func (l *ledger) putApplication(a *Application) {
	i := l.asked.number(a.ID)
	var recorded []kit.DayNumber
	for _, e := range a.Events {
		recorded = append(recorded, l.core.Clock.DateOf(e.At).Number())
	}
	l.applications.put(i, recorded, func(known kit.DayNumber) []stretch[applicationState] {
		var all []stretch[applicationState]
		open := func() *stretch[applicationState] {
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
			case ApplicationWasSubmitted, ApplicationWasAmended:
				state := l.asking(i, a, e.Terms)
				if waits != nil && waits.state != state {
					waits.until, waits = day, nil
				}
				if waits == nil {
					all = append(all, stretch[applicationState]{day, kit.Forever, state})
				}
			case ApplicationWasApproved, ApplicationDeemedApproved, ApplicationWasObjectedTo, ApplicationWasWithdrawn:
				if waits == nil {
					continue
				}
				if waits.until = day; e.Kind != ApplicationWasObjectedTo && e.Kind != ApplicationWasWithdrawn && a.MemberID != nil {
					waits.state.member = l.ids.number(*a.MemberID)
				}
			}
		}
		return all
	})
}

// asking is what an application asked for by the terms of an event; by what it asks for now if an earlier
// release recorded none.
func (l *ledger) asking(number int32, a *Application, t *ApplicationTerms) applicationState {
	if t == nil {
		t = a.asks()
	}
	s := applicationState{
		application: number, member: -1, category: place8(MembershipCategories, t.Category), region: place8(Regions, RegionREGINTORG), studyGroup: -1, country: -1,
	}
	held := membershipTerms{category: t.Category}
	if len(t.Sectors) > 0 {
		held.sectors = t.Sectors
	}
	terms := feeTerms{category: t.Category, sectors: held.held(), sme: t.Sme}
	kit.Set(&terms.class, t.FeeClass)
	if t.Country != nil {
		s.country, terms.country = l.countries.number(*t.Country), l.countries.Get(*t.Country)
	}
	if terms.country != nil {
		s.region = place8(Regions, terms.country.Region(a.SubmittedOn))
	}
	if t.StudyGroup != nil {
		s.studyGroup = place8(StudyGroups, *t.StudyGroup)
	}
	s.rate = l.rates.of(terms)
	return s
}
