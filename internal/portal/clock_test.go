package portal_test

import (
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/testkit/stage"
)

func TestTheClockIsForThoseWhoRunThePortal(t *testing.T) {
	s := scene{stage.Issuing(t)}
	for _, a := range []kit.Actor{stage.Uganda, stage.Applicant, stage.Reviewer, stage.FocalPoint("mem_ACTIVE")} {
		_, err := s.Portal.Tick(stage.By(a), true)
		s.Refused(err, kit.Forbidden)
	}
	_, err := s.Portal.Tick(stage.By(stage.Nobody), true)
	s.Refused(err, kit.Unauthenticated)
}
