package kit_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit/stage"
)

// keyed admits under an idempotency key.
func (s scene) keyed(a kit.Actor, key, name string) *membership.AdmitMemberPayload {
	s.Helper()
	payload, err := s.Admit(a, func(in *membership.AdmitMemberInput) { in.IdempotencyKey, in.Name = &key, name })
	s.Must(err)
	return payload
}

func TestARequestSentAgainMakesNothingNew(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		first := s.keyed(stage.Secretariat, "key", "First")
		if first.Member == nil {
			s.Fatalf("faults: %v", first.UserErrors)
		}
		stage.Run(s, "the same request gives the same member", func(s scene) {
			s.Unchanged(first.Member.ID, func() {
				again := s.keyed(stage.Secretariat, "key", "First")
				if again.Member == nil || again.Member.ID != first.Member.ID || again.Member.Version != 1 {
					s.Errorf("got %s", stage.InJSON(again))
				}
			})
		})
		stage.Run(s, "in another language too", func(s scene) {
			key := "key"
			in := membership.AdmitMemberInput{IdempotencyKey: &key, Name: "First", Category: membership.SectorMember, Country: new(kit.ID("cty_UG")), EffectiveOn: "2025-03-31"}
			again, err := s.Portal.Members.Admit(kit.WithLocale(stage.By(stage.Secretariat), kit.Arabic), in)
			s.Must(err)
			if again.Member == nil || again.Member.ID != first.Member.ID {
				s.Errorf("got %s", stage.InJSON(again))
			}
		})
		stage.Run(s, "another request under the key is refused", func(s scene) {
			s.Unchanged(first.Member.ID, func() {
				other := s.keyed(stage.Secretariat, "key", "Second")
				if got := stage.FaultsOf(other.UserErrors); !slices.Equal(got, []string{"IDEMPOTENCY_KEY_REUSED input.idempotencyKey"}) || other.Member != nil {
					s.Errorf("got %q", got)
				}
			})
		})
		stage.Run(s, "another person's key is another key", func(s scene) {
			other := s.keyed(stage.Person("colleague", kit.RoleSecretariat), "key", "Third")
			if other.Member == nil || other.Member.ID == first.Member.ID {
				s.Errorf("got %s", stage.InJSON(other))
			}
		})
		stage.Run(s, "the answer is the member as it is now", func(s scene) {
			_, err := s.Activate(first.Member.ID, func(*membership.ActivateMemberInput) {})
			s.Must(err)
			if again := s.keyed(stage.Secretariat, "key", "First"); again.Member == nil || again.Member.Version != 2 || again.Member.Status() != membership.Active {
				s.Errorf("got %s", stage.InJSON(again))
			}
		})
		stage.Run(s, "who lost the role gets nothing", func(s scene) {
			former := stage.Secretariat
			former.Roles = []kit.Role{kit.RoleOperator}
			payload, err := s.Admit(former, func(in *membership.AdmitMemberInput) { in.IdempotencyKey, in.Name = new("key"), "First" })
			s.Refused(err, kit.Forbidden)
			if payload != nil {
				s.Errorf("got %s", stage.InJSON(payload))
			}
		})
		stage.Run(s, "the key is remembered for 24 hours of the machine's time", func(s scene) {
			*s.Wall = s.Wall.Add(24*time.Hour - time.Millisecond)
			if other := s.keyed(stage.Secretariat, "key", "Fourth"); other.Member != nil {
				s.Fatal("forgotten too early")
			}
			*s.Wall = s.Wall.Add(time.Millisecond)
			other := s.keyed(stage.Secretariat, "key", "Fourth")
			if other.Member == nil || other.Member.ID == first.Member.ID {
				s.Fatalf("remembered too long: %v", other.UserErrors)
			}
			if again := s.keyed(stage.Secretariat, "key", "Fourth"); again.Member == nil || again.Member.ID != other.Member.ID {
				s.Errorf("got %s", stage.InJSON(again))
			}
		})
	})
}

func TestARefusedRequestLeavesTheKeyFree(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.Unchanged("mem_ACTIVE", func() {
			if refused := s.keyed(stage.Secretariat, "key", " "); len(refused.UserErrors) != 1 {
				s.Errorf("got %v", refused.UserErrors)
			}
		})
		if mended := s.keyed(stage.Secretariat, "key", "Mended"); mended.Member == nil {
			s.Errorf("got %v", mended.UserErrors)
		}
	})
}

func TestWithoutAKeyEveryRequestIsItsOwn(t *testing.T) {
	s := scene{stage.Embedded(t)}
	before := s.Records()
	for _, name := range []string{"One", "Two"} {
		_, err := s.Admit(stage.Secretariat, func(in *membership.AdmitMemberInput) { in.Name = name })
		s.Must(err)
	}
	if now := s.Records(); now.Members != before.Members+2 || now.Repeats != before.Repeats {
		t.Errorf("%d members, %d repeats", now.Members-before.Members, now.Repeats-before.Repeats)
	}
}

func TestConcurrentRequestsUnderOneKeyMakeOneMember(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		before := s.Records()
		ids, errs := make([]kit.ID, 8), make([]error, 8)
		var all sync.WaitGroup
		for i := range ids {
			all.Go(func() {
				in := membership.AdmitMemberInput{IdempotencyKey: new("key"), Name: "Once", Category: membership.SectorMember, Country: new(kit.ID("cty_UG")), EffectiveOn: "2025-03-31"}
				payload, err := s.Portal.Members.Admit(stage.By(stage.Secretariat), in)
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
		now := s.Records()
		audit, notices := now.Since(before)
		if now.Members != before.Members+1 || now.Repeats != before.Repeats+1 || len(audit) != 1 || len(notices) != 1 {
			s.Errorf("made %d members, %d audit entries, %d notices", now.Members-before.Members, len(audit), len(notices))
		}
	})
}

func TestWhatIsKeptOfARequestIsItsHash(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.keyed(stage.Secretariat, "my secret key", "Geheim GmbH")
	kept := stage.All(s, kit.RepeatNoun.In(s.Store), "at")
	if len(kept) != 1 || len(kept[0].ID) != 64 || len(kept[0].InputHash) != 64 || kept[0].At != "2025-03-31T12:00:00.000Z" {
		t.Errorf("kept %s", stage.InJSON(kept))
	}
	if s.StoredMember(kept[0].Result).Name != "Geheim GmbH" {
		t.Errorf("the result is %s", kept[0].Result)
	}
}
