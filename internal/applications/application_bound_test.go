package applications

import (
	"testing"

	"memberportal/internal/store/storetest"
)

func TestHistoriesOfApplicationsLeaveRoomForTheirEnd(t *testing.T) {
	storetest.LeavesRoom(t, Application{}, "Events", maxApplicationSteps, 50)
}
