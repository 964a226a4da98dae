package portal_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/applications"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// damages are the ways in which a document is damaged by hand.
var damages = []struct {
	name   string
	change func(typ reflect.Type) func(bson.D) bson.D
	cut    int
}{
	{"a value of an enum in other letters, or another bad text", badText, 0},
	{"a field that is not there", func(reflect.Type) func(bson.D) bson.D {
		return func(d bson.D) bson.D {
			return slices.DeleteFunc(d, func(e bson.E) bool { return e.Key != "_id" && e.Key != "version" && e.Key != "_keys" })
		}
	}, 0},
	{"another type of value", func(reflect.Type) func(bson.D) bson.D {
		return func(d bson.D) bson.D { return set(d, "version", bson.A{"seven"}) }
	}, 0},
	{"bytes that were cut off", func(reflect.Type) func(bson.D) bson.D {
		return func(d bson.D) bson.D { return set(d, "version", "cut") } // MongoDB keeps whole documents only
	}, 17},
}

func set(d bson.D, key string, value any) bson.D {
	for i := range d {
		if d[i].Key == key {
			d[i].Value = value
		}
	}
	return d
}

// badText spoils the first text of a document that checks itself and is not its id; in a document without
// one, its version.
func badText(typ reflect.Type) func(bson.D) bson.D {
	for i := range typ.NumField() {
		f := typ.Field(i)
		key, _, _ := strings.Cut(f.Tag.Get("bson"), ",")
		if key != "" && key != "_id" && f.Tag.Get("valid") == "" && portal.CheckedText(f.Type) {
			return func(d bson.D) bson.D { return set(d, key, "r") }
		}
	}
	return func(d bson.D) bson.D { return set(d, "version", "r") }
}

// world is what everybody's questions are answered with.
type world struct {
	members, events []string
	total, listed   int64
	exported        int
}

// look asks a store what readers ask, as the secretariat.
func (s scene) look() (w world) {
	s.Helper()
	ctx := stage.By(stage.Secretariat)
	list, err := s.Portal.Members.List(ctx, nil, nil, kit.PageArgs{First: new(100)})
	s.Must(err)
	for page := list; ; {
		for _, m := range page.Nodes() {
			w.members = append(w.members, string(m.ID))
		}
		if !page.PageInfo.HasNextPage {
			break
		}
		page, err = s.Portal.Members.List(ctx, nil, nil, kit.PageArgs{First: new(7), After: page.PageInfo.EndCursor})
		s.Must(err)
		if len(page.Edges) == 0 {
			s.Error("a page that was said to be there is empty")
		}
	}
	w.listed = int64(len(w.members))
	total, err := list.TotalCount(ctx)
	s.Must(err)
	w.total = *total
	out, err := stage.CSV(func(to kit.Rows) error { return s.Portal.Members.Export(ctx, to) })
	s.Must(err)
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	s.Must(err)
	w.exported = len(rows) - 1
	events, err := s.Portal.Events.List(ctx, nil, nil, kit.PageArgs{First: new(100)})
	s.Must(err)
	for _, e := range events.Nodes() {
		w.events = append(w.events, string(e.ID))
	}
	return w
}

