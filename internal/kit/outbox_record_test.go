package kit_test

import (
	"regexp"
	"strings"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/testkit/stage"
)

// TestNoDomainStandsBesideAKindThatIsAboutConsultations, nor beside one that nobody has listed.
func TestNoDomainStandsBesideAKindThatIsAboutConsultations(t *testing.T) {
	s := scene{stage.Embedded(t)}
	about := regexp.MustCompile(`(?i)consult|reply|replies|feedback|synthesis|anonymised|liaison|statement|deadline`)
	kinds, hidden := map[kit.ID]string{}, 0
	for key := range kit.Messages {
		kind, isMail := strings.CutSuffix(key, ".subject")
		if isMail && strings.HasPrefix(kind, "mail.") {
			id := kit.ID("out_" + kind)
			kinds[id] = kind
			at := kit.DateTimeOf(*s.Wall)
			s.Must(kit.OutboxNoun.In(s.Store).Insert(t.Context(), &kit.Outgoing{ID: id, Key: kind, To: "ada@example.org", Recipient: "hash", Locale: kit.English, At: at, NextAt: at, State: kit.MailQueued}))
		}
	}
	kinds["out_NEW"] = "mail.newKind"
	s.Must(kit.OutboxNoun.In(s.Store).Insert(t.Context(), &kit.Outgoing{ID: "out_NEW", Key: "mail.newKind", To: "ada@example.org", Recipient: "hash", Locale: kit.English, At: kit.DateTimeOf(*s.Wall), NextAt: kit.DateTimeOf(*s.Wall), State: kit.MailQueued}))
	s.Must(s.Portal.Messages(stage.By(stage.Operator), false, func(all []*kit.MailRecord) error {
		for _, m := range all {
			kind, ours := kinds[m.ID]
			if ours && m.Domain == nil {
				hidden++
			}
			if ours && m.Domain != nil && (about.MatchString(kind) || kind == "mail.newKind") {
				t.Errorf("%s is shown beside %s", *m.Domain, kind)
			}
		}
		return nil
	}))
	if hidden == 0 || hidden == len(kinds) {
		t.Errorf("%d of %d domains are hidden", hidden, len(kinds))
	}
}
