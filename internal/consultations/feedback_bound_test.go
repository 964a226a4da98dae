package consultations

import (
	"reflect"
	"strconv"
	"testing"
)

// TestHistoriesOfRepliesLeaveRoomForTheirEnd holds what a service adds to below what the store takes.
func TestHistoriesOfRepliesLeaveRoomForTheirEnd(t *testing.T) {
	for _, c := range []struct {
		of             any
		field          string
		service, spare int
	}{
		{Feedback{}, "StoredSubmissions", maxHandIns, 10},
		{Synthesis{}, "Decisions", maxDecisions, 0},
	} {
		f, _ := reflect.TypeOf(c.of).FieldByName(c.field)
		if most, _ := strconv.Atoi(f.Tag.Get("most")); most != c.service+c.spare {
			t.Errorf("%T.%s: the store takes %d, the service %d and %d for the end", c.of, c.field, most, c.service, c.spare)
		}
	}
}