// TestFiftyDamagedDocumentsHarmNobodyElse damages documents of every noun in every way, and has the store
// started, listed, searched, counted, exported, checked, repaired and put back.
func TestFiftyDamagedDocumentsHarmNobodyElse(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		ctx := context.Background()
		before := s.look()
		var bad []string
		spoil := func(k *store.Kind, id string, way int) {
			d := damages[way%len(damages)]
			testkit.Spoil(s.T, s.Store, k, id, d.change(reflect.TypeOf(k.Blank()).Elem()), d.cut)
			bad = append(bad, k.Name+" "+id)
		}
		for i, k := range portal.Kinds() {
			doc := k.Blank()
			portal.Fill(doc, kit.ID(fmt.Sprintf("bad_%02d", i)))
			_, version := k.Identity(doc)
			*version = 1
			s.Must(s.Store.Insert(ctx, k, []any{doc}))
			way := i
			if k.Name == "seats" || k.Name == "codeRecipients" || k.Name == "countedAnswers" || k.Name == "repeats" {
				way = 2
			}
			spoil(k, fmt.Sprintf("bad_%02d", i), way)
		}
		lost := before.members[3:23]
		for i, id := range lost {
			spoil(membership.MemberNoun.Kind, id, i)
		}
		spoil(events.EventNoun.Kind, before.events[1], 0)
		spoil(membership.InvoiceNoun.Kind, "ivc_OPEN", 0)
		if len(bad) < 50 {
			s.Fatalf("only %d documents are damaged", len(bad))
		}

		// It starts on another day, which derives every key again.
		x, err := store.Begin(ctx, s.Store, portal.Kinds(), "2025-04-01", true)
		s.Must(err)
		s.Must(x.Turn(ctx, string(testkit.Today)))
		s.Must(x.End(ctx))
		s = scene{stage.New(s.T, s.Store)}
		s.Must(s.Portal.Statistics.Warm(ctx))
		s.Must(store.Survey(ctx, s.Store, portal.Kinds()))
		if n := 0; true {
			for _, of := range s.Store.Damage().Counts() {
				n += of
			}
			if n != len(bad) {
				s.Errorf("%d of %d damaged documents were found: %v", n, len(bad), s.Store.Damage().Counts())
			}
		}

		after := s.look()
		want := slices.DeleteFunc(slices.Clone(before.members), func(id string) bool { return slices.Contains(lost, id) })
		if !slices.Equal(after.members, want) || after.total != after.listed || after.exported != before.exported-len(lost) {
			s.Errorf("%d members are listed, %d counted, %d exported; want %d", after.listed, after.total, after.exported, len(want))
		}
		if len(after.events) != len(before.events)-1 {
			s.Errorf("%d events of %d", len(after.events), len(before.events))
		}
		told, omitted := store.CountOmitted(stage.By(stage.Secretariat))
		if _, err := s.Portal.Members.List(told, nil, nil, kit.PageArgs{First: new(100)}); err != nil || omitted.Count() == 0 {
			s.Errorf("a list that leaves out says so of %d: %v", omitted.Count(), err)
		}
		if _, err := s.Portal.Search.Search(stage.By(stage.Nobody), "telecom", nil, nil, nil); err != nil {
			s.Errorf("search: %v", err)
		}
		s.Must(s.Portal.Holdings(stage.By(stage.Secretariat), "mem_ACTIVE", &bytes.Buffer{}))
		s.Must(s.Portal.Tidy(ctx))

		// What needs one of them is refused whole.
		id := kit.ID(lost[0])
		_, err = s.Portal.Members.Suspend(stage.By(stage.Secretariat), membership.SuspendMemberInput{ID: id, ExpectedVersion: 1, EffectiveOn: "2025-04-01", Reason: new("x")})
		if !errors.Is(err, store.ErrCorrupt) || kit.Classify(err).Code != kit.Unavailable {
			s.Errorf("a decision about a damaged member: %v", err)
		}

		// Check names each, repair takes them away, and nothing else changes.
		f, err := store.Check(ctx, s.Store, portal.Kinds(), func(k *store.Kind, doc any) { kit.Warnings(k, doc) })
		s.Must(err)
		var named []string
		for _, d := range f.Damaged {
			named = append(named, d.Noun+" "+d.ID)
		}
		slices.Sort(named)
		slices.Sort(bad)
		if !slices.Equal(named, bad) {
			s.Errorf("check names %d of %d:\n%v\n%v", len(named), len(bad), named, bad)
		}
		moved, err := store.Repair(ctx, s.Store, portal.Kinds())
		s.Must(err)
		if len(moved) != len(bad) || len(s.Store.Damage().Counts()) > 0 {
			s.Errorf("%d of %d were moved; known are %v", len(moved), len(bad), s.Store.Damage().Counts())
		}
		if f, err = store.Check(ctx, s.Store, portal.Kinds(), store.Unwatched); err != nil || len(f.Damaged) > 0 {
			s.Errorf("after the repair: %v, %v", f.Damaged, err)
		}
		if repaired := s.look(); !reflect.DeepEqual(repaired, after) {
			s.Errorf("the repair changed what is answered:\n%+v\n%+v", repaired, after)
		}
		// Nothing can be read yet, so nothing goes back.
		back, stay, err := store.PutBack(ctx, s.Store, portal.Kinds())
		if err != nil || len(back) > 0 || len(stay) != len(bad) {
			s.Errorf("put back %d, kept %d of %d, %v", len(back), len(stay), len(bad), err)
		}
	})
}

// TestWhatCanBeReadAgainComesBackFromTheQuarantine repairs a store with a document that only this program
// cannot read, as an older one cannot read what a newer one wrote.
func TestWhatCanBeReadAgainComesBackFromTheQuarantine(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		ctx, before := context.Background(), s.look()
		sound, err := s.Store.Raw(ctx, membership.MemberNoun.Kind, "mem_ACTIVE")
		s.Must(err)
		testkit.Spoil(s.T, s.Store, membership.MemberNoun.Kind, "mem_ACTIVE", func(d bson.D) bson.D { return set(d, "dataset", "LATER") }, 0)
		if moved, err := store.Repair(ctx, s.Store, portal.Kinds()); err != nil || len(moved) != 1 {
			s.Fatalf("moved %v, %v", moved, err)
		}
		kit.Datasets = append(kit.Datasets, "LATER")
		s.Cleanup(func() { kit.Datasets = kit.Datasets[:2] })
		back, stay, err := store.PutBack(ctx, s.Store, portal.Kinds())
		if err != nil || len(back) != 1 || len(stay) > 0 {
			s.Fatalf("put back %v, kept %v, %v", back, stay, err)
		}
		m := s.StoredMember("mem_ACTIVE")
		if m.Dataset != "LATER" {
			s.Errorf("came back as %+v", m)
		}
		if raw, err := s.Store.Raw(ctx, membership.MemberNoun.Kind, "mem_ACTIVE"); err != nil || len(raw) != len(sound)-len("DEMONSTRATION")+len("LATER") {
			s.Errorf("%d bytes came back of %d, %v", len(raw), len(sound), err)
		}
		if held, err := store.InQuarantine(ctx, s.Store); err != nil || len(held) > 0 {
			s.Errorf("still in the quarantine: %v, %v", held, err)
		}
		if after := s.look(); !reflect.DeepEqual(after, before) {
			s.Errorf("answered is\n%+v, before\n%+v", after, before)
		}
		if f, err := store.Check(ctx, s.Store, portal.Kinds(), store.Unwatched); err != nil || len(f.Damaged) > 0 || slices.ContainsFunc(f.Faults, func(x string) bool { return strings.Contains(x, "mem_ACTIVE") }) {
			s.Errorf("check: %+v, %v", f, err)
		}
	})
}

