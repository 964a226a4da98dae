package people

import (
	"testing"

	"memberportal/internal/store/storetest"
)

func TestHistoriesOfMandatesLeaveRoomForTheirEnd(t *testing.T) {
	storetest.LeavesRoom(t, Mandate{}, "History", maxMandateEvents, 10)
}
