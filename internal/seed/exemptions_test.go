package seed_test

import (
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/seed"
)

func TestTheFourExemptionsOfJune2024AreThere(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	p, ctx := atTheEnd(t, s), kit.WithActor(t.Context(), seed.Actor)
	found, err := p.FeeExemptions.List(ctx, nil, []membership.ExemptionState{membership.ExemptionHolds}, kit.PageArgs{})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, x := range found.Nodes() {
		m, err := p.FeeExemptions.MemberOf(ctx, x)
		if err != nil {
			t.Fatal(err)
		}
		names[m.Name] = true
		if x.Dataset != kit.Recorded || m.Dataset != kit.Recorded || x.Decision.CountedUnder != nil || m.Status() != membership.PendingActivation || *m.ExemptUntil() != "2026-11-09" {
			t.Errorf("%s: %+v %+v", m.Name, x, m)
		}
	}
	for _, name := range []string{"AfriLabs", "Environmental Coalition on Standards (ECOS)", "International Think Tank for LLDCs (ITTLLDC)", "Grouping of ICT Professionals' Organisations in UEMOA (ROPTIC)"} {
		if !names[name] {
			t.Errorf("%s is not exempt", name)
		}
	}
	if len(names) != 4 {
		t.Errorf("exempt are %v", names)
	}
}
