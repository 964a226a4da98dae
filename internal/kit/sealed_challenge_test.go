package kit_test

import (
	"context"
	"testing"
	"time"

	"memberportal/internal/testkit/stage"
)

func TestAChallengeIsGoodForItsPurposeAndItsTimeAndOnce(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		made, expires, err := s.Core.SealedChallenge("a", time.Minute)
		s.Must(err)
		other, _, err := s.Core.SealedChallenge("a", time.Minute)
		s.Must(err)
		if string(made) == string(other) || expires.Time() != s.Wall.Add(time.Minute) || !s.Core.OpenChallenge("a", made) {
			t.Errorf("got %x until %s", made, expires)
		}
		if s.Core.OpenChallenge("b", made) || s.Core.OpenChallenge("a", made[1:]) || s.Core.OpenChallenge("a", nil) {
			t.Error("it is good for what it was not made for")
		}
		for i := range made {
			made[i] ^= 1
			if s.Core.OpenChallenge("a", made) {
				t.Errorf("it is good with another byte %d", i)
			}
			made[i] ^= 1
		}
		spend := func() (first bool) {
			s.Must(s.Core.Transact(t.Context(), func(ctx context.Context) (err error) {
				first, err = s.Core.Spend(ctx, string(made))
				return err
			}))
			return first
		}
		if !spend() || spend() {
			t.Error("it is not good once")
		}
		*s.Wall = s.Wall.Add(time.Minute)
		s.Must(s.Portal.Tidy(t.Context()))
		if s.Core.OpenChallenge("a", made) || spend() {
			t.Error("it is good after its time, or what was used up is forgotten")
		}
	})
}
