package seed_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"memberportal/internal/consultations"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/seed"
	"memberportal/internal/store"
)

func statements(t *testing.T, s store.Store) map[string]*consultations.LiaisonStatement {
	t.Helper()
	found := map[string]*consultations.LiaisonStatement{}
	for _, l := range loaded(t, s, consultations.LiaisonNoun) {
		found[l.FullReference()] = l
	}
	return found
}

func consultationsIn(t *testing.T, s store.Store) map[string]*consultations.Consultation {
	t.Helper()
	found := map[string]*consultations.Consultation{}
	for _, c := range loaded(t, s, consultations.ConsultationNoun) {
		found[c.Code] = c
	}
	return found
}

// replies are those to the consultation with a code.
func replies(t *testing.T, s store.Store, code string) []*consultations.Feedback {
	t.Helper()
	id := consultationsIn(t, s)[code].ID
	return slices.DeleteFunc(loaded(t, s, consultations.FeedbackNoun), func(x *consultations.Feedback) bool { return x.ConsultationID != id })
}

// english is the English text in lower case.
func english(text *kit.LocalizedText) string {
	for _, tr := range text.Translations {
		if tr.Locale == kit.English {
			return strings.ToLower(tr.Text)
		}
	}
	return ""
}

func holds(x *consultations.Feedback) consultations.FeedbackSubmission {
	return x.StoredSubmissions[len(x.StoredSubmissions)-1]
}

func TestConsultationsSpeakSixLanguages(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	for reference, l := range statements(t, s) {
		inSix(t, reference, l.Title)
		inSix(t, reference+" abstract", l.Abstract)
		for _, k := range l.Keywords {
			inSix(t, reference+" keyword", &k)
		}
		for _, p := range l.Pillars {
			inSix(t, reference+" "+p.Code, p.Title)
			for _, topic := range p.Topics {
				inSix(t, reference+" "+topic.Code, topic.Title)
			}
		}
	}
	for code, c := range consultationsIn(t, s) {
		inSix(t, code, c.Title)
		inSix(t, code+" introduction", c.Introduction)
		for _, q := range c.Questions {
			inSix(t, code+" "+q.Code, q.Text)
			if q.Help != nil {
				inSix(t, code+" "+q.Code+" help", q.Help)
			}
			for _, o := range q.Options {
				inSix(t, code+" "+q.Code+" "+o.Code, o.Text)
			}
		}
	}
}

func TestTheLiaisonStatementIsAsItsSourceHasIt(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	l := statements(t, s)[seed.Statement]
	if l.Dataset != kit.Recorded || l.AgreedOn != nil || l.Zone != "Europe/Zurich" || l.Source != "CWG-FHR" || *l.StatedIn != "Document TDAG-25/8, annex 1" {
		t.Errorf("%+v", l)
	}
	if d := l.InterimReportDue; d == nil || d.On != "2025-09-30" || !d.MonthOnly || !strings.Contains(d.Source, "section 3") {
		t.Errorf("the first report is due %+v", d)
	}
	if d := l.FinalReportDue; d == nil || d.On != "2025-12-31" || d.MonthOnly || !strings.Contains(d.Source, "annex 1") {
		t.Errorf("the last report is due %+v", d)
	}
	var groups, topics []string
	for _, a := range l.Addressees {
		groups = append(groups, a.Group+" "+string(a.Role))
	}
	for _, p := range l.Pillars {
		for _, topic := range p.Topics {
			topics = append(topics, topic.Code)
		}
	}
	if got, want := strings.Join(groups, ", "), "RAG FOR_ACTION, TSAG FOR_ACTION, TDAG FOR_ACTION, ISCG FOR_ACTION"; got != want {
		t.Errorf("addressed to %s", got)
	}
	if got := strings.Join(topics, " "); got != "1a 1b 1c 1d 2 3" || len(l.Pillars) != 3 || len(l.Keywords) != 3 {
		t.Errorf("topics %s, %d pillars, %d keywords", got, len(l.Pillars), len(l.Keywords))
	}
	if text := l.Text.Translations; len(text) != 1 || text[0].Locale != kit.English || text[0].Provenance != kit.Original ||
		!strings.HasPrefix(text[0].Text, "ANNEX 1 to Document TDAG-25/8\n\n") || !strings.HasSuffix(text[0].Text, "by the end of 2025.") || strings.Contains(text[0].Text, "___") {
		t.Errorf("the text is %+v", text)
	}
}

