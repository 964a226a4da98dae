package membership

import (
	"testing"

	"memberportal/internal/store/storetest"
)

func TestHistoriesOfMembersLeaveRoomForTheirEnd(t *testing.T) {
	storetest.LeavesRoom(t, Member{}, "Events", maxLifecycle, 50)
	storetest.LeavesRoom(t, Invoice{}, "Payments", maxPayments, 0)
}
