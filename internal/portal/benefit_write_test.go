package portal_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// benefit is the one with a code, retired or not.
func (s stage) benefit(code string) *membership.Benefit {
	s.Helper()
	list, err := s.portal.Benefits.List(by(secretariat), &membership.BenefitFilter{Retired: new(true)}, kit.PageArgs{First: new(100)})
	s.must(err)
	i := slices.IndexFunc(list.Nodes(), func(b *membership.Benefit) bool { return b.Code == code })
	return list.Nodes()[i]
}

func TestANewBenefitIsStoredAndRecorded(t *testing.T) {
	onEngines(t, func(s stage) {
		before := s.records()
		b := s.made(func(in *newBenefit) {
			in.Source = new("  Council 2025 ")
			in.Title = append(english(" New benefit "), kit.TranslationInput{Locale: kit.French, Text: new("Nouvel avantage"), Provenance: new(kit.Machine)})
		})
		want := []kit.Translation{{Locale: kit.English, Text: "New benefit", Provenance: kit.Original}, {Locale: kit.French, Text: "Nouvel avantage", Provenance: kit.Machine}}
		if b.Version != 1 || b.Code != "NEW_BENEFIT" || b.Dataset != kit.Recorded || !slices.Equal(b.Title.Translations, want) || !strings.HasPrefix(string(b.ID), "ben_") {
			s.Errorf("made %s", inJSON(b))
		}
		if *b.Source != "Council 2025" {
			s.Errorf("the source is kept as %q, with the space around it", *b.Source)
		}
		s.recordedBenefit(before, "createBenefit", b, []string{"code", "title"}, nil, kit.Created)
	})
}

// recordedBenefit holds what one write of a benefit left.
func (s stage) recordedBenefit(before records, operation string, b *membership.Benefit, fields []string, reason *string, kind kit.ChangeKind) {
	s.Helper()
	audit, notices := s.records().since(before)
	if len(audit) != 1 || len(notices) != 1 {
		s.Fatalf("%d audit entries and %d notices", len(audit), len(notices))
	}
	e, n := audit[0], notices[0]
	if e.Operation != operation || e.TargetID != b.ID || e.TargetVersion != b.Version || !slices.Equal(e.Fields, fields) || inJSON(e.Reason) != inJSON(reason) ||
		e.Actor != "usr_secretariat" || e.Request != "request-1" || n.Noun != "benefits" || n.Target != b.ID || n.TargetVersion != b.Version || n.Kind != kind {
		s.Errorf("audit entry %s, notice %s", inJSON(e), inJSON(n))
	}
}

func TestAllFaultsOfABenefitComeAtOnce(t *testing.T) {
	long := strings.Repeat("é", 2001)
	onEngines(t, func(s stage) {
		used := s.made(func(*newBenefit) {})
		for name, c := range map[string]struct {
			change func(in *newBenefit)
			want   []string
		}{
			"everything is empty": {func(in *newBenefit) { *in = newBenefit{Kind: "SERVICE"} }, []string{
				"INVALID input.code", "REQUIRED input.categories", "REQUIRED input.description", "REQUIRED input.howToUse", "REQUIRED input.sectors", "REQUIRED input.title",
			}},
			"everything is wrong": {func(in *newBenefit) {
				in.IdempotencyKey, in.Code, in.Source = new(" "), "new benefit", new("a\nb")
				in.Title = append(english(long[:2*121]), kit.TranslationInput{Locale: kit.French, Text: new(" ")}, kit.TranslationInput{Locale: kit.French, Text: new("b")})
				in.Description = []kit.TranslationInput{{Locale: kit.English, Text: &long, Provenance: new(kit.Original)}}
				in.HowToUse = []kit.TranslationInput{{Locale: kit.English, Text: new("a\x00")}, {Locale: kit.Arabic, Text: new(long[:2*1001])}}
			}, []string{
				"DUPLICATE input.title.2.locale", "INVALID input.code", "INVALID input.description.0.provenance", "INVALID input.howToUse.0.text", "INVALID input.source",
				"REQUIRED input.idempotencyKey", "REQUIRED input.title.1.text", "TOO_LONG input.description.0.text", "TOO_LONG input.howToUse.1.text", "TOO_LONG input.title.0.text",
			}},
			"the code is used":              {func(*newBenefit) {}, []string{"DUPLICATE input.code"}},
			"a text is removed before any":  {func(in *newBenefit) { in.Code, in.Title = "OTHER", []kit.TranslationInput{{Locale: kit.English}} }, []string{"REQUIRED input.title"}},
			"the code is too long":          {func(in *newBenefit) { in.Code = strings.Repeat("A", 61) }, []string{"INVALID input.code"}},
			"the code ends with underscore": {func(in *newBenefit) { in.Code = "A_" }, []string{"INVALID input.code"}},
			"the code has a line end":       {func(in *newBenefit) { in.Code = "A\n" }, []string{"INVALID input.code"}},
			"the code begins with a digit":  {func(in *newBenefit) { in.Code = "1A" }, []string{"INVALID input.code"}},
			"the code is in small letters":  {func(in *newBenefit) { in.Code = "new_benefit" }, []string{"INVALID input.code"}},
		} {
			if s.slow() && name != "the code is used" {
				continue
			}
			s.run(name, func(s stage) {
				s.unchanged("mem_ACTIVE", func() {
					payload, err := s.create(secretariat, c.change)
					s.must(err)
					if got := faultsOf(payload.UserErrors); !slices.Equal(got, c.want) || payload.Benefit != nil {
						s.Fatalf("got %q, want %q", got, c.want)
					}
					if e := payload.UserErrors[0]; e.Code == kit.CodeDuplicate && (e.RelatedID == nil || *e.RelatedID != used.ID) {
						s.Errorf("related to %v", e.RelatedID)
					}
				})
			})
		}
	})
}