func TestAllOfTheConsultationsIsMadeUp(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	for reference, l := range statements(t, s) {
		made := strings.HasPrefix(reference, "DEMO")
		if (l.Dataset == kit.Demonstration) != made || made != strings.Contains(english(l.Title), "demonstration") {
			t.Errorf("%s is %s", reference, l.Dataset)
		}
	}
	for code, c := range consultationsIn(t, s) {
		if c.Dataset != kit.Demonstration || !strings.Contains(english(c.Title), "demonstration") {
			t.Errorf("%s is %s, %q", code, c.Dataset, english(c.Title))
		}
	}
	marks := []string{"Demonstration answer", "Respuesta de demostración", "Réponse de démonstration", "Демонстрационный ответ", "رد توضيحي", "示范答复"}
	for _, x := range loaded(t, s, consultations.FeedbackNoun) {
		if x.Dataset != kit.Demonstration {
			t.Errorf("%s is %s", x.ID, x.Dataset)
		}
		for _, a := range holds(x).Answers {
			if a.Text != nil && !slices.ContainsFunc(marks, func(m string) bool { return strings.HasPrefix(*a.Text, m) }) {
				t.Errorf("%s answers %q", x.ID, *a.Text)
			}
		}
	}
	for _, x := range loaded(t, s, consultations.ParticipationNoun) {
		if x.Dataset != kit.Demonstration {
			t.Errorf("%s is %s", x.ID, x.Dataset)
		}
	}
	for _, x := range loaded(t, s, consultations.SynthesisNoun) {
		if x.Dataset != kit.Demonstration {
			t.Errorf("%s is %s", x.ID, x.Dataset)
		}
	}
}

func TestTheOpenConsultationAsksOfAllTopicsInAllWays(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	c := consultationsIn(t, s)[seed.OpenConsultation]
	topics, kinds, required := map[string]bool{}, map[consultations.QuestionKind]bool{}, map[string]bool{}
	for _, q := range c.Questions {
		topics[q.Topic], kinds[q.Kind] = true, true
		if q.Required {
			required[q.Topic+" "+string(q.Kind)] = true
		}
	}
	if len(kinds) != len(consultations.QuestionKinds) || len(topics) != 6 {
		t.Errorf("asks of %v by %v", topics, kinds)
	}
	if want := map[string]bool{"1a POSITION": true, "1b POSITION": true, "1c POSITION": true, "1d POSITION": true}; !maps.Equal(required, want) {
		t.Errorf("%v must be answered", required)
	}
	if c.StoredStatus != consultations.ConsultationOpen || c.ClosesOn != "2025-04-30" || !strings.HasPrefix(string(*c.OpenedAt), "2025-03-03") || c.Group != "TDAG" || c.SmallestCell != 5 {
		t.Errorf("%+v", c)
	}
	if len(c.Audience.Kinds) != len(membership.RespondentKinds) || len(c.Audience.Regions) > 0 {
		t.Errorf("consults %+v", c.Audience)
	}
}

