package config

import "testing"

func TestSessionsHaveAnEnd(t *testing.T) {
	for name, c := range map[string]struct {
		s      SignIn
		issuer bool
		faults int
	}{
		"the defaults":                  {SignIn{}, false, 0},
		"a day and a week":              {SignIn{SessionIdleDays: 1, SessionDays: 7}, false, 0},
		"an end before it is idle":      {SignIn{SessionIdleDays: 14, SessionDays: 7}, false, 1},
		"more than a year":              {SignIn{SessionIdleDays: 14, SessionDays: 366}, false, 1},
		"less than nothing":             {SignIn{SessionIdleDays: -1, SessionDays: 7}, false, 1},
		"the word of an issuer":         {SignIn{LinkVerifiedEmail: true}, true, 0},
		"the word of an issuer of none": {SignIn{LinkVerifiedEmail: true}, false, 1},
	} {
		if got := c.s.faults(c.issuer); len(got) != c.faults {
			t.Errorf("%s: %v", name, got)
		}
	}
}
