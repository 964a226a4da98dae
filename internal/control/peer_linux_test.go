package control

import "testing"

func TestOnlyTheServersUserAndRootMayAsk(t *testing.T) {
	for _, c := range []struct {
		asker, server int
		may           bool
	}{{1000, 1000, true}, {0, 1000, true}, {0, 0, true}, {1001, 1000, false}, {1000, 0, false}} {
		if err := allowed(c.asker, c.server); (err == nil) != c.may {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