// TestHowManyReply has many persons, and as few as the fixture of tests has.
func TestHowManyReply(t *testing.T) {
	for people, want := range map[int]struct{ open, closed, anonymised int }{0: {14 + 4, 20 + 3 + 1, 5}, 1: {11 + 4, 12 + 3 + 1, 3}} {
		s := empty(t)
		o := options(t, s, 40)
		o.People = people
		if _, err := seed.Load(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		open, closed := replies(t, s, seed.OpenConsultation), replies(t, s, seed.ClosedConsultation)
		if len(open) != want.open || len(closed) != want.closed {
			t.Errorf("%d reply and %d", len(open), len(closed))
		}
		have := map[string]int{}
		for _, x := range closed {
			h := holds(x)
			have[string(x.Capacity)]++
			have[string(h.StoredReceipt.Timeliness)]++
			have[string(h.Publication)]++
			if x.StoredClassification == nil {
				continue
			}
			if g := x.StoredClassification.CampaignGroup; g != nil {
				have[*g]++
				have["campaign "+*h.Answers[len(h.Answers)-1].Text]++
			}
			if slices.Contains(x.StoredClassification.Tags, "MINORITY") {
				have["MINORITY"]++
			}
		}
		delete(have, string(consultations.OfficialReply))
		delete(have, string(consultations.InTime))
		delete(have, string(consultations.Attributed))
		if want := map[string]int{
			"DELEGATE_VIEW": 1, "LATE": 2, "ANONYMISED": want.anonymised, "CONFIDENTIAL": 2, seed.Campaign: 4, "MINORITY": 1,
			"campaign Demonstration answer of a campaign: publish the directory as open data, and let briefings be given by members themselves.": 4,
		}; !maps.Equal(have, want) {
			t.Errorf("of people %d: got %v, want %v", people, have, want)
		}
		publications := map[consultations.Publication]bool{}
		for _, x := range open {
			if publications[holds(x).Publication] = true; holds(x).StoredReceipt.Timeliness != consultations.InTime || x.Capacity != consultations.OfficialReply {
				t.Errorf("%+v", x)
			}
		}
		if len(publications) != len(consultations.Publications) {
			t.Errorf("publishes %v", publications)
		}
		late := 0
		for _, x := range loaded(t, s, consultations.ParticipationNoun) {
			if x.Reply == consultations.ReplyLate {
				late++
			}
		}
		if late != 2 {
			t.Errorf("%d participations are late", late)
		}
	}
}

func TestNothingOfConsultationsIsLaterThanTheLastDay(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	check := func(what string, at kit.DateTime) {
		t.Helper()
		if at < "2025" || at > kit.DateTime(seed.Last+"T23:59:59.999Z") {
			t.Errorf("%s is of %s", what, at)
		}
	}
	for reference, l := range statements(t, s) {
		check(reference, l.RecordedAt)
	}
	for code, c := range consultationsIn(t, s) {
		for _, h := range c.Changes {
			check(code, h.At)
		}
	}
	for _, x := range loaded(t, s, consultations.FeedbackNoun) {
		check(string(x.ID), holds(x).StoredReceipt.At)
		if x.StoredClassification != nil {
			check(string(x.ID), x.StoredClassification.At)
		}
	}
	for _, x := range loaded(t, s, consultations.DraftNoun) {
		check(string(x.ID), x.ChangedAt)
	}
	for _, x := range replies(t, s, seed.OpenConsultation) {
		if at := holds(x).StoredReceipt.At; at < "2025-03-03" || at > "2025-03-28T23" {
			t.Errorf("a reply of %s", at)
		}
	}
	for _, x := range loaded(t, s, consultations.SynthesisNoun) {
		check(string(x.ID), *x.PublishedAt)
		for _, d := range x.Decisions {
			check(string(x.ID), d.RecordedAt)
		}
	}
}

func TestNobodyIsToldOfAPastThatIsMadeUp(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	if mails := ids(t, s, kit.OutboxNoun.Kind); len(mails) > 0 {
		t.Errorf("%d mails wait", len(mails))
	}
	if told := ids(t, s, people.NotificationNoun.Kind); len(told) > 0 {
		t.Errorf("%d notifications", len(told))
	}
}

func TestTheShownMemberCanReply(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	o := options(t, s, 40)
	now := time.Date(2025, 4, 1, 9, 0, 0, 0, time.UTC)
	p, err := portal.New(portal.Options{Store: s, Clock: kit.NewClock(func() time.Time { return now }, time.UTC), Countries: o.Countries, Entropy: rand.NewChaCha8([32]byte{1})})
	if err != nil {
		t.Fatal(err)
	}
	m, err := seed.Shown(t.Context(), p, o.Countries)
	if m == nil || err != nil {
		t.Fatalf("%v, %v", m, err)
	}
	mandates, err := p.Mandates.List(kit.WithActor(t.Context(), seed.Actor), m.ID, nil, kit.PageArgs{})
	if err != nil {
		t.Fatal(err)
	}
	ctx := kit.WithActor(t.Context(), kit.ActingFor(mandates.Nodes()[0].Person, kit.RoleFocalPoint, m.ID))
	c, err := p.Consultations.ByCode(ctx, seed.OpenConsultation)
	if c == nil || err != nil {
		t.Fatalf("%v, %v", c, err)
	}
	own := slices.DeleteFunc(loaded(t, s, consultations.ParticipationNoun), func(x *consultations.Participation) bool { return x.ConsultationID != c.ID || x.EntityID != m.ID })
	if len(own) != 1 || own[0].Reply != consultations.NoReply {
		t.Errorf("its part is %+v", own)
	}
	drafts := loaded(t, s, consultations.DraftNoun)
	if d := drafts[0]; len(drafts) != 1 || d.EntityID != m.ID || d.Capacity != consultations.OfficialReply || len(d.Answers) != 1 || d.Answers[0].EditorID != mandates.Nodes()[2].Person {
		t.Fatalf("%d drafts, the first %+v", len(drafts), d)
	}
	in := consultations.SubmitFeedbackInput{Consultation: c.ID, Capacity: consultations.OfficialReply, Publication: consultations.Attributed, Language: kit.English}
	for _, q := range c.Questions {
		if q.Required {
			in.Answers = append(in.Answers, consultations.FeedbackAnswerInput{Question: q.Code, Position: new(consultations.PositionSupport)})
		}
	}
	handed, err := p.Feedback.Submit(ctx, in)
	if err != nil || len(handed.UserErrors) > 0 || len(handed.Feedback.Answers()) != 5 {
		t.Errorf("%+v, %v", handed, err)
	}
}

func TestWhatCameOfTheClosedConsultation(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	c := consultationsIn(t, s)[seed.ClosedConsultation]
	if c.StoredStatus != consultations.ConsultationClosed || !strings.HasPrefix(string(*c.ClosedAt), "2025-03-17") || !strings.HasPrefix(string(*c.OpenedAt), "2025-01-20") || c.ClosesOn != "2025-02-28" {
		t.Errorf("%+v", c)
	}
	stands := map[kit.ID]*consultations.Feedback{}
	for _, x := range replies(t, s, seed.ClosedConsultation) {
		stands[x.ID] = x
	}
	found := loaded(t, s, consultations.SynthesisNoun)
	if len(found) != 1 {
		t.Fatalf("%d syntheses", len(found))
	}
	var kinds []string
	for _, p := range found[0].Published {
		kinds = append(kinds, string(p.Kind))
		if len(p.StoredCitations) == 0 {
			t.Errorf("%s rests on nothing", p.ID)
		}
		for _, id := range p.StoredCitations {
			if x := stands[id]; x == nil || x.Capacity != consultations.OfficialReply {
				t.Errorf("%s rests on %s", p.ID, id)
			}
		}
	}
	if got := strings.Join(kinds, " "); got != "FINDING FINDING MINORITY_VIEW" || !strings.HasPrefix(string(*found[0].PublishedAt), "2025-03-20") {
		t.Errorf("published %s at %s", got, *found[0].PublishedAt)
	}
	if d := found[0].Decisions; len(d) != 1 || d[0].DecidedOn != "2025-03-25" || len(d[0].Paragraphs) != 1 {
		t.Errorf("decided %+v", d)
	}
}

// TestStoreWithoutConsultationsIsFinished takes away what an earlier release did not make.
func TestStoreWithoutConsultationsIsFinished(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	c := consultationsIn(t, s)[seed.ClosedConsultation]
	if err := s.Delete(t.Context(), consultations.ConsultationNoun.Kind, string(c.ID), c.Version); err != nil {
		t.Fatal(err)
	}
	if wanted, err := seed.Wanted(t.Context(), options(t, s, 40)); !wanted || err != nil {
		t.Errorf("wanted %v, %v", wanted, err)
	}
}
