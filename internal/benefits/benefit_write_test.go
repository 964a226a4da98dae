package benefits_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/benefits"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit/stage"
)

// benefit is the one with a code, retired or not.
func (s scene) benefit(code string) *benefits.Benefit {
	s.Helper()
	list, err := s.Portal.Benefits.List(stage.By(stage.Secretariat), &benefits.BenefitFilter{Retired: new(true)}, kit.PageArgs{First: new(100)})
	s.Must(err)
	i := slices.IndexFunc(list.Nodes(), func(b *benefits.Benefit) bool { return b.Code == code })
	return list.Nodes()[i]
}

func TestANewBenefitIsStoredAndRecorded(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		before := s.Records()
		b := s.MakeBenefit(func(in *newBenefit) {
			in.Source = new("  Council 2025 ")
			in.Title = append(stage.English(" New benefit "), kit.TranslationInput{Locale: kit.French, Text: new("Nouvel avantage"), Provenance: new(kit.Machine)})
		})
		want := []kit.Translation{{Locale: kit.English, Text: "New benefit", Provenance: kit.Original}, {Locale: kit.French, Text: "Nouvel avantage", Provenance: kit.Machine}}
		if b.Version != 1 || b.Code != "NEW_BENEFIT" || b.Dataset != kit.Recorded || !slices.Equal(b.Title.Translations, want) || !strings.HasPrefix(string(b.ID), "ben_") {
			s.Errorf("made %s", stage.InJSON(b))
		}
		if *b.Source != "Council 2025" {
			s.Errorf("the source is kept as %q, with the space around it", *b.Source)
		}
		s.recordedBenefit(before, "createBenefit", b, []string{"code", "title"}, nil, kit.Created)
	})
}

// recordedBenefit holds what one write of a benefit left.
func (s scene) recordedBenefit(before stage.Records, operation string, b *benefits.Benefit, fields []string, reason *string, kind kit.ChangeKind) {
	s.Helper()
	audit, notices := s.Records().Since(before)
	if len(audit) != 1 || len(notices) != 1 {
		s.Fatalf("%d audit entries and %d notices", len(audit), len(notices))
	}
	e, n := audit[0], notices[0]
	if e.Operation != operation || e.TargetID != b.ID || e.TargetVersion != b.Version || !slices.Equal(e.Fields, fields) || stage.InJSON(e.Reason) != stage.InJSON(reason) ||
		e.Actor != "usr_secretariat" || e.Request != "request-1" || n.Noun != "benefits" || n.Target != b.ID || n.TargetVersion != b.Version || n.Kind != kind {
		s.Errorf("audit entry %s, notice %s", stage.InJSON(e), stage.InJSON(n))
	}
}