func TestACodeIsNeverUsedAgain(t *testing.T) {
	s := embedded(t)
	b := s.made(func(*newBenefit) {})
	s.retire(b.ID, 1, "2020-01-01")
	payload, err := s.create(secretariat, func(*newBenefit) {})
	s.must(err)
	if got := faultsOf(payload.UserErrors); !slices.Equal(got, []string{"DUPLICATE input.code"}) || *payload.UserErrors[0].RelatedID != b.ID {
		t.Errorf("got %q", got)
	}
}

func TestABenefitIsMadeOnceUnderAKey(t *testing.T) {
	onEngines(t, func(s stage) {
		keyed := func(title string) *membership.CreateBenefitPayload {
			payload, err := s.create(secretariat, func(in *newBenefit) { in.IdempotencyKey, in.Title = new("key"), english(title) })
			s.must(err)
			return payload
		}
		first := keyed("One")
		if first.Benefit == nil {
			s.Fatalf("faults: %v", first.UserErrors)
		}
		s.unchanged("mem_ACTIVE", func() {
			if again := keyed("One"); again.Benefit == nil || again.Benefit.ID != first.Benefit.ID {
				s.Errorf("got %s", inJSON(again))
			}
			if got := faultsOf(keyed("Two").UserErrors); !slices.Equal(got, []string{"IDEMPOTENCY_KEY_REUSED input.idempotencyKey"}) {
				s.Errorf("got %q", got)
			}
		})
	})
}

func (s stage) changeBenefit(code string, change func(in *benefitChange)) *membership.UpdateBenefitPayload {
	s.Helper()
	b := s.benefit(code)
	in := benefitChange{ID: b.ID, ExpectedVersion: int(b.Version)}
	change(&in)
	payload, err := s.portal.Benefits.Update(by(secretariat), in)
	s.must(err)
	return payload
}

func TestABenefitIsChangedFieldByField(t *testing.T) {
	s := embedded(t)
	s.made(func(*newBenefit) {})
	for field, c := range map[string]struct {
		change func(in *benefitChange)
		is     func(b *membership.Benefit) bool
	}{
		"kind":       {func(in *benefitChange) { in.Kind = kit.Some(membership.BenefitKind("LEARNING")) }, func(b *membership.Benefit) bool { return b.Kind == "LEARNING" }},
		"categories": {func(in *benefitChange) { in.Categories = kit.Some(membership.MembershipCategories) }, func(b *membership.Benefit) bool { return len(b.Categories) == 3 }},
		"sectors":    {func(in *benefitChange) { in.Sectors = kit.Some([]membership.Sector{membership.SectorT}) }, func(b *membership.Benefit) bool { return b.Sectors[0] == membership.SectorT }},
		"title":      {func(in *benefitChange) { in.Title = kit.Some(english("Renewed")) }, func(b *membership.Benefit) bool { return b.Title.Text(context.Background(), nil) == "Renewed" }},
		"description": {func(in *benefitChange) {
			in.Description = kit.Some([]kit.TranslationInput{{Locale: kit.French, Text: new("Neuf")}})
		}, func(b *membership.Benefit) bool { return len(b.Description.Translations) == 2 }},
		"howToUse": {func(in *benefitChange) { in.HowToUse = kit.Some(english("So")) }, func(b *membership.Benefit) bool { return len(b.HowToUse.Translations) == 1 }},
		"source":   {func(in *benefitChange) { in.Source = kit.Null[string]() }, func(b *membership.Benefit) bool { return b.Source == nil }},
	} {
		s.run(field, func(s stage) {
			before, was := s.records(), s.benefit("NEW_BENEFIT").Version
			payload := s.changeBenefit("NEW_BENEFIT", c.change)
			if len(payload.UserErrors) > 0 || payload.Benefit.Version != was+1 || !c.is(s.benefit("NEW_BENEFIT")) {
				s.Fatalf("got %s", inJSON(payload))
			}
			s.recordedBenefit(before, "updateBenefit", payload.Benefit, []string{field}, nil, kit.Updated)
			s.unchanged("mem_ACTIVE", func() { // the same again changes nothing
				if again := s.changeBenefit("NEW_BENEFIT", c.change); len(again.UserErrors) > 0 || again.Benefit.Version != was+1 {
					s.Errorf("again: %s", inJSON(again))
				}
			})
		})
	}
	s.run("faults come at once and change nothing", func(s stage) {
		s.unchanged("mem_ACTIVE", func() {
			payload := s.changeBenefit("NEW_BENEFIT", func(in *benefitChange) {
				in.ExpectedVersion, in.Kind, in.Categories, in.Sectors = 99, kit.Null[membership.BenefitKind](), kit.Null[[]membership.MembershipCategory](), kit.Some([]membership.Sector{})
				in.Title, in.HowToUse, in.Source = kit.Null[[]kit.TranslationInput](), kit.Some([]kit.TranslationInput{{Locale: kit.English}}), kit.Some(" ")
			})
			want := []string{"CONFLICT input.expectedVersion", "REQUIRED input.categories", "REQUIRED input.howToUse", "REQUIRED input.kind", "REQUIRED input.sectors", "REQUIRED input.source", "REQUIRED input.title"}
			if got := faultsOf(payload.UserErrors); !slices.Equal(got, want) || payload.Benefit != nil {
				s.Errorf("got %q, want %q", got, want)
			}
		})
	})
}

