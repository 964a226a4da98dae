package graph_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"memberportal/internal/auth"
	"memberportal/internal/cli"
	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/report"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
	"memberportal/internal/web"
)

// world is a history of one consultation. Worlds differ in what nobody outside may learn.
type world struct {
	// silent does not reply; secret, the other one of members 16 and 17, replies confidentially.
	secret, silent int
	position       consultations.Position
	// unnamed are whose the first two anonymised replies are.
	unnamed [2]int
}

// worlds are those that are compared with the first. «There or not» is told of one member: its confidential
// reply is there in one world and not in the other. How many reply, and how many confidentially, is public by
// the rule itself, so that another member replies in its place; all else of the two is different, their names,
// kinds and regions above all.
var worlds = map[string]world{
	"the first":                         {16, 17, consultations.PositionSupport, [2]int{8, 9}},
	"a confidential reply is another's": {17, 16, consultations.PositionSupport, [2]int{8, 9}},
	"a confidential reply opposes":      {16, 17, consultations.PositionOppose, [2]int{8, 9}},
	"an anonymised reply is another's":  {16, 17, consultations.PositionSupport, [2]int{9, 8}},
}

// outsiders are those to whom all worlds must look the same: a visitor, a foreign member that replied itself,
// one that did not, a State, an applicant, a reviewer of another group, and an operator.
var outsiders = []string{
	"nobody", "FOCAL_POINT mem_WORLD00 usr_WORLD00", "FOCAL_POINT mem_INTERNATIONAL", "ADMINISTRATION KE", "APPLICANT app_SUBMITTED", "REVIEWER RAG", "OPERATOR",
}

// made is a world in a store.
type made struct {
	*golden.Server
	metrics http.Handler
	t       *testing.T
	world   world
	c       *consultations.Consultation
	// ids are those of all records that have to do with the consultation, whoever may know them.
	ids []string
}

// eighteen puts in eighteen members with a focal point each; the two that may reply confidentially, and the two that
// reply without their names, are of different kinds and regions.
func eighteen(t *testing.T, s store.Store) {
	var members []*membership.Member
	var mandates []*people.Mandate
	for i := range 18 {
		name, category, iso2, region := fmt.Sprintf("WORLD%02d", i), membership.SectorMember, "UG", country.RegionAFR
		if i%2 == 1 {
			category, iso2, region = membership.Academia, "FJ", country.RegionASP
		}
		on := func(kind membership.LifecycleKind, id string) membership.LifecycleEvent {
			return membership.LifecycleEvent{ID: kit.ID("evn_" + name + id), Kind: kind, EffectiveOn: "2020-01-01", RecordedAt: "2020-01-01T09:00:00.000Z", Actor: "usr_test"}
		}
		admitted := on(membership.Admitted, "A")
		admitted.Category, admitted.Sectors, admitted.Country, admitted.Region = &category, []membership.Sector{membership.SectorD}, new(kit.CountryID(iso2)), &region
		members = append(members, &membership.Member{
			ID: kit.ID("mem_" + name), Name: "World " + name, Dataset: kit.Demonstration, SocialLinks: []membership.SocialLink{}, SectorsOfInterest: []membership.Sector{},
			StoredContacts: []membership.Contact{}, Events: []membership.LifecycleEvent{admitted, on(membership.Activated, "B")},
		})
		mandates = append(mandates, &people.Mandate{
			ID: kit.ID("man_" + name), Entity: kit.ID("mem_" + name), Person: kit.ID("usr_" + name), Role: people.MandateFocalPoint, From: "2020-01-01",
			RecordedAt: "2020-01-01T09:00:00.000Z", RecordedBy: "usr_test", Dataset: kit.Demonstration,
		})
		person := &people.Person{
			ID: kit.ID("usr_" + name), Name: new("Person of " + name), Email: new(strings.ToLower(name) + "@example.org"), Entities: []kit.ID{kit.ID("mem_" + name)}, Dataset: kit.Demonstration,
		}
		if err := people.PersonNoun.In(s).Insert(t.Context(), testkit.Holding(mandates, person)...); err != nil {
			t.Fatal(err)
		}
	}
	if err := membership.MemberNoun.In(s).Insert(t.Context(), members...); err != nil {
		t.Fatal(err)
	}
	if err := people.MandateNoun.In(s).Insert(t.Context(), mandates...); err != nil {
		t.Fatal(err)
	}
}

