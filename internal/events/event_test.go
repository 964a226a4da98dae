package events

import (
	"context"
	"slices"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// published is an event that is seen by everybody for whom the audience is.
func published(v EventVisibility, a EventAudience) *Event {
	return &Event{StoredStatus: EventPublished, Changes: []EventChange{{Status: EventDraft}, {Status: EventPublished}}, Visibility: v, Audience: a, Title: &kit.LocalizedText{}}
}

func TestAnAudienceIsOpenToThoseWhomItNames(t *testing.T) {
	for name, c := range map[string]struct {
		audience EventAudience
		want     []string
	}{
		"everyone":                 {EventAudience{Everyone: true}, []string{"MEMBER_STATE", "SECTOR_MEMBER", "ASSOCIATE/", "ASSOCIATE/SG1", "ASSOCIATE/SG2", "ACADEMIA"}},
		"two kinds":                {EventAudience{Kinds: []membership.RespondentKind{membership.RespondentSectorMember, membership.RespondentAcademia}}, []string{"SECTOR_MEMBER", "ACADEMIA"}},
		"Associates":               {EventAudience{Kinds: []membership.RespondentKind{membership.RespondentAssociate}}, []string{"ASSOCIATE/", "ASSOCIATE/SG1", "ASSOCIATE/SG2"}},
		"those of one group":       {EventAudience{Kinds: []membership.RespondentKind{membership.RespondentAssociate}, StudyGroups: []membership.StudyGroup{membership.SG2}}, []string{"ASSOCIATE/SG2"}},
		"a group narrows no other": {EventAudience{Kinds: []membership.RespondentKind{membership.RespondentMemberState, membership.RespondentAssociate}, StudyGroups: []membership.StudyGroup{membership.SG1}}, []string{"MEMBER_STATE", "ASSOCIATE/SG1"}},
		"guests alone":             {EventAudience{Guests: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.audience.tokens()
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAMemberBelongsToAudiencesWhileItIsActive(t *testing.T) {
	for name, c := range map[string]struct {
		membership membership.Membership
		want       []string
	}{
		"a Sector Member":     {membership.Membership{Status: membership.Active, Category: membership.SectorMember}, []string{"SECTOR_MEMBER"}},
		"an Associate":        {membership.Membership{Status: membership.Active, Category: membership.Associate, StudyGroup: membership.SG2}, []string{"ASSOCIATE/SG2"}},
		"one without a group": {membership.Membership{Status: membership.Active, Category: membership.Associate}, []string{"ASSOCIATE/"}},
		"suspended":           {membership.Membership{Status: membership.Suspended, Category: membership.SectorMember}, nil},
		"not activated":       {membership.Membership{Status: membership.PendingActivation, Category: membership.SectorMember}, nil},
		"withdrawn":           {membership.Membership{Status: membership.Withdrawn, Category: membership.SectorMember}, nil},
		"excluded":            {membership.Membership{Status: membership.Excluded, Category: membership.SectorMember}, nil},
	} {
		if got := memberTokens(c.membership); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// readers are who may look at an event.
var readers = map[string]*eventView{
	"nobody":            {},
	"secretariat":       {secretariat: true},
	"a State":           {tokens: []string{"MEMBER_STATE"}},
	"a Sector Member":   {tokens: []string{"SECTOR_MEMBER"}},
	"an Associate":      {tokens: []string{"ASSOCIATE/"}},
	"an Associate, SG1": {tokens: []string{"ASSOCIATE/SG1"}},
	"an Associate, SG2": {tokens: []string{"ASSOCIATE/SG2"}},
	"Academia":          {tokens: []string{"ACADEMIA"}},
}

func TestAnEventIsSeenByItsAudienceAndIsForIt(t *testing.T) {
	members := []string{"a State", "a Sector Member", "an Associate", "an Associate, SG1", "an Associate, SG2", "Academia"}
	everybody := append([]string{"nobody", "secretariat"}, members...)
	groups := EventAudience{Kinds: []membership.RespondentKind{membership.RespondentAssociate}, StudyGroups: []membership.StudyGroup{membership.SG1}}
	draft, cancelledDraft, postponed := published(VisiblePublic, EventAudience{Everyone: true}), published(VisiblePublic, EventAudience{Everyone: true}), published(VisiblePublic, groups)
	draft.StoredStatus, draft.Changes = EventDraft, draft.Changes[:1]
	cancelledDraft.StoredStatus, cancelledDraft.Changes = EventCancelled, []EventChange{{Status: EventDraft}, {Status: EventCancelled}}
	postponed.StoredStatus = EventPostponed
	for name, c := range map[string]struct {
		event       *Event
		seen, meant []string
	}{
		"public, for everyone":         {published(VisiblePublic, EventAudience{Everyone: true}), everybody, members},
		"public, for a study group":    {published(VisiblePublic, groups), everybody, []string{"an Associate, SG1"}},
		"public, for guests":           {published(VisiblePublic, EventAudience{Guests: true}), everybody, nil},
		"for everyone, who sees it":    {published(VisibleAudience, EventAudience{Everyone: true}), append([]string{"secretariat"}, members...), members},
		"for a study group, that sees": {published(VisibleAudience, groups), []string{"secretariat", "an Associate, SG1"}, []string{"an Associate, SG1"}},
		"for guests, unseen":           {published(VisibleAudience, EventAudience{Guests: true}), []string{"secretariat"}, nil},
		"postponed":                    {postponed, everybody, []string{"an Associate, SG1"}},
		"a draft":                      {draft, []string{"secretariat"}, members},
		"a draft that was cancelled":   {cancelledDraft, []string{"secretariat"}, members},
	} {
		t.Run(name, func(t *testing.T) {
			for reader, v := range readers {
				if got := v.sees(c.event); got != slices.Contains(c.seen, reader) {
					t.Errorf("%s sees it: %v", reader, got)
				}
				if got := v.addressed(c.event); got != slices.Contains(c.meant, reader) {
					t.Errorf("it is for %s: %v", reader, got)
				}
			}
			// The key says the same as the methods, so that a list shows what a reader may see.
			if c.event.announced() {
				for reader, v := range readers {
					listed := slices.ContainsFunc(v.tokens, func(token string) bool { return slices.Contains(c.event.seen(), forPrefix+token) }) ||
						len(v.tokens) > 0 && slices.Contains(c.event.seen(), forEveryone)
					if listed != v.addressed(c.event) {
						t.Errorf("listed for %s: %v", reader, listed)
					}
				}
			}
		})
	}
}

func TestWhatIsNotPublicIsNotFoundByItsWords(t *testing.T) {
	wordsOf := func(e *Event) []string {
		e.Title = &kit.LocalizedText{Translations: []kit.Translation{{Locale: kit.English, Text: "Symposium", Provenance: kit.Original}}}
		e.StoredDocuments = []EventDocument{
			{Readers: ReadersPublic, Title: &kit.LocalizedText{Translations: []kit.Translation{{Locale: kit.English, Text: "Agenda", Provenance: kit.Original}}}},
			{Readers: ReadersParticipants, Title: &kit.LocalizedText{Translations: []kit.Translation{{Locale: kit.English, Text: "Roster", Provenance: kit.Original}}}},
			{Readers: ReadersPublic, Title: &kit.LocalizedText{Translations: []kit.Translation{{Locale: kit.English, Text: "Mistake", Provenance: kit.Original}}}, WithdrawnAt: new(kit.DateTime("2025-03-31T12:00:00.000Z"))},
		}
		return EventNoun.Kind.Derive(e, "2025-03-31").Key["words"]
	}
	draft := published(VisiblePublic, EventAudience{Everyone: true})
	draft.StoredStatus = EventDraft
	if got := wordsOf(draft); len(got) > 0 {
		t.Errorf("a draft is found by %q", got)
	}
	if got := wordsOf(published(VisibleAudience, EventAudience{Everyone: true})); len(got) > 0 {
		t.Errorf("what not everybody sees is found by %q", got)
	}
	if got := wordsOf(published(VisiblePublic, EventAudience{Everyone: true})); !slices.Contains(got, "symposium") || !slices.Contains(got, "agenda") || slices.Contains(got, "roster") || slices.Contains(got, "mistake") {
		t.Errorf("a public event is found by %q", got)
	}
}

func TestAnEventIsOverFromTheDayAfterItsLast(t *testing.T) {
	e := &Event{StoredStatus: EventPublished, LastDay: "2025-06-10"}
	for day, want := range map[kit.Date]EventStatus{
		"1865-01-01": EventPublished, "2025-06-09": EventPublished, "2025-06-10": EventPublished, "2025-06-11": EventOver, "2025-06-12": EventOver, "2999-12-31": EventOver,
	} {
		if got := e.on(day); got != want {
			t.Errorf("on %s it is %s, want %s", day, got, want)
		}
	}
	for _, s := range []EventStatus{EventDraft, EventPostponed, EventCancelled} {
		if got := (&Event{StoredStatus: s, LastDay: "2025-06-10"}).on("2999-12-31"); got != s {
			t.Errorf("what is %s becomes %s by itself", s, got)
		}
	}
}

func TestTheStatusOfTheKeyIsThatOfTheDay(t *testing.T) {
	e := &Event{StoredStatus: EventPublished, LastDay: "2025-06-10", Title: &kit.LocalizedText{}}
	for day, want := range map[string]string{"2025-06-10": "PUBLISHED", "2025-06-11": "OVER"} {
		if got := EventNoun.Kind.Derive(e, day).Key["status"]; !slices.Equal(got, []string{want}) {
			t.Errorf("on %s the key is %q, want %s", day, got, want)
		}
	}
}

func TestTheTableOfMovesIsComplete(t *testing.T) {
	allowed := map[EventStatus][]EventStatus{
		EventDraft:     {EventPublished, EventCancelled},
		EventPublished: {EventPostponed, EventCancelled},
		EventPostponed: {EventPublished, EventCancelled},
		EventCancelled: nil,
		EventOver:      nil,
	}
	for _, from := range EventStatuses {
		for _, to := range EventStatuses {
			if got := slices.Contains(eventMoves[to], from); got != slices.Contains(allowed[from], to) {
				t.Errorf("from %s to %s: %v", from, to, got)
			}
		}
	}
}

func TestAFormatHasItsModes(t *testing.T) {
	for format, modes := range map[EventFormat][]AttendanceMode{FormatPhysical: {InPerson}, FormatVirtual: {Remote}, FormatHybrid: {InPerson, Remote}} {
		for _, m := range AttendanceModes {
			if format.has(m) != slices.Contains(modes, m) {
				t.Errorf("%s has %s: %v", format, m, format.has(m))
			}
		}
	}
}

func TestWhoHasAPlaceIsNotUnseated(t *testing.T) {
	question := []RegistrationQuestion{{Code: "A"}}
	before := &Event{Format: new(FormatHybrid), Registration: &EventRegistration{CapacityInPerson: new(5), Questions: question}}
	for name, c := range map[string]struct {
		seats Seats
		after *Event
		want  []string
	}{
		"as many places as persons":       {Seats{Last: 3, InPerson: SeatCount{Confirmed: 3}}, &Event{Format: new(FormatHybrid), Registration: &EventRegistration{CapacityInPerson: new(3), Questions: question}}, nil},
		"fewer places than persons":       {Seats{Last: 3, InPerson: SeatCount{Confirmed: 3}}, &Event{Format: new(FormatHybrid), Registration: &EventRegistration{CapacityInPerson: new(2), Questions: question}}, []string{"OUT_OF_RANGE"}},
		"fewer places than who wait":      {Seats{Last: 3, InPerson: SeatCount{Confirmed: 1, Waiting: 2}}, &Event{Format: new(FormatHybrid), Registration: &EventRegistration{CapacityInPerson: new(1), Questions: question}}, nil},
		"a mode in which somebody comes":  {Seats{Last: 1, InPerson: SeatCount{Confirmed: 1}}, &Event{Format: new(FormatVirtual), Registration: &EventRegistration{Questions: question}}, []string{"NOT_ALLOWED_IN_STATE"}},
		"a mode for which somebody waits": {Seats{Last: 1, Remote: SeatCount{Waiting: 1}}, &Event{Format: new(FormatPhysical), Registration: &EventRegistration{Questions: question}}, []string{"NOT_ALLOWED_IN_STATE"}},
		"a mode in which nobody comes":    {Seats{Last: 1, InPerson: SeatCount{Confirmed: 1}}, &Event{Format: new(FormatPhysical), Registration: &EventRegistration{Questions: question}}, nil},
		"other questions":                 {Seats{Last: 1}, &Event{Format: new(FormatHybrid), Registration: &EventRegistration{Questions: []RegistrationQuestion{{Code: "B"}}}}, []string{"NOT_ALLOWED_IN_STATE"}},
		"other questions before anybody":  {Seats{}, &Event{Format: new(FormatHybrid), Registration: &EventRegistration{Questions: []RegistrationQuestion{{Code: "B"}}}}, nil},
		"no registration":                 {Seats{Last: 1}, &Event{Format: new(FormatHybrid)}, []string{"NOT_ALLOWED_IN_STATE"}},
		"no registration before anybody":  {Seats{}, &Event{Format: new(FormatHybrid)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := kit.NewFaults(context.Background())
			c.seats.check(f, before, c.after, c.seats.Last > 0)
			var got []string
			for _, e := range f.List {
				got = append(got, string(e.Code))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
