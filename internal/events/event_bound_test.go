package events

import (
	"reflect"
	"strconv"
	"testing"
)

// TestHistoriesOfEventsLeaveRoomForTheirEnd holds what a service adds to below what the store takes.
func TestHistoriesOfEventsLeaveRoomForTheirEnd(t *testing.T) {
	for _, c := range []struct {
		of             any
		field          string
		service, spare int
	}{
		{Event{}, "Changes", maxEventMoves, 10},
		{Event{}, "StoredDocuments", maxDocuments, 0},
		{Contribution{}, "Changes", maxContributionMoves, 10},
	} {
		f, _ := reflect.TypeOf(c.of).FieldByName(c.field)
		if most, _ := strconv.Atoi(f.Tag.Get("most")); most != c.service+c.spare {
			t.Errorf("%T.%s: the store takes %d, the service %d and %d for the end", c.of, c.field, most, c.service, c.spare)
		}
	}
}