// make lets a world happen by the services, an hour for each step.
func (w world) make(t *testing.T) *made {
	t.Helper()
	s := testkit.Engines()[0].Fresh(t)
	eighteen(t, s)
	now := time.Date(2025, 3, 10, 9, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	p, err := portal.New(portal.Options{Store: s, Clock: kit.NewClock(clock, time.UTC), Wall: clock, Entropy: testkit.Entropy("worlds"), Countries: testkit.Countries(t)})
	if err != nil {
		t.Fatal(err)
	}
	m := &made{t: t, world: w}
	m.happen(p, &now)
	tokens := auth.Tokens{Keys: auth.NewKeySet(), Issuer: "test", Audience: "test", Now: time.Now}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	front := web.New(web.Options{Log: log})
	shown := testkit.Issuing(t, s, tokens.Issue)
	m.Server = &golden.Server{Portal: shown, Tokens: tokens, Server: httptest.NewServer(cli.HandlerBehind(front, shown, tokens, log, false, nil))}
	t.Cleanup(m.Close)
	m.metrics = front.Metrics()
	return m
}

// step is a context in which somebody acts, an hour later.
func (m *made) step(now *time.Time, as string) context.Context {
	*now = now.Add(time.Hour)
	return kit.WithRequest(kit.WithActor(m.t.Context(), testkit.Actor(as)), "request")
}

// done fails the test if something was refused.
func (m *made) done(what string, err error, faults []kit.UserError) {
	m.t.Helper()
	if err != nil || len(faults) > 0 {
		m.t.Fatalf("%s: %v, %+v", what, err, faults)
	}
}

func (m *made) happen(p *portal.Portal, now *time.Time) {
	text := func(s string) []kit.TranslationInput {
		return []kit.TranslationInput{{Locale: kit.English, Text: &s}}
	}
	in := consultations.CreateConsultationInput{
		Code: "WORLDS", Statement: "lia_TESTBED", Group: "TDAG", Title: text("A consultation"), ClosesOn: "2025-03-20", SmallestCell: 5,
		Audience: consultations.ConsultationAudienceInput{Kinds: membership.RespondentKinds},
	}
	for _, q := range testkit.Questions() {
		asked := consultations.ConsultationQuestionInput{Code: q.Code, Topic: q.Topic, Kind: q.Kind, Text: text("What of it?"), Required: q.Required}
		for _, o := range q.Options {
			asked.Options = append(asked.Options, consultations.QuestionOptionInput{Code: o.Code, Text: text("Option " + o.Code)})
		}
		in.Questions = append(in.Questions, asked)
	}
	created, err := p.Consultations.Create(m.step(now, "SECRETARIAT"), in)
	m.done("creating", err, created.UserErrors)
	opened, err := p.Consultations.Open(m.step(now, "SECRETARIAT"), consultations.OpenConsultationInput{ID: created.Consultation.ID, ExpectedVersion: 1})
	m.done("opening", err, opened.UserErrors)
	m.c = opened.Consultation
	m.ids = append(m.ids, string(m.c.ID), string(consultations.SynthesisID(m.c.ID)))

	var cites []kit.ID
	reply := func(member int, publication consultations.Publication, position consultations.Position, words string, capacity consultations.FeedbackCapacity) kit.ID {
		m.t.Helper()
		as := fmt.Sprintf("FOCAL_POINT mem_WORLD%02d usr_WORLD%02d", member, member)
		x, err := p.Feedback.Submit(m.step(now, as), consultations.SubmitFeedbackInput{
			Consultation: m.c.ID, Capacity: capacity, Publication: publication, Language: kit.English,
			Answers: []consultations.FeedbackAnswerInput{
				{Question: "Q_POSITION", Position: &position}, {Question: "Q_TEXT", Text: &words}, {Question: "Q_MULTIPLE_CHOICE", Options: []string{"A", string(rune('A' + member%2 + 1))}},
				{Question: "Q_PRIORITY", Priority: new(1 + len(words)%5)},
			},
		})
		m.done(words, err, x.UserErrors)
		m.ids = append(m.ids, string(x.Feedback.ID))
		return x.Feedback.ID
	}
	sort := func(id kit.ID, version int) {
		m.t.Helper()
		sorted, err := p.Feedback.Classify(m.step(now, "REVIEWER TDAG"), consultations.ClassifyFeedbackInput{ID: id, ExpectedVersion: version, Tags: []string{"FEES"}, CampaignGroup: new("CAMPAIGN_A")})
		m.done("sorting", err, sorted.UserErrors)
	}
	var named kit.ID
	for i := range 8 {
		id := reply(i, consultations.Attributed, consultations.Positions[i%4], fmt.Sprintf("named words %d", i), consultations.OfficialReply)
		if cites = append(cites, id); i < 3 {
			sort(id, 1)
		}
		named = id
	}
	for j := range 5 {
		member := 8 + j
		if j < 2 {
			member = m.world.unnamed[j]
		}
		// What they chose follows from the reply and not from whose it is.
		position := consultations.Positions[j%4]
		as := fmt.Sprintf("FOCAL_POINT mem_WORLD%02d usr_WORLD%02d", member, member)
		x, err := p.Feedback.Submit(m.step(now, as), consultations.SubmitFeedbackInput{
			Consultation: m.c.ID, Capacity: consultations.OfficialReply, Publication: consultations.Anonymised, Language: kit.English,
			Answers: []consultations.FeedbackAnswerInput{{Question: "Q_POSITION", Position: &position}, {Question: "Q_TEXT", Text: new(fmt.Sprintf("unnamed words %d", j))}},
		})
		m.done("an anonymised reply", err, x.UserErrors)
		m.ids, cites = append(m.ids, string(x.Feedback.ID)), append(cites, x.Feedback.ID)
	}
	reply(13, consultations.Confidential, consultations.PositionMixed, "confidential words", consultations.OfficialReply)
	reply(0, consultations.Attributed, consultations.PositionOppose, "a delegate's words", consultations.DelegateView)
	secret := reply(m.world.secret, consultations.Confidential, m.world.position, "secret words of "+string(m.world.position), consultations.OfficialReply)
	cites = append(cites, secret)
	sort(secret, 1)

	*now = time.Date(2025, 3, 21, 9, 0, 0, 0, time.UTC)
	reply(14, consultations.Attributed, consultations.PositionSupport, "late words", consultations.OfficialReply)
	if _, err := p.Tick(m.step(now, "OPERATOR"), false); err != nil {
		m.t.Fatal(err)
	}
	closed, err := p.Consultations.Close(m.step(now, "SECRETARIAT"), consultations.CloseConsultationInput{ID: m.c.ID, ExpectedVersion: int(m.c.Version), Reason: new("all there")})
	m.done("closing", err, closed.UserErrors)
	saved, err := p.Synthesis.Save(m.step(now, "REVIEWER TDAG"), consultations.SaveSynthesisInput{
		Consultation: m.c.ID, Paragraphs: []consultations.SynthesisParagraphInput{{Topic: "1a", Kind: consultations.Finding, Text: text("What they say."), Citations: cites}},
	})
	m.done("writing", err, saved.UserErrors)
	published, err := p.Synthesis.Publish(m.step(now, "REVIEWER TDAG"), consultations.PublishSynthesisInput{Consultation: m.c.ID, ExpectedVersion: 1})
	m.done("publishing", err, published.UserErrors)
	restricted, err := p.Feedback.MakeConfidential(m.step(now, "SECRETARIAT"), consultations.MakeFeedbackConfidentialInput{ID: named, ExpectedVersion: 1, Reason: "asked"})
	m.done("restricting", err, restricted.UserErrors)
	for i := range 18 {
		entity := kit.ID(fmt.Sprintf("mem_WORLD%02d", i))
		m.ids = append(m.ids, string(consultations.ParticipationID(m.c.ID, entity)), string(consultations.DraftID(m.c.ID, entity, "")))
	}
}

// documents are what is asked in every world: the whole schema, about this consultation and about the fixture's,
// and all ways to narrow, order and page through what is public of it.
func (m *made) documents(t *testing.T) []string {
	c, synthesis := string(m.c.ID), string(consultations.SynthesisID(m.c.ID))
	replies := slices.DeleteFunc(slices.Clone(m.ids), func(id string) bool { return !strings.HasPrefix(id, "fbk_") })
	here := strings.NewReplacer(
		"con_CLOSED", c, "syn_CLOSED", synthesis, "fbk_CONFIDENTIAL", replies[15], "fbk_SECRET", replies[13], "fbk_ANONYMISED", replies[8], "fbk_ATTRIBUTED", replies[0], "fbk_VIEW", replies[14],
		string(consultations.ParticipationID("con_CLOSED", "cty_UG")), string(consultations.ParticipationID(m.c.ID, "mem_WORLD16")),
		string(consultations.ParticipationID("con_CLOSED", "mem_ACTIVE")), string(consultations.ParticipationID(m.c.ID, "mem_WORLD17")), "mem_ACTIVE", "mem_WORLD16", "mem_INTERNATIONAL", "mem_WORLD17",
	)
	var all []string
	for _, d := range append(walkOf(t), replyPaths...) {
		if all = append(all, d); here.Replace(d) != d {
			all = append(all, here.Replace(d))
		}
	}
	for _, narrow := range []string{
		"", "timeliness: IN_TIME", "timeliness: LATE", "kinds: [SECTOR_MEMBER]", "kinds: [ACADEMIA]", "regions: [AFR]", "regions: [ASP]", "kinds: [ACADEMIA], regions: [ASP]",
		"publications: [ATTRIBUTED]", "publications: [ANONYMISED]", "publications: [CONFIDENTIAL]", "publications: [ANONYMISED, CONFIDENTIAL], kinds: [ACADEMIA]",
		"publications: [ANONYMISED], timeliness: IN_TIME", "capacities: [OFFICIAL]", "capacities: [DELEGATE_VIEW]", "statuses: [SUBMITTED]", "statuses: [WITHDRAWN]", `tag: "FEES"`, `campaignGroup: "CAMPAIGN_A"`,
	} {
		for _, page := range []string{"first: 100", "last: 3", "first: 2"} {
			all = append(all, fmt.Sprintf(`{ feedback(filter: { consultation: "%s", %s }, %s) { totalCount pageInfo { startCursor endCursor hasNextPage hasPreviousPage } edges { cursor node %s } } }`, c, narrow, page, aReply))
		}
	}
	all = append(all,
		fmt.Sprintf(`{ publishedCounts(consultation: "%s") { consulted replied published attributed anonymised confidential delegateViews tables { question { code } note published attributed confidential delegateViews cells { value kind region count } } } }`, c),
		fmt.Sprintf(`{ node(id: "%s") { ... on Synthesis { id edition publishedAt campaigns { group replies { id } } campaignCounts { question value count countOnce } paragraphs { id citationCount citations { id } } } } }`, synthesis),
		fmt.Sprintf(`{ consultation(id: "%s") { version errata { at was replies } publicationChoices { publication text } changes { status at reason } closedAt openedAt } }`, c),
		`{ auditLog(first: 100) { totalCount pageInfo { endCursor } edges { cursor node { id at actor roles request operation targetId target { __typename } targetVersion fields reason } } } }`,
		`{ participations(first: 100) { totalCount nodes { id } } }`,
	)
	for _, word := range []string{"secret words", "unnamed words", "confidential words", "WORLD16", "WORLD17", "WORLD08", "consultation"} {
		all = append(all, fmt.Sprintf(`{ search(query: "%s") { totalCount edges { cursor } } }`, word))
	}
	for _, id := range m.ids {
		all = append(all, fmt.Sprintf(`{ node(id: "%s") { __typename id } }`, id), fmt.Sprintf(`{ auditLog(filter: { targetId: "%s" }) { totalCount edges { cursor } } }`, id))
	}
	for i := range 18 {
		all = append(all, fmt.Sprintf(`{ member(id: "mem_WORLD%02d") { id version name status } auditLog(filter: { actorId: "usr_WORLD%02d" }) { totalCount edges { cursor } } }`, i, i))
	}
	for _, mutation := range []string{
		`amendFeedback(input: { id: "%s", expectedVersion: 1 })`, `withdrawFeedback(input: { id: "%s", expectedVersion: 1 })`, `classifyFeedback(input: { id: "%s", expectedVersion: 1 })`,
		`makeFeedbackConfidential(input: { id: "%s", expectedVersion: 1, reason: "x" })`, `agreeToCitation(input: { id: "%s", expectedVersion: 1 })`,
	} {
		for _, id := range []string{replies[13], replies[15], replies[8], replies[9]} {
			all = append(all, "mutation { "+fmt.Sprintf(mutation, id)+" { feedback { id } userErrors { code message currentVersion } } }")
		}
	}
	return all
}

// answers are what an outsider is told in a world, by document.
func (m *made) answers(t *testing.T, as string, documents []string) map[string]string {
	header, told := m.Header(t, as, ""), map[string]string{}
	for _, d := range documents {
		told[d] = m.Call(t, header, d, "")
	}
	return told
}

// secretariat is what the secretariat is told.
func (m *made) secretariat(t *testing.T, document string) string {
	return m.Call(t, m.Header(t, "SECRETARIAT", ""), document, "")
}

// files are the exported report in all languages, by names.
func (m *made) files(t *testing.T) map[string]string {
	written := map[string]string{}
	for _, l := range kit.Locales {
		r, err := m.Portal.ReportBack(kit.WithActor(t.Context(), testkit.Actor("OPERATOR")), "WORLDS")
		if err != nil {
			t.Fatal(err)
		}
		files, err := report.Files(r, l)
		if err != nil {
			t.Fatal(err)
		}
		paths, err := report.Write(t.TempDir(), files...)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			written[string(l)+path[strings.LastIndex(path, "/"):]] = string(raw)
		}
	}
	return written
}

