package membership_test

import (
	"strings"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/testkit/stage"
)

func TestTheClockListsArrearsAndLeavesThemToPersons(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		before := s.StoredMember("mem_LEAVING").Version
		all, err := s.Portal.Tick(stage.By(stage.Operator), false)
		s.Must(err)
		var found []kit.Due
		for _, due := range all {
			if due.Target == "mem_LEAVING" {
				found = append(found, due)
			}
		}
		if len(found) != 1 || found[0].Kind != kit.DueSuspension || found[0].On != "2024-09-27" || found[0].Recorded || !strings.Contains(found[0].Text, "Resolution 152") {
			s.Errorf("got %+v", found)
		}
		if s.StoredMember("mem_LEAVING").Version != before {
			s.Error("something was recorded")
		}
	})
}
