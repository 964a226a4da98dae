package membership_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit/stage"
)

type admission = membership.AdmitMemberInput

func TestAnAdmissionIsStoredAndRecorded(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(in *admission)
		region  country.Region
		sectors []membership.Sector
	}{
		"a Sector Member has the Sector D": {func(*admission) {}, country.RegionAFR, []membership.Sector{membership.SectorD}},
		"a Sector Member may have others": {func(in *admission) {
			in.Sectors = []membership.Sector{membership.SectorD, membership.SectorR, membership.SectorD}
			in.Region, in.FeeClass, in.Evidence = new(country.RegionAFR), new("1/2"), []string{"Council 2025, decision 7"}
		}, country.RegionAFR, []membership.Sector{membership.SectorR, membership.SectorD}},
		"Academia has all three Sectors": {func(in *admission) { in.Category = membership.Academia }, country.RegionAFR, membership.Sectors},
		"an Associate has its study group": {func(in *admission) {
			in.Category, in.StudyGroup = membership.Associate, new(membership.SG2)
		}, country.RegionAFR, []membership.Sector{membership.SectorD}},
		"an international organisation is in no country": {func(in *admission) {
			in.Country, in.Region = nil, new(country.RegionREGINTORG)
		}, country.RegionREGINTORG, []membership.Sector{membership.SectorD}},
		"an admission may lie ahead": {func(in *admission) { in.EffectiveOn = "2026-04-01" }, country.RegionAFR, []membership.Sector{membership.SectorD}},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{stage.Embedded(t)}
			before := s.Records()
			var in admission
			payload, err := s.Admit(stage.Secretariat, func(i *admission) { i.Reason = new("decided"); c.change(i); in = *i })
			s.Must(err)
			m := payload.Member
			if len(payload.UserErrors) > 0 || m == nil {
				t.Fatalf("faults: %v", payload.UserErrors)
			}
			stored := s.StoredMember(m.ID)
			e := stored.Events[0]
			if stored.Version != 1 || stored.Name != "New Telecom" || stored.Dataset != kit.Recorded || len(stored.Events) != 1 || !strings.HasPrefix(string(m.ID), "mem_") {
				t.Errorf("stored %s", stage.InJSON(stored))
			}
			want := membership.LifecycleEvent{
				ID: e.ID, Kind: membership.Admitted, EffectiveOn: in.EffectiveOn, RecordedAt: "2025-03-31T12:00:00.000Z", Actor: "usr_secretariat",
				Reason: in.Reason, Evidence: in.Evidence, Category: &in.Category, Sectors: c.sectors, FeeClass: in.FeeClass, StudyGroup: in.StudyGroup,
				Country: in.Country, Region: &c.region,
			}
			if !reflect.DeepEqual(e, want) || e.ID == "" {
				t.Errorf("event %s, want %s", stage.InJSON(e), stage.InJSON(want))
			}
			if m.Status() != membership.PendingActivation || m.Region() != c.region || (m.Country() == nil) != (in.Country == nil) || m.JoinedOn() != nil {
				t.Errorf("answered %s in %s", m.Status(), m.Region())
			}
			audit, notices := s.Records().Since(before)
			if len(audit) != 1 || audit[0].Operation != "admitMember" || audit[0].TargetID != m.ID || audit[0].TargetVersion != 1 ||
				!slices.Equal(audit[0].Fields, []string{"events", "name"}) || audit[0].Reason == nil || *audit[0].Reason != "decided" {
				t.Errorf("audit entries %s", stage.InJSON(audit))
			}
			if len(notices) != 1 || notices[0].Target != m.ID || notices[0].Kind != kit.Created || notices[0].Noun != "members" || notices[0].TargetVersion != 1 {
				t.Errorf("notices %s", stage.InJSON(notices))
			}
		})
	}
}

