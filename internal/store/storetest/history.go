package storetest

import (
	"reflect"
	"strconv"
	"testing"
)

// LeavesRoom holds what a service adds to a history, a field of a stored type, below what the store takes: spare
// entries are left for the action that ends the history.
func LeavesRoom(t *testing.T, of any, field string, service, spare int) {
	t.Helper()
	f, _ := reflect.TypeOf(of).FieldByName(field)
	if most, _ := strconv.Atoi(f.Tag.Get("most")); most != service+spare {
		t.Errorf("%T.%s: the store takes %d, the service %d and %d for the end", of, field, most, service, spare)
	}
}
