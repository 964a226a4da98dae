package testkit

import (
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// ChangeRequests are requests of members for changes: mcr_SECTOR of mem_INTERNATIONAL, which asks for
// another Sector; mcr_CATEGORY of mem_LEAVING, which wants to be an Associate; mcr_SEVERAL of
// mem_PENDING, which asks for another Sector and a fee class; mcr_GONE of mem_WITHDRAWN,
// which left before it was decided; and mcr_REFUSED of mem_ACTIVE.
func ChangeRequests() []*membership.MembershipChangeRequest {
	sector := changeRequest("SECTOR", "mem_INTERNATIONAL", "2025-02-03")
	sector.Sectors = []membership.Sector{membership.SectorT, membership.SectorD}

	category := changeRequest("CATEGORY", "mem_LEAVING", "2025-03-01")
	category.Category, category.Sectors, category.StudyGroup = new(membership.Associate), []membership.Sector{membership.SectorD}, new(membership.SG2)
	category.FeeClass = new("AS_D_1_32")

	several := changeRequest("SEVERAL", "mem_PENDING", "2025-03-10")
	several.Sectors, several.FeeClass = []membership.Sector{membership.SectorR, membership.SectorD}, new("SM_D_1_8")

	gone := changeRequest("GONE", "mem_WITHDRAWN", "2022-12-01")
	gone.Sectors = []membership.Sector{membership.SectorR, membership.SectorD}

	refused := changeRequest("REFUSED", "mem_ACTIVE", "2024-05-06")
	refused.FeeClass, refused.State = new("SM_D_1_16"), membership.ChangeRefused
	refused.Decision = &membership.ChangeDecision{
		On: "2024-05-20", Reason: new("Testbed class is for developing countries"), RecordedAt: "2024-05-20T09:00:00.000Z", RecordedBy: "usr_test",
	}
	return []*membership.MembershipChangeRequest{sector, category, several, gone, refused}
}

func changeRequest(id string, member kit.ID, on kit.Date) *membership.MembershipChangeRequest {
	return &membership.MembershipChangeRequest{
		ID: kit.ID("mcr_" + id), Member: member, Reason: "Testbed reason " + id, RequestedOn: on, RequestedBy: "usr_test",
		State: membership.ChangeRequested, Dataset: kit.Demonstration,
	}
}
