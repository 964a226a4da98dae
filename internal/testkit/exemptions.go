package testkit

import (
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// FeeExemptions are requests of members in each state: exm_ASKED of mem_INTERNATIONAL, exm_GRANTED of
// mem_EXEMPT, whose lifecycle has the event, and exm_REFUSED of mem_ACTIVE.
func FeeExemptions() []*membership.FeeExemption {
	granted := exemption("GRANTED", "mem_EXEMPT", "2024-02-01")
	granted.Decision = &membership.ExemptionDecision{
		Granted: true, Session: "Council 2024", On: "2024-06-14", From: new(kit.Date("2024-06-14")), Until: new(kit.Date("2026-11-09")),
		RecordedAt: "2024-06-20T09:00:00.000Z", RecordedBy: "usr_test",
	}
	refused := exemption("REFUSED", "mem_ACTIVE", "2023-02-01")
	refused.Decision = &membership.ExemptionDecision{
		Session: "Council 2023", On: "2023-07-20", Reason: new("not of international character"), RecordedAt: "2023-07-21T09:00:00.000Z", RecordedBy: "usr_test",
	}
	return []*membership.FeeExemption{exemption("ASKED", "mem_INTERNATIONAL", "2025-02-01"), granted, refused}
}

func exemption(id string, member kit.ID, on kit.Date) *membership.FeeExemption {
	x := &membership.FeeExemption{
		ID: kit.ID("exm_" + id), Member: member, Evidence: []string{"statutes"}, RequestedOn: on, RequestedBy: "usr_test", Dataset: kit.Demonstration,
	}
	for _, c := range membership.ExemptionCriteria {
		x.Criteria = append(x.Criteria, membership.CriterionAnswer{Criterion: c, Met: true})
	}
	return x
}
