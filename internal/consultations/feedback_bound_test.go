package consultations

import (
	"testing"

	"memberportal/internal/store/storetest"
)

func TestHistoriesOfRepliesLeaveRoomForTheirEnd(t *testing.T) {
	storetest.LeavesRoom(t, Feedback{}, "StoredSubmissions", maxHandIns, 10)
	storetest.LeavesRoom(t, Synthesis{}, "Decisions", maxDecisions, 0)
}
