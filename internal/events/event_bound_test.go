package events

import (
	"testing"

	"memberportal/internal/store/storetest"
)

func TestHistoriesOfEventsLeaveRoomForTheirEnd(t *testing.T) {
	storetest.LeavesRoom(t, Event{}, "Changes", maxEventMoves, 10)
	storetest.LeavesRoom(t, Event{}, "StoredDocuments", maxDocuments, 0)
	storetest.LeavesRoom(t, Contribution{}, "Changes", maxContributionMoves, 10)
}
