package graph_test

import (
	"maps"
	"slices"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/portal"
)

// TestEveryMutationSaysWhomItTells compares the table of messages with the mutations, and with what the clock does: each
// has a row, and each row is whole.
func TestEveryMutationSaysWhomItTells(t *testing.T) {
	rows := map[string][]kit.Telling{}
	due := map[kit.DueKind]bool{}
	kinds := map[string]kit.NotificationKind{}
	for _, r := range portal.Tellings() {
		rows[r.On] = append(rows[r.On], r)
		if r.On == "clock" {
			due[r.Due] = true
		}
		switch {
		case r.Nobody != "" && (r.Key != "" || r.Kind != "" || r.To != ""):
			t.Errorf("%s tells nobody and somebody", r.On)
		case r.Nobody == "" && (r.Key == "" || r.Kind.Valid() != nil || r.To == ""):
			t.Errorf("%s: the row is not whole: %+v", r.On, r)
		case r.Key != "" && (kit.Messages[r.Key+".subject"] == nil || kit.Messages[r.Key+".body"] == nil):
			t.Errorf("%s: there is no message %s", r.On, r.Key)
		}
		if old, ok := kinds[r.Key]; ok && r.Key != "" && old != r.Kind {
			t.Errorf("%s is %s and %s", r.Key, old, r.Kind)
		}
		kinds[r.Key] = r.Kind
	}
	known := map[string]bool{"clock": true}
	for _, f := range schema(t).Mutation.Fields {
		known[f.Name] = true
		if len(rows[f.Name]) == 0 {
			t.Errorf("%s: no row of the table of messages says who is told, or why nobody is", f.Name)
		}
	}
	for _, name := range beside {
		known[name] = true
		if len(rows[name]) == 0 {
			t.Errorf("%s has no row", name)
		}
	}
	for _, k := range kit.DueKinds {
		if !due[k] {
			t.Errorf("the clock's %s has no row", k)
		}
	}
	for _, on := range slices.Sorted(maps.Keys(rows)) {
		if !known[on] {
			t.Errorf("%s has a row and is nothing that is done", on)
		}
		if n := len(rows[on]); n > 1 && slices.ContainsFunc(rows[on], func(r kit.Telling) bool { return r.Nobody != "" && on != "clock" }) {
			t.Errorf("%s tells nobody in one row, and somebody in another", on)
		}
	}
}

// beside are operations that are no mutations: those of browsers, of links and of the server itself.
var beside = []string{"moveSession", "unsubscribe", "sendDigest"}
