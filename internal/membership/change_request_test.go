package membership

import (
	"reflect"
	"testing"

	"memberportal/internal/kit"
)

func TestARequestBecomesOnlyWhatIsNotSoAlready(t *testing.T) {
	associate := Membership{Status: Active, Category: Associate, Sectors: []MembershipSector{{SectorT, "2020-01-01"}, {SectorD, "2020-01-01"}}, StudyGroup: SG1, FeeClass: "AS_D_1_32"}
	for name, c := range map[string]struct {
		asked MembershipChangeRequest
		want  []LifecycleKind
	}{
		"the same Sectors in another order are none": {MembershipChangeRequest{Sectors: []Sector{SectorD, SectorT}}, nil},
		"what is so already is none":                 {MembershipChangeRequest{StudyGroup: new(SG1), FeeClass: new("AS_D_1_32"), Category: new(Associate)}, nil},
		"a Sector less is one":                       {MembershipChangeRequest{Sectors: []Sector{SectorD}}, []LifecycleKind{SectorsChanged}},
		"each thing is an event": {
			MembershipChangeRequest{Sectors: []Sector{SectorD}, StudyGroup: new(SG2), FeeClass: new("AS_D_1_16")}, []LifecycleKind{SectorsChanged, StudyGroupChanged, FeeClassChanged},
		},
		"another category takes all with it": {
			MembershipChangeRequest{Category: new(SectorMember), Sectors: []Sector{SectorD}, FeeClass: new("SM_D_1_8")}, []LifecycleKind{CategoryChanged},
		},
	} {
		t.Run(name, func(t *testing.T) {
			events := c.asked.events(associate, "2025-04-01")
			got := kit.Map(events, func(e LifecycleEvent) LifecycleKind { return e.Kind })
			if len(got) != len(c.want) || len(got) > 0 && !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			after := associate
			for _, e := range events {
				e.apply(&after)
			}
			if again := c.asked.events(after, "2025-04-01"); len(again) > 0 {
				t.Errorf("once it has come true %v are left", again)
			}
		})
	}
}
