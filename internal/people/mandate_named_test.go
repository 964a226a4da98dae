package people_test

import (
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// TestAMessageNamesEveryMember also names those who are no members yet or any more, whoever acts: they are told of it.
func TestAMessageNamesEveryMember(t *testing.T) {
	s := stage.Embedded(t)
	ids := kit.Map(testkit.Members(), func(m *membership.Member) kit.ID { return m.ID })
	for _, as := range []kit.Actor{stage.Nobody, stage.Operator} {
		names, err := s.Portal.Mandates.NamesOf(stage.By(as), append(ids, kit.CountryID("UG")))
		s.Must(err)
		for i, name := range names {
			if text, is := name.(string); name == nil || is && text == "" {
				t.Errorf("%v has no name", append(ids, "cty_UG")[i])
			}
		}
	}
}
