package membership_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit/stage"
)

type activation = membership.ActivateMemberInput

func TestOnlyAPendingMemberIsActivated(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		for id, status := range map[kit.ID]string{
			"mem_ACTIVE": "ACTIVE", "mem_SUSPENDED": "SUSPENDED", "mem_LEAVING": "WITHDRAWN", "mem_WITHDRAWN": "WITHDRAWN", "mem_EXCLUDED": "EXCLUDED",
		} {
			if s.Slow() && id != "mem_LEAVING" {
				continue
			}
			stage.Run(s, string(id), func(s scene) {
				s.Unchanged(id, func() {
					payload, err := s.Activate(id, func(in *activation) { in.EffectiveOn = "2025-06-15" })
					s.Must(err)
					if got := stage.FaultsOf(payload.UserErrors); !slices.Equal(got, []string{"NOT_ALLOWED_IN_STATE input.id"}) || payload.Member != nil {
						s.Fatalf("got %q", got)
					}
					if text := payload.UserErrors[0].Message; !strings.Contains(text, status) || !strings.Contains(text, "PENDING_ACTIVATION") {
						s.Errorf("says %q", text)
					}
				})
			})
		}
		stage.Run(s, "mem_PENDING", func(s scene) {
			before := s.Records()
			payload, err := s.Activate("mem_PENDING", func(in *activation) { in.Reason, in.Evidence = new("fee paid"), []string{"receipt 7"} })
			s.Must(err)
			m := payload.Member
			if len(payload.UserErrors) > 0 || m.Version != 2 || m.Status() != membership.Active || *m.JoinedOn() != "2025-03-31" || len(m.History()) != 2 {
				s.Fatalf("got %+v", payload)
			}
			e := s.StoredMember("mem_PENDING").Events[1]
			if e.Kind != membership.Activated || e.EffectiveOn != "2025-03-31" || e.RecordedAt != "2025-03-31T12:00:00.000Z" || e.Actor != "usr_secretariat" ||
				*e.Reason != "fee paid" || !slices.Equal(e.Evidence, []string{"receipt 7"}) || e.Category != nil {
				s.Errorf("event %s", stage.InJSON(e))
			}
			audit, notices := s.Records().Since(before)
			if len(audit) != 1 || audit[0].Operation != "activateMember" || audit[0].TargetVersion != 2 || !slices.Equal(audit[0].Fields, []string{"events"}) {
				s.Errorf("audit entries %s", stage.InJSON(audit))
			}
			if len(notices) != 1 || notices[0].Target != "mem_PENDING" || notices[0].Kind != kit.Updated {
				s.Errorf("notices %s", stage.InJSON(notices))
			}
			if found := s.list(stage.Nobody, nil); found["mem_PENDING"].status != membership.Active {
				s.Errorf("the public does not find it: %+v", found["mem_PENDING"])
			}
		})
	})
}

func TestTheAuditLogSaysWhyAMemberWasActivated(t *testing.T) {
	s := scene{stage.Embedded(t)}
	before := s.Records()
	_, err := s.Activate("mem_PENDING", func(in *activation) { in.Reason = new("fee paid") })
	s.Must(err)
	audit, _ := s.Records().Since(before)
	if len(audit) != 1 || audit[0].Reason == nil || *audit[0].Reason != "fee paid" {
		t.Errorf("audit entries %s", stage.InJSON(audit))
	}
}

func TestAllFaultsOfAnActivationComeAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		id     kit.ID
		change func(in *activation)
		want   []string
	}{
		"everything": {"mem_LEAVING", func(in *activation) {
			in.ExpectedVersion, in.EffectiveOn, in.Reason, in.Evidence = 9, "2017-12-31", new(strings.Repeat("é", 1001)), slices.Repeat([]string{""}, 21)
		}, append([]string{"CONFLICT input.expectedVersion", "NOT_ALLOWED_IN_STATE input.id", "OUT_OF_RANGE input.effectiveOn"},
			append(slices.Sorted(slices.Values(evidence(21))), "TOO_LONG input.reason")...)},
		"a day before the admission":   {"mem_PENDING", func(in *activation) { in.EffectiveOn = "2014-12-31" }, []string{"OUT_OF_RANGE input.effectiveOn"}},
		"a day too far ahead":          {"mem_PENDING", func(in *activation) { in.EffectiveOn = "2026-04-02" }, []string{"OUT_OF_RANGE input.effectiveOn"}},
		"another version":              {"mem_PENDING", func(in *activation) { in.ExpectedVersion = 0 }, []string{"CONFLICT input.expectedVersion"}},
		"the day of the admission":     {"mem_PENDING", func(in *activation) { in.EffectiveOn = "2015-01-01" }, []string{}},
		"the last day that is allowed": {"mem_PENDING", func(in *activation) { in.EffectiveOn = "2026-04-01" }, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{stage.Embedded(t)}
			try := func() {
				payload, err := s.Activate(c.id, c.change)
				s.Must(err)
				if got := stage.FaultsOf(payload.UserErrors); !slices.Equal(got, c.want) || (payload.Member == nil) != (len(c.want) > 0) {
					s.Errorf("got %q, want %q", got, c.want)
				}
			}
			if len(c.want) == 0 {
				try()
				return
			}
			s.Unchanged(c.id, try)
		})
	}
	s := scene{stage.Embedded(t)}
	_, err := s.Activate("mem_NOBODY", func(*activation) {})
	s.Refused(err, kit.NotFound)
}

// evidence are the faults of n empty items.
func evidence(n int) []string {
	var faults []string
	for i := range n {
		faults = append(faults, "REQUIRED input.evidence."+strconv.Itoa(i))
	}
	return faults
}

func TestAMemberIsNotActivatedTwice(t *testing.T) {
	s := scene{stage.Embedded(t)}
	_, err := s.Activate("mem_PENDING", func(in *activation) { in.EffectiveOn = "2026-01-01" })
	s.Must(err)
	s.Unchanged("mem_PENDING", func() {
		payload, err := s.Activate("mem_PENDING", func(in *activation) { in.ExpectedVersion, in.EffectiveOn = 2, "2026-02-01" })
		s.Must(err)
		if got := stage.FaultsOf(payload.UserErrors); !slices.Equal(got, []string{"NOT_ALLOWED_IN_STATE input.id"}) {
			s.Errorf("got %q", got)
		}
	})
}

func TestNoAuditEntryHoldsAValue(t *testing.T) {
	s := scene{stage.Embedded(t)}
	secrets := []string{"Zenobia Quux", "zenobia@quux.example", "+256 4711", "Geheim GmbH", "https://geheim.example"}
	_, err := s.UpdateProfile(stage.FocalPoint("mem_ACTIVE"), func(in *profileInput) {
		in.Contacts = kit.Some([]membership.ContactInput{{Function: "Geheim GmbH", Name: &secrets[0], Email: secrets[1], Phone: &secrets[2]}})
		in.DisplayName, in.Website = kit.Some(secrets[3]), kit.Some(secrets[4])
	})
	s.Must(err)
	_, err = s.Admit(stage.Secretariat, func(in *admission) { in.Name = secrets[3] })
	s.Must(err)
	records := s.Records()
	text := stage.InJSON(records.Audit) + stage.InJSON(records.Notices)
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%q stands in the audit log or in a notice", secret)
		}
	}
	if !strings.Contains(text, "contacts") {
		t.Error("the audit log does not name the fields")
	}
}
