package portal_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// keyed admits under an idempotency key.
func (s stage) keyed(a kit.Actor, key, name string) *membership.AdmitMemberPayload {
	s.Helper()
	payload, err := s.admit(a, func(in *admission) { in.IdempotencyKey, in.Name = &key, name })
	s.must(err)
	return payload
}

func TestARequestSentAgainMakesNothingNew(t *testing.T) {
	onEngines(t, func(s stage) {
		first := s.keyed(secretariat, "key", "First")
		if first.Member == nil {
			s.Fatalf("faults: %v", first.UserErrors)
		}
		s.run("the same request gives the same member", func(s stage) {
			s.unchanged(first.Member.ID, func() {
				again := s.keyed(secretariat, "key", "First")
				if again.Member == nil || again.Member.ID != first.Member.ID || again.Member.Version != 1 {
					s.Errorf("got %s", inJSON(again))
				}
			})
		})
		s.run("in another language too", func(s stage) {
			key := "key"
			in := admission{IdempotencyKey: &key, Name: "First", Category: membership.SectorMember, Country: new(kit.ID("cty_UG")), EffectiveOn: "2025-03-31"}
			again, err := s.portal.Members.Admit(kit.WithLocale(by(secretariat), kit.Arabic), in)
			s.must(err)
			if again.Member == nil || again.Member.ID != first.Member.ID {
				s.Errorf("got %s", inJSON(again))
			}
		})
		s.run("another request under the key is refused", func(s stage) {
			s.unchanged(first.Member.ID, func() {
				other := s.keyed(secretariat, "key", "Second")
				if got := faultsOf(other.UserErrors); !slices.Equal(got, []string{"IDEMPOTENCY_KEY_REUSED input.idempotencyKey"}) || other.Member != nil {
					s.Errorf("got %q", got)
				}
			})
		})
		s.run("another person's key is another key", func(s stage) {
			other := s.keyed(person("colleague", kit.RoleSecretariat), "key", "Third")
			if other.Member == nil || other.Member.ID == first.Member.ID {
				s.Errorf("got %s", inJSON(other))
			}
		})
		s.run("the answer is the member as it is now", func(s stage) {
			_, err := s.activate(first.Member.ID, func(*activation) {})
			s.must(err)
			if again := s.keyed(secretariat, "key", "First"); again.Member == nil || again.Member.Version != 2 || again.Member.Status() != membership.Active {
				s.Errorf("got %s", inJSON(again))
			}
		})
		s.run("who lost the role gets nothing", func(s stage) {
			former := secretariat
			former.Roles = []kit.Role{kit.RoleOperator}
			payload, err := s.admit(former, func(in *admission) { in.IdempotencyKey, in.Name = new("key"), "First" })
			s.refused(err, kit.Forbidden)
			if payload != nil {
				s.Errorf("got %s", inJSON(payload))
			}
		})
		s.run("the key is remembered for 24 hours of the machine's time", func(s stage) {
			*s.wall = s.wall.Add(24*time.Hour - time.Millisecond)
			if other := s.keyed(secretariat, "key", "Fourth"); other.Member != nil {
				s.Fatal("forgotten too early")
			}
			*s.wall = s.wall.Add(time.Millisecond)
			other := s.keyed(secretariat, "key", "Fourth")
			if other.Member == nil || other.Member.ID == first.Member.ID {
				s.Fatalf("remembered too long: %v", other.UserErrors)
			}
			if again := s.keyed(secretariat, "key", "Fourth"); again.Member == nil || again.Member.ID != other.Member.ID {
				s.Errorf("got %s", inJSON(again))
			}
		})
	})
}

func TestARefusedRequestLeavesTheKeyFree(t *testing.T) {
	onEngines(t, func(s stage) {
		s.unchanged("mem_ACTIVE", func() {
			if refused := s.keyed(secretariat, "key", " "); len(refused.UserErrors) != 1 {
				s.Errorf("got %v", refused.UserErrors)
			}
		})
		if mended := s.keyed(secretariat, "key", "Mended"); mended.Member == nil {
			s.Errorf("got %v", mended.UserErrors)
		}
	})
}

func TestWithoutAKeyEveryRequestIsItsOwn(t *testing.T) {
	s := embedded(t)
	before := s.records()
	for _, name := range []string{"One", "Two"} {
		_, err := s.admit(secretariat, func(in *admission) { in.Name = name })
		s.must(err)
	}
	if now := s.records(); now.members != before.members+2 || now.repeats != before.repeats {
		t.Errorf("%d members, %d repeats", now.members-before.members, now.repeats-before.repeats)
	}
}

func TestConcurrentRequestsUnderOneKeyMakeOneMember(t *testing.T) {
	onEngines(t, func(s stage) {
		before := s.records()
		ids, errs := make([]kit.ID, 8), make([]error, 8)
		var all sync.WaitGroup
		for i := range ids {
			all.Go(func() {
				in := admission{IdempotencyKey: new("key"), Name: "Once", Category: membership.SectorMember, Country: new(kit.ID("cty_UG")), EffectiveOn: "2025-03-31"}
				payload, err := s.portal.Members.Admit(by(secretariat), in)
				if errs[i] = err; err == nil && payload.Member != nil {
					ids[i] = payload.Member.ID
				}
			})
		}
		all.Wait()
		for i := range ids {
			if errs[i] != nil || ids[i] == "" || ids[i] != ids[0] {
				s.Errorf("request %d got %q, %v; the first got %q", i, ids[i], errs[i], ids[0])
			}
		}
		now := s.records()
		audit, notices := now.since(before)
		if now.members != before.members+1 || now.repeats != before.repeats+1 || len(audit) != 1 || len(notices) != 1 {
			s.Errorf("made %d members, %d audit entries, %d notices", now.members-before.members, len(audit), len(notices))
		}
	})
}

func TestWhatIsKeptOfARequestIsItsHash(t *testing.T) {
	s := embedded(t)
	s.keyed(secretariat, "my secret key", "Geheim GmbH")
	kept := all(s, kit.RepeatNoun.In(s.store), "at")
	if len(kept) != 1 || len(kept[0].ID) != 64 || len(kept[0].InputHash) != 64 || kept[0].At != "2025-03-31T12:00:00.000Z" {
		t.Errorf("kept %s", inJSON(kept))
	}
	if s.stored(kept[0].Result).Name != "Geheim GmbH" {
		t.Errorf("the result is %s", kept[0].Result)
	}
}