// figures are what a reader of metrics is told, but for what is measured by a clock or of the machine.
func (m *made) figures() string {
	answer := httptest.NewRecorder()
	m.metrics.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if answer.Code != http.StatusOK {
		m.t.Fatalf("metrics answer %d: %s", answer.Code, answer.Body)
	}
	var kept []string
	for line := range strings.Lines(answer.Body.String()) {
		if strings.HasPrefix(line, "memberportal_") && !strings.Contains(line, "_seconds") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// TestTwoWorldsLookTheSame lets a consultation happen in worlds that differ in one confidential reply or in whose
// an anonymised one is, and asks the same of each: every answer, every exported file and every figure must be the
// same, byte by byte. The secretariat must see the difference, so that the test looks in the right places.
func TestTwoWorldsLookTheSame(t *testing.T) {
	first := worlds["the first"].make(t)
	documents := first.documents(t)
	told, files := map[string]map[string]string{}, first.files(t)
	for _, as := range outsiders {
		told[as] = first.answers(t, as, documents)
	}
	figures := first.figures()
	if len(documents) < 400 || len(files) != 24 || strings.Count(figures, "\n") < 5 {
		t.Fatalf("%d documents, %d files and %d figures are too few", len(documents), len(files), strings.Count(figures, "\n"))
	}
	if whole := strings.Join(slices.Collect(func(yield func(string) bool) {
		for _, answer := range told["nobody"] {
			if !yield(answer) {
				return
			}
		}
	}), "\n"); !strings.Contains(whole, "unnamed words 0") || !strings.Contains(whole, "named words 0") || strings.Contains(whole, "secret words of") || strings.Contains(whole, "confidential words") {
		t.Error("a visitor reads too much or too little")
	}
	for name, w := range worlds {
		if name == "the first" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := w.make(t)
			if !slices.Equal(other.ids, first.ids) {
				t.Fatal("ids differ, so that nothing can be compared")
			}
			for _, as := range outsiders {
				differ := 0
				for d, answer := range other.answers(t, as, documents) {
					if answer == told[as][d] {
						continue
					}
					if differ++; differ <= 3 {
						t.Errorf("%s tells the worlds apart by %s\n%s\n%s", as, d, told[as][d], answer)
					}
				}
				if differ > 0 {
					t.Errorf("%s tells the worlds apart by %d documents", as, differ)
				}
			}
			if got := other.figures(); got != figures {
				t.Errorf("metrics tell the worlds apart:\n%s\n%s", figures, got)
			}
			if !slices.ContainsFunc(documents, func(d string) bool { return first.secretariat(t, d) != other.secretariat(t, d) }) {
				t.Error("the secretariat does not tell the worlds apart either, so that the test proves nothing")
			}
			for file, text := range other.files(t) {
				if text != files[file] {
					t.Errorf("%s tells the worlds apart", file)
				}
			}
		})
	}
}