func TestAllFaultsOfABenefitComeAtOnce(t *testing.T) {
	long := strings.Repeat("é", 2001)
	stage.OnEngines(t, func(s scene) {
		used := s.MakeBenefit(func(*newBenefit) {})
		for name, c := range map[string]struct {
			change func(in *newBenefit)
			want   []string
		}{
			"everything is empty": {func(in *newBenefit) { *in = newBenefit{Kind: "SERVICE"} }, []string{
				"INVALID input.code", "REQUIRED input.categories", "REQUIRED input.description", "REQUIRED input.howToUse", "REQUIRED input.sectors", "REQUIRED input.title",
			}},
			"everything is wrong": {func(in *newBenefit) {
				in.IdempotencyKey, in.Code, in.Source = new(" "), "new benefit", new("a\nb")
				in.Title = append(stage.English(long[:2*121]), kit.TranslationInput{Locale: kit.French, Text: new(" ")}, kit.TranslationInput{Locale: kit.French, Text: new("b")})
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
			if s.Slow() && name != "the code is used" {
				continue
			}
			stage.Run(s, name, func(s scene) {
				s.Unchanged("mem_ACTIVE", func() {
					payload, err := s.CreateBenefit(stage.Secretariat, c.change)
					s.Must(err)
					if got := stage.FaultsOf(payload.UserErrors); !slices.Equal(got, c.want) || payload.Benefit != nil {
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
	s := scene{stage.Embedded(t)}
	b := s.MakeBenefit(func(*newBenefit) {})
	s.RetireBenefit(b.ID, 1, "2020-01-01")
	payload, err := s.CreateBenefit(stage.Secretariat, func(*newBenefit) {})
	s.Must(err)
	if got := stage.FaultsOf(payload.UserErrors); !slices.Equal(got, []string{"DUPLICATE input.code"}) || *payload.UserErrors[0].RelatedID != b.ID {
		t.Errorf("got %q", got)
	}
}

func TestABenefitIsMadeOnceUnderAKey(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		keyed := func(title string) *benefits.CreateBenefitPayload {
			payload, err := s.CreateBenefit(stage.Secretariat, func(in *newBenefit) { in.IdempotencyKey, in.Title = new("key"), stage.English(title) })
			s.Must(err)
			return payload
		}
		first := keyed("One")
		if first.Benefit == nil {
			s.Fatalf("faults: %v", first.UserErrors)
		}
		s.Unchanged("mem_ACTIVE", func() {
			if again := keyed("One"); again.Benefit == nil || again.Benefit.ID != first.Benefit.ID {
				s.Errorf("got %s", stage.InJSON(again))
			}
			if got := stage.FaultsOf(keyed("Two").UserErrors); !slices.Equal(got, []string{"IDEMPOTENCY_KEY_REUSED input.idempotencyKey"}) {
				s.Errorf("got %q", got)
			}
		})
	})
}

func (s scene) changeBenefit(code string, change func(in *benefitChange)) *benefits.UpdateBenefitPayload {
	s.Helper()
	b := s.benefit(code)
	in := benefitChange{ID: b.ID, ExpectedVersion: int(b.Version)}
	change(&in)
	payload, err := s.Portal.Benefits.Update(stage.By(stage.Secretariat), in)
	s.Must(err)
	return payload
}

func TestABenefitIsChangedFieldByField(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.MakeBenefit(func(*newBenefit) {})
	for field, c := range map[string]struct {
		change func(in *benefitChange)
		is     func(b *benefits.Benefit) bool
	}{
		"kind":       {func(in *benefitChange) { in.Kind = kit.Some(benefits.BenefitKind("LEARNING")) }, func(b *benefits.Benefit) bool { return b.Kind == "LEARNING" }},
		"categories": {func(in *benefitChange) { in.Categories = kit.Some(membership.MembershipCategories) }, func(b *benefits.Benefit) bool { return len(b.Categories) == 3 }},
		"sectors":    {func(in *benefitChange) { in.Sectors = kit.Some([]membership.Sector{membership.SectorT}) }, func(b *benefits.Benefit) bool { return b.Sectors[0] == membership.SectorT }},
		"title":      {func(in *benefitChange) { in.Title = kit.Some(stage.English("Renewed")) }, func(b *benefits.Benefit) bool { return b.Title.Text(context.Background(), nil) == "Renewed" }},
		"description": {func(in *benefitChange) {
			in.Description = kit.Some([]kit.TranslationInput{{Locale: kit.French, Text: new("Neuf")}})
		}, func(b *benefits.Benefit) bool { return len(b.Description.Translations) == 2 }},
		"howToUse": {func(in *benefitChange) { in.HowToUse = kit.Some(stage.English("So")) }, func(b *benefits.Benefit) bool { return len(b.HowToUse.Translations) == 1 }},
		"source":   {func(in *benefitChange) { in.Source = kit.Null[string]() }, func(b *benefits.Benefit) bool { return b.Source == nil }},
	} {
		stage.Run(s, field, func(s scene) {
			before, was := s.Records(), s.benefit("NEW_BENEFIT").Version
			payload := s.changeBenefit("NEW_BENEFIT", c.change)
			if len(payload.UserErrors) > 0 || payload.Benefit.Version != was+1 || !c.is(s.benefit("NEW_BENEFIT")) {
				s.Fatalf("got %s", stage.InJSON(payload))
			}
			s.recordedBenefit(before, "updateBenefit", payload.Benefit, []string{field}, nil, kit.Updated)
			s.Unchanged("mem_ACTIVE", func() { // the same again changes nothing
				if again := s.changeBenefit("NEW_BENEFIT", c.change); len(again.UserErrors) > 0 || again.Benefit.Version != was+1 {
					s.Errorf("again: %s", stage.InJSON(again))
				}
			})
		})
	}
	stage.Run(s, "faults come at once and change nothing", func(s scene) {
		s.Unchanged("mem_ACTIVE", func() {
			payload := s.changeBenefit("NEW_BENEFIT", func(in *benefitChange) {
				in.ExpectedVersion, in.Kind, in.Categories, in.Sectors = 99, kit.Null[benefits.BenefitKind](), kit.Null[[]membership.MembershipCategory](), kit.Some([]membership.Sector{})
				in.Title, in.HowToUse, in.Source = kit.Null[[]kit.TranslationInput](), kit.Some([]kit.TranslationInput{{Locale: kit.English}}), kit.Some(" ")
			})
			want := []string{"CONFLICT input.expectedVersion", "REQUIRED input.categories", "REQUIRED input.howToUse", "REQUIRED input.kind", "REQUIRED input.sectors", "REQUIRED input.source", "REQUIRED input.title"}
			if got := stage.FaultsOf(payload.UserErrors); !slices.Equal(got, want) || payload.Benefit != nil {
				s.Errorf("got %q, want %q", got, want)
			}
		})
	})
}

func TestABenefitIsRetiredOnceAndRecorded(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		b := s.MakeBenefit(func(*newBenefit) {})
		if got := stage.FaultsOf(s.RetireBenefit(b.ID, 9, "2027-01-01").UserErrors); !slices.Equal(got, []string{"CONFLICT input.expectedVersion", "OUT_OF_RANGE input.effectiveOn"}) {
			s.Errorf("got %q", got)
		}
		before := s.Records()
		retired := s.RetireBenefit(b.ID, 1, "2025-04-30")
		s.recordedBenefit(before, "retireBenefit", retired.Benefit, []string{"retiredOn"}, new("Too few used it"), kit.Updated)
		s.Unchanged("mem_ACTIVE", func() {
			again := s.RetireBenefit(b.ID, 2, "2025-05-31")
			if got := stage.FaultsOf(again.UserErrors); !slices.Equal(got, []string{"NOT_ALLOWED_IN_STATE input.id"}) || !strings.Contains(again.UserErrors[0].Message, "2025-04-30") {
				s.Errorf("got %q, %+v", got, again.UserErrors)
			}
		})
	})
}

func TestOnlyTheSecretariatWritesBenefits(t *testing.T) {
	s := scene{stage.Embedded(t)}
	id := s.benefit("ONBOARDING").ID
	for name, c := range map[string]struct {
		actor kit.Actor
		id    kit.ID
		want  kit.Code
	}{
		"a visitor": {stage.Nobody, id, kit.Unauthenticated}, "an operator": {stage.Operator, id, kit.Forbidden}, "a focal point": {stage.FocalPoint("mem_ACTIVE"), id, kit.Forbidden},
		"an administration, of nothing": {stage.Uganda, "ben_NOBODY", kit.Forbidden}, "the secretariat, of nothing": {stage.Secretariat, "ben_NOBODY", kit.NotFound}, "the secretariat, of a member": {stage.Secretariat, "mem_ACTIVE", kit.NotFound},
	} {
		stage.Run(s, name, func(s scene) {
			s.Unchanged("mem_ACTIVE", func() {
				_, err := s.Portal.Benefits.Update(stage.By(c.actor), benefitChange{ID: c.id, ExpectedVersion: 1, Kind: kit.Null[benefits.BenefitKind]()})
				s.Refused(err, c.want)
				_, err = s.Portal.Benefits.Retire(stage.By(c.actor), retirement{ID: c.id, ExpectedVersion: 1, EffectiveOn: "2025-04-01"})
				s.Refused(err, c.want)
				if c.want != kit.NotFound {
					_, err = s.CreateBenefit(c.actor, func(in *newBenefit) { in.Code = "" })
					s.Refused(err, c.want)
				}
			})
		})
	}
}

func TestTheListOfBenefitsHasAnEnd(t *testing.T) {
	s := scene{stage.Embedded(t)}
	there := len(s.codes(stage.By(stage.Secretariat), &benefits.BenefitFilter{Retired: new(true)}))
	s.Must(s.Store.Tx(stage.By(stage.Secretariat), func(ctx context.Context) error {
		for i := there; i < 500; i++ {
			in := newBenefit{Code: fmt.Sprint("N", i), Kind: "SERVICE", Categories: membership.MembershipCategories, Sectors: membership.Sectors, Title: stage.English("N"), Description: stage.English("N"), HowToUse: stage.English("N")}
			if made, err := s.Portal.Benefits.Create(ctx, in); err != nil || made.Benefit == nil {
				return fmt.Errorf("benefit %d: %w %v", i, err, made)
			}
		}
		return nil
	}))
	payload, err := s.CreateBenefit(stage.Secretariat, func(*newBenefit) {})
	s.Must(err)
	if got := stage.FaultsOf(payload.UserErrors); !slices.Equal(got, []string{"FULL input"}) {
		t.Errorf("got %q", got)
	}
	if n := len(s.onAllPages(100)); n != 500 {
		t.Errorf("%d are listed", n)
	}
}

// onAllPages are the codes of all benefits, page by page.
func (s scene) onAllPages(size int) (codes []string) {
	s.Helper()
	for args := (kit.PageArgs{First: &size}); ; {
		page, err := s.Portal.Benefits.List(stage.By(stage.Nobody), nil, args)
		s.Must(err)
		for _, b := range page.Nodes() {
			codes = append(codes, b.Code)
		}
		if args.After = page.PageInfo.EndCursor; !page.PageInfo.HasNextPage {
			return codes
		}
	}
}