func TestAllFaultsOfAnAdmissionComeAtOnce(t *testing.T) {
	manyAndLong := append(slices.Repeat([]string{"x"}, 20), strings.Repeat("é", 501))
	for name, c := range map[string]struct {
		change func(in *admission)
		want   []string
	}{
		"everything": {func(in *admission) {
			in.Name, in.Reason, in.Evidence, in.EffectiveOn = strings.Repeat("é", 301), new(strings.Repeat("é", 1001)), manyAndLong, "2026-04-02"
			in.FeeClass, in.Country, in.StudyGroup, in.Sectors = new(strings.Repeat("1", 51)), new(kit.ID("cty_XX")), new(membership.SG1), []membership.Sector{membership.SectorR}
		}, []string{
			"INVALID input.sectors", "INVALID input.studyGroup", "OUT_OF_RANGE input.effectiveOn", "TOO_LONG input.evidence.20",
			"TOO_LONG input.feeClass", "TOO_LONG input.name", "TOO_LONG input.reason", "UNKNOWN_REFERENCE input.country",
		}},
		"a bad key among others": {func(in *admission) { in.IdempotencyKey, in.Name = new(strings.Repeat("k", 129)), " " },
			[]string{"REQUIRED input.name", "TOO_LONG input.idempotencyKey"}},
		"empty texts": {func(in *admission) {
			in.Name, in.Reason, in.FeeClass, in.Evidence = "", new(""), new(" "), []string{""}
		},
			[]string{"REQUIRED input.evidence.0", "REQUIRED input.feeClass", "REQUIRED input.name", "REQUIRED input.reason"}},
		"a name in two lines":                         {func(in *admission) { in.Name = "New\nTelecom" }, []string{"INVALID input.name"}},
		"no country and no region":                    {func(in *admission) { in.Country = nil }, []string{"REQUIRED input.country"}},
		"a country's region without the country":      {func(in *admission) { in.Country, in.Region = nil, new(country.RegionAFR) }, []string{"REQUIRED input.country"}},
		"another region than the country's":           {func(in *admission) { in.Region = new(country.RegionEUR) }, []string{"INVALID input.region"}},
		"a country for an international organisation": {func(in *admission) { in.Region = new(country.RegionREGINTORG) }, []string{"INVALID input.region"}},
		"a member's id as country":                    {func(in *admission) { in.Country = new(kit.ID("mem_ACTIVE")) }, []string{"UNKNOWN_REFERENCE input.country"}},
		"an Associate without a study group":          {func(in *admission) { in.Category = membership.Associate }, []string{"REQUIRED input.studyGroup"}},
		"Academia with a study group":                 {func(in *admission) { in.Category, in.StudyGroup = membership.Academia, new(membership.SG1) }, []string{"INVALID input.studyGroup"}},
		"Academia in two Sectors": {func(in *admission) {
			in.Category, in.Sectors = membership.Academia, []membership.Sector{membership.SectorD, membership.SectorT}
		}, []string{"INVALID input.sectors"}},
		"Academia with one Sector three times": {func(in *admission) {
			in.Category, in.Sectors = membership.Academia, slices.Repeat([]membership.Sector{membership.SectorD}, 3)
		}, []string{"INVALID input.sectors"}},
		"no Sector at all":               {func(in *admission) { in.Sectors = []membership.Sector{} }, []string{"INVALID input.sectors"}},
		"the name of another member":     {func(in *admission) { in.Name = "Testbed Active" }, []string{"DUPLICATE input.name"}},
		"the name in other letters":      {func(in *admission) { in.Name = "  TÉSTBED\u00a0 Ａctive " }, []string{"DUPLICATE input.name"}},
		"the name of a member that left": {func(in *admission) { in.Name = "testbed withdrawn" }, []string{"DUPLICATE input.name"}},
		"a duplicate among others":       {func(in *admission) { in.Name, in.EffectiveOn = "Testbed Pending", "2999-01-01" }, []string{"DUPLICATE input.name", "OUT_OF_RANGE input.effectiveOn"}},
		"the name of another international organisation": {func(in *admission) {
			in.Name, in.Country, in.Region = "testbed international", nil, new(country.RegionREGINTORG)
		}, []string{"DUPLICATE input.name"}},
		"the name in another country is none": {func(in *admission) { in.Name, in.Country = "Testbed Active", new(kit.ID("cty_KE")) }, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{stage.Embedded(t)}
			try := func() {
				payload, err := s.Admit(stage.Secretariat, c.change)
				s.Must(err)
				if got := stage.FaultsOf(payload.UserErrors); !slices.Equal(got, c.want) || (payload.Member == nil) != (len(c.want) > 0) {
					s.Errorf("got %q, want %q", got, c.want)
				}
			}
			if len(c.want) == 0 {
				try()
				return
			}
			s.Unchanged("mem_ACTIVE", try)
		})
	}
}

func TestADuplicateNamesTheOther(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.Unchanged("mem_ACTIVE", func() {
			payload, err := s.Admit(stage.Secretariat, func(in *admission) { in.Name = "testbed ACTIVE" })
			s.Must(err)
			if len(payload.UserErrors) != 1 || payload.UserErrors[0].RelatedID == nil || *payload.UserErrors[0].RelatedID != "mem_ACTIVE" {
				s.Errorf("got %+v", payload.UserErrors)
			}
		})
	})
}

func TestTwoLongNamesThatDifferAtTheirEndAreTwoMembers(t *testing.T) {
	s := scene{stage.Embedded(t)}
	for _, end := range []string{"甲", "乙"} {
		payload, err := s.Admit(stage.Secretariat, func(in *admission) { in.Name = strings.Repeat("电", 299) + end })
		s.Must(err)
		if len(payload.UserErrors) > 0 {
			t.Errorf("%s: %v", end, stage.FaultsOf(payload.UserErrors))
		}
	}
}

func TestOnlyTheSecretariatAdmitsAndActivates(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		for name, c := range map[string]struct {
			actor kit.Actor
			want  kit.Code
		}{
			"a visitor":         {stage.Nobody, kit.Unauthenticated},
			"an applicant":      {stage.Applicant, kit.Forbidden},
			"an administration": {stage.Uganda, kit.Forbidden},
			"the member itself": {stage.FocalPoint("mem_PENDING"), kit.Forbidden},
			"an operator":       {stage.Operator, kit.Forbidden},
		} {
			if s.Slow() && len(c.actor.Mandates) == 0 {
				continue
			}
			stage.Run(s, name, func(s scene) {
				s.Unchanged("mem_PENDING", func() {
					_, err := s.Admit(c.actor, func(in *admission) { in.Name = "" })
					s.Refused(err, c.want)
					for _, id := range []kit.ID{"mem_PENDING", "mem_NOBODY"} {
						_, err = s.Portal.Members.Activate(stage.By(c.actor), membership.ActivateMemberInput{ID: id, ExpectedVersion: 1, EffectiveOn: "2025-03-31"})
						s.Refused(err, c.want)
					}
				})
			})
		}
	})
}