// TestStatisticsDropWhatBecameDamaged after they were loaded, as soon as the damage is known, and take it in
// again when it is mended. An answer says how many it leaves out.
func TestStatisticsDropWhatBecameDamaged(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		ctx := stage.By(stage.Secretariat)
		count := func() (members, applications int64, omitted int) {
			s.Helper()
			told, left := store.CountOmitted(ctx)
			q, err := s.Portal.Statistics.Of(told, nil, nil)
			s.Must(err)
			pipeline, err := s.Portal.Statistics.Pipeline(told, q)
			s.Must(err)
			applications = pipeline.SectorMembersAndAssociates.PendingApproval.Total + pipeline.Academia.PendingApproval.Total
			return s.Portal.Statistics.Totals(told, q).Total, applications, left.Count()
		}
		members, waiting, omitted := count()
		if omitted != 0 {
			s.Fatalf("%d are left out of a sound store", omitted)
		}
		ids := map[*store.Kind]string{membership.MemberNoun.Kind: "mem_ACTIVE", applications.ApplicationNoun.Kind: "app_SUBMITTED", membership.InvoiceNoun.Kind: "ivc_OPEN"}
		sound := map[*store.Kind]bson.D{}
		for k, id := range ids {
			testkit.Spoil(s.T, s.Store, k, id, func(d bson.D) bson.D {
				sound[k] = slices.Clone(d)
				return set(d, "version", "seven")
			}, 0)
		}
		s.Must(store.Survey(ctx, s.Store, portal.Kinds()))
		if m, a, o := count(); m != members-1 || a != waiting-1 || o != len(ids) {
			s.Errorf("%d members, %d waiting, %d left out; before %d and %d", m, a, o, members, waiting)
		}
		for k, id := range ids {
			testkit.Spoil(s.T, s.Store, k, id, func(bson.D) bson.D { return sound[k] }, 0)
		}
		for range 2 { // the damage is forgotten by whoever reads the sound documents
			_, err := membership.MemberNoun.In(s.Store).Get(ctx, "mem_ACTIVE")
			s.Must(err)
			_, err = applications.ApplicationNoun.In(s.Store).Get(ctx, "app_SUBMITTED")
			s.Must(err)
			_, err = membership.InvoiceNoun.In(s.Store).Get(ctx, "ivc_OPEN")
			s.Must(err)
			if m, a, o := count(); m != members || a != waiting || o != 0 {
				s.Errorf("mended: %d members, %d waiting, %d left out; before %d and %d", m, a, o, members, waiting)
			}
		}
	})
}

// TestADamagedCountOfPlacesIsNotShownAsNone shows the capacity alone.
func TestADamagedCountOfPlacesIsNotShownAsNone(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		ctx := stage.By(stage.Secretariat)
		places := func() []events.EventPlaces {
			events, err := s.Portal.Events.ByIDs(ctx, []kit.ID{"evt_OPEN"})
			s.Must(err)
			p, err := s.Portal.Registrations.PlacesOf(ctx, events[0])
			s.Must(err)
			return p
		}
		sound := places()
		testkit.Spoil(s.T, s.Store, events.SeatNoun.Kind, "evt_OPEN", func(d bson.D) bson.D { return set(d, "version", "seven") }, 0)
		for i, p := range places() {
			if sound[i].Confirmed == nil || p.Confirmed != nil || p.Waiting != nil || p.Left != nil || !reflect.DeepEqual(p.Capacity, sound[i].Capacity) {
				s.Errorf("%+v, and sound %+v", p, sound[i])
			}
		}
	})
}

// BenchmarkAcceptAPage is what the structure check costs for a page of 20 members.
func BenchmarkAcceptAPage(b *testing.B) {
	members := testkit.Members()
	b.ReportAllocs()
	for b.Loop() {
		for i := range 20 {
			m := members[i%len(members)]
			if err := membership.MemberNoun.Kind.Accept(m); err != nil {
				b.Fatal(err)
			}
		}
	}
}