func TestABenefitIsRetiredOnceAndRecorded(t *testing.T) {
	onEngines(t, func(s stage) {
		b := s.made(func(*newBenefit) {})
		if got := faultsOf(s.retire(b.ID, 9, "2027-01-01").UserErrors); !slices.Equal(got, []string{"CONFLICT input.expectedVersion", "OUT_OF_RANGE input.effectiveOn"}) {
			s.Errorf("got %q", got)
		}
		before := s.records()
		retired := s.retire(b.ID, 1, "2025-04-30")
		s.recordedBenefit(before, "retireBenefit", retired.Benefit, []string{"retiredOn"}, new("Too few used it"), kit.Updated)
		s.unchanged("mem_ACTIVE", func() {
			again := s.retire(b.ID, 2, "2025-05-31")
			if got := faultsOf(again.UserErrors); !slices.Equal(got, []string{"NOT_ALLOWED_IN_STATE input.id"}) || !strings.Contains(again.UserErrors[0].Message, "2025-04-30") {
				s.Errorf("got %q, %+v", got, again.UserErrors)
			}
		})
	})
}

func TestOnlyTheSecretariatWritesBenefits(t *testing.T) {
	s := embedded(t)
	id := s.benefit("ONBOARDING").ID
	for name, c := range map[string]struct {
		actor kit.Actor
		id    kit.ID
		want  kit.Code
	}{
		"a visitor": {nobody, id, kit.Unauthenticated}, "an operator": {operator, id, kit.Forbidden}, "a focal point": {focalPoint("mem_ACTIVE"), id, kit.Forbidden},
		"an administration, of nothing": {uganda, "ben_NOBODY", kit.Forbidden}, "the secretariat, of nothing": {secretariat, "ben_NOBODY", kit.NotFound}, "the secretariat, of a member": {secretariat, "mem_ACTIVE", kit.NotFound},
	} {
		s.run(name, func(s stage) {
			s.unchanged("mem_ACTIVE", func() {
				_, err := s.portal.Benefits.Update(by(c.actor), benefitChange{ID: c.id, ExpectedVersion: 1, Kind: kit.Null[membership.BenefitKind]()})
				s.refused(err, c.want)
				_, err = s.portal.Benefits.Retire(by(c.actor), retirement{ID: c.id, ExpectedVersion: 1, EffectiveOn: "2025-04-01"})
				s.refused(err, c.want)
				if c.want != kit.NotFound {
					_, err = s.create(c.actor, func(in *newBenefit) { in.Code = "" })
					s.refused(err, c.want)
				}
			})
		})
	}
}

func TestTheListOfBenefitsHasAnEnd(t *testing.T) {
	s := embedded(t)
	there := len(s.codes(by(secretariat), &membership.BenefitFilter{Retired: new(true)}))
	s.must(s.store.Tx(by(secretariat), func(ctx context.Context) error {
		for i := there; i < 500; i++ {
			in := newBenefit{Code: fmt.Sprint("N", i), Kind: "SERVICE", Categories: membership.MembershipCategories, Sectors: membership.Sectors, Title: english("N"), Description: english("N"), HowToUse: english("N")}
			if made, err := s.portal.Benefits.Create(ctx, in); err != nil || made.Benefit == nil {
				return fmt.Errorf("benefit %d: %w %v", i, err, made)
			}
		}
		return nil
	}))
	payload, err := s.create(secretariat, func(*newBenefit) {})
	s.must(err)
	if got := faultsOf(payload.UserErrors); !slices.Equal(got, []string{"FULL input"}) {
		t.Errorf("got %q", got)
	}
	if n := len(s.onAllPages(100)); n != 500 {
		t.Errorf("%d are listed", n)
	}
}

// onAllPages are the codes of all benefits, page by page.
func (s stage) onAllPages(size int) (codes []string) {
	s.Helper()
	for args := (kit.PageArgs{First: &size}); ; {
		page, err := s.portal.Benefits.List(by(nobody), nil, args)
		s.must(err)
		for _, b := range page.Nodes() {
			codes = append(codes, b.Code)
		}
		if args.After = page.PageInfo.EndCursor; !page.PageInfo.HasNextPage {
			return codes
		}
	}
}
