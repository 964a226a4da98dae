package stage

import (
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/portal"
)

// OnDay puts the domain clock at noon of the day that day has when somebody looks at the clock.
func OnDay(day *kit.Date) func(*portal.Options) {
	return func(o *portal.Options) {
		o.Clock = kit.NewClock(func() time.Time { at, _ := time.Parse(time.DateOnly, string(*day)); return at.Add(12 * time.Hour) }, time.UTC)
	}
}

// Tick runs the clock as the operator and gives by its target what was due, without what is listed until somebody
// decides.
func (s Stage) Tick(dry bool) (of map[kit.ID]kit.Due) {
	s.Helper()
	all, err := s.Portal.Tick(By(Operator), dry)
	s.Must(err)
	of = map[kit.ID]kit.Due{}
	for _, due := range all {
		if due.Kind != kit.DueSuspension {
			of[due.Target] = due
		}
	}
	return of
}

// Erase erases registrations, and persons some days after their last mandate, as the operator.
func (s Stage) Erase(personsAfter int, dry bool) portal.Erased {
	s.Helper()
	done, err := s.Portal.Erase(By(Operator), personsAfter, dry)
	s.Must(err)
	return done
}
