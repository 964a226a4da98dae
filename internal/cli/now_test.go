package cli_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/testkit"
)

// testbed is a data folder whose store holds the members of testkit and no other.
func testbed(t *testing.T) string {
	t.Helper()
	data, ctx := t.TempDir(), context.Background()
	s, err := sqlitestore.Open(ctx, filepath.Join(data, "portal.db"), sqlitestore.Options{Holder: "test"})
	must(t, err)
	session, err := store.Begin(ctx, s, portal.Kinds(), string(testkit.Today), true)
	must(t, err)
	must(t, membership.MemberNoun.In(s).Insert(ctx, testkit.Members()...))
	must(t, people.PersonNoun.In(s).Insert(ctx, testkit.Staff()...))
	must(t, session.End(ctx))
	must(t, s.Close())
	return data
}

func TestFixedDayMovesWhatIsTrueToday(t *testing.T) {
	data := testbed(t)
	listed := func(t *testing.T, s *server, token string) map[string]string {
		statuses := map[string]string{}
		for _, m := range ask[directory](t, s, token, directoryQuery).Members.Nodes {
			statuses[m.ID] = m.Status
		}
		return statuses
	}
	type leaving struct {
		Member *struct{ Status, LeavesOn string }
	}
	const query = `{ member(id: "mem_LEAVING") { status leavesOn } }`
	// Forward over the day and back again, over one store.
	for _, day := range []struct {
		now, public, secretariat string
	}{
		{"2025-06-14", "ACTIVE", "ACTIVE"},
		{"2025-06-15", "", "WITHDRAWN"},
		{"2025-06-14T21:59:59Z", "ACTIVE", "ACTIVE"},
		{"2025-06-14T22:00:00Z", "", "WITHDRAWN"}, // midnight in Zurich
		{"2017-12-31", "", "PENDING_ACTIVATION"},
		{"2025-06-14", "ACTIVE", "ACTIVE"},
	} {
		t.Run("on "+day.now, func(t *testing.T) {
			s := serve(t, anyPort, "--data", data, "--demo-members=0", "--now", day.now)
			defer s.stop(t)
			if got := listed(t, s, "")["mem_LEAVING"]; got != day.public {
				t.Errorf("the public sees it %q, want %q", got, day.public)
			}
			token := s.tokens()["SECRETARIAT"]
			if got := listed(t, s, token)["mem_LEAVING"]; got != day.secretariat {
				t.Errorf("the secretariat sees it %q, want %q", got, day.secretariat)
			}
			one := ask[leaving](t, s, token, query).Member
			if one == nil || one.Status != day.secretariat || (one.LeavesOn == "2025-06-15") != (one.Status == "ACTIVE") {
				t.Errorf("got %+v", one)
			}
			if public := ask[leaving](t, s, "", query).Member; (public != nil) != (day.public != "") || public != nil && public.LeavesOn != "" {
				t.Errorf("the public gets %+v", public)
			}
		})
	}
	t.Run("and check agrees afterwards", func(t *testing.T) {
		_, stdout, _ := command(t, "check", "--data", data)
		if stdout != "no faults\n" {
			t.Error(stdout)
		}
	})
}

func TestServeKeepsMembersThatAreThere(t *testing.T) {
	s := serve(t, anyPort, "--data", testbed(t), "--now", "2025-03-31")
	defer s.stop(t)
	var ids []string
	for _, m := range ask[directory](t, s, s.tokens()["SECRETARIAT"], directoryQuery).Members.Nodes {
		ids = append(ids, m.ID)
	}
	want := []string{"mem_ACTIVE", "mem_EXCLUDED", "mem_EXEMPT", "mem_INTERNATIONAL", "mem_LEAVING", "mem_PENDING", "mem_SUSPENDED", "mem_UNPAID", "mem_WITHDRAWN"}
	if slices.Sort(ids); !slices.Equal(ids, want) {
		t.Errorf("got %v", ids)
	}
}

func TestTokensDoNotCareForTheFixedDay(t *testing.T) {
	for _, day := range []string{"2020-01-01", "2099-12-31"} {
		s := serve(t, anyPort, "--data", copied(t), "--now", day)
		if v := ask[viewer](t, s, s.tokens()["OPERATOR"], viewerQuery).Viewer; !slices.Equal(v.Roles, []kit.Role{kit.RoleOperator}) {
			t.Errorf("on %s: %+v", day, v)
		}
		s.stop(t)
	}
}
