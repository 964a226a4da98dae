package portal_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit"
)

type (
	newBenefit    = membership.CreateBenefitInput
	benefitChange = membership.UpdateBenefitInput
	retirement    = membership.RetireBenefitInput
)

// english is a text in English alone.
func english(text string) []kit.TranslationInput {
	return []kit.TranslationInput{{Locale: kit.English, Text: &text}}
}

// create makes a benefit by an input that says how it differs from a plain one.
func (s stage) create(a kit.Actor, change func(in *newBenefit)) (*membership.CreateBenefitPayload, error) {
	s.Helper()
	in := newBenefit{
		Code: "NEW_BENEFIT", Kind: "SERVICE", Categories: []membership.MembershipCategory{membership.Associate}, Sectors: []membership.Sector{membership.SectorD},
		Title: english("New benefit"), Description: english("It is new."), HowToUse: english("Use it."), Source: new("Council"),
	}
	change(&in)
	return s.portal.Benefits.Create(by(a), in)
}

// made is a benefit that must come about.
func (s stage) made(change func(in *newBenefit)) *membership.Benefit {
	s.Helper()
	payload, err := s.create(secretariat, change)
	s.must(err)
	if len(payload.UserErrors) > 0 || payload.Benefit == nil {
		s.Fatalf("faults: %v", payload.UserErrors)
	}
	return payload.Benefit
}

func (s stage) retire(id kit.ID, version int, on kit.Date) *membership.RetireBenefitPayload {
	s.Helper()
	payload, err := s.portal.Benefits.Retire(by(secretariat), retirement{ID: id, ExpectedVersion: version, EffectiveOn: on, Reason: new("Too few used it")})
	s.must(err)
	return payload
}

// codes are those of a list, in its order.
func (s stage) codes(ctx context.Context, filter *membership.BenefitFilter) (codes []string) {
	s.Helper()
	list, err := s.portal.Benefits.List(ctx, filter, kit.PageArgs{First: new(100)})
	s.must(err)
	for _, b := range list.Nodes() {
		codes = append(codes, b.Code)
	}
	return codes
}

func TestARetiredBenefitIsSeenByTheSecretariatAlone(t *testing.T) {
	onEngines(t, func(s stage) {
		gone, later := s.made(func(in *newBenefit) { in.Code = "GONE" }), s.made(func(in *newBenefit) { in.Code = "LATER" })
		for id, on := range map[kit.ID]kit.Date{gone.ID: testkit.Today, later.ID: "2025-04-01"} {
			if payload := s.retire(id, 1, on); payload.Benefit == nil || payload.Benefit.Version != 2 || *payload.Benefit.RetiredOn != on {
				s.Fatalf("got %s", inJSON(payload))
			}
		}
		for name, a := range map[string]kit.Actor{"a visitor": nobody, "a focal point": focalPoint("mem_ACTIVE"), "the secretariat": secretariat} {
			mine := a.Has(kit.RoleSecretariat)
			for _, filter := range []*membership.BenefitFilter{nil, {}, {Retired: new(false)}} {
				if got := s.codes(by(a), filter); slices.Contains(got, "GONE") || !slices.Contains(got, "LATER") {
					s.Errorf("%s lists %q", name, got)
				}
			}
			found, err := s.portal.Benefits.ByIDs(by(a), []kit.ID{later.ID, gone.ID, "ben_NOBODY"})
			s.must(err)
			if found[0] == nil || (found[1] != nil) != mine || found[2] != nil {
				s.Errorf("%s reads %s", name, inJSON(found))
			}
			rows, err := s.portal.Benefits.Compare(by(a), nil)
			s.must(err)
			if slices.ContainsFunc(rows, func(r membership.BenefitComparison) bool { return r.Benefit.Code == "GONE" }) {
				s.Errorf("%s compares a retired benefit", name)
			}
			_, hits := s.search(a, "it is new", onlyBenefits, 100, nil)
			if !slices.Equal(hits, []kit.ID{later.ID}) {
				s.Errorf("%s finds %q", name, hits)
			}
		}
		if got := s.codes(by(secretariat), &membership.BenefitFilter{Retired: new(true)}); !slices.Contains(got, "GONE") || !slices.Contains(got, "LATER") {
			s.Errorf("the secretariat lists %q", got)
		}
		for a, want := range map[string]kit.Code{"nobody": kit.Unauthenticated, "OPERATOR": kit.Forbidden, "FOCAL_POINT mem_ACTIVE": kit.Forbidden} {
			actor := nobody
			if a != "nobody" {
				actor = testkit.Actor(a)
			}
			_, err := s.portal.Benefits.List(by(actor), &membership.BenefitFilter{Retired: new(true)}, kit.PageArgs{})
			s.refused(err, want)
		}
	})
}

func TestAMemberHasTheBenefitsOfItsCategoryAndSectorsWhileItBelongs(t *testing.T) {
	s := embedded(t)
	all := membership.MembershipCategories
	for code, c := range map[string]struct {
		categories []membership.MembershipCategory
		sectors    []membership.Sector
	}{
		"Q_ALL": {all, membership.Sectors}, "Q_MEMBER_D": {all[:1], []membership.Sector{membership.SectorD}}, "Q_MEMBER_R": {all[:1], []membership.Sector{membership.SectorR}},
		"Q_ACADEMIA_R": {[]membership.MembershipCategory{membership.Academia}, []membership.Sector{membership.SectorR}}, "Q_ASSOCIATE": {[]membership.MembershipCategory{membership.Associate}, []membership.Sector{membership.SectorT, membership.SectorD}},
	} {
		s.made(func(in *newBenefit) { in.Code, in.Categories, in.Sectors = code, c.categories, c.sectors })
	}
	gone := s.made(func(in *newBenefit) { in.Code, in.Categories = "Q_GONE", all })
	s.retire(gone.ID, 1, testkit.Today)
	for name, change := range map[string]func(in *admission){
		"Both Sectors": func(in *admission) { in.Sectors = []membership.Sector{membership.SectorD, membership.SectorR} },
		"Academy":      func(in *admission) { in.Category = membership.Academia },
		"Associated":   func(in *admission) { in.Category, in.StudyGroup = membership.Associate, new(membership.SG1) },
	} {
		made, err := s.admit(secretariat, func(in *admission) { change(in); in.Name = name })
		s.must(err)
		_, err = s.activate(made.Member.ID, func(*activation) {})
		s.must(err)
	}
	list, err := s.portal.Members.List(by(secretariat), nil, nil, kit.PageArgs{First: new(100)})
	s.must(err)
	for name, want := range map[string]string{
		"Testbed Active": "Q_ALL Q_MEMBER_D", "Testbed Suspended": "Q_ALL Q_MEMBER_D", "Testbed Leaving": "Q_ALL Q_MEMBER_D", "Both Sectors": "Q_ALL Q_MEMBER_D Q_MEMBER_R",
		"Testbed Pending": "", "Testbed Withdrawn": "", "Testbed Excluded": "", "Academy": "Q_ACADEMIA_R Q_ALL", "Associated": "Q_ALL Q_ASSOCIATE",
	} {
		t.Run(name+" has "+want, func(t *testing.T) {
			i := slices.IndexFunc(list.Nodes(), func(m *membership.Member) bool { return m.Name == name })
			given, err := s.portal.Benefits.Of(by(nobody), list.Nodes()[i])
			s.must(err)
			var got []string
			for _, b := range given {
				if strings.HasPrefix(b.Code, "Q_") {
					got = append(got, b.Code)
				}
			}
			if strings.Join(got, " ") != want || given == nil || want == "" && len(given) > 0 {
				t.Errorf("got %q of %d", got, len(given))
			}
		})
	}
}

func TestCategoriesAreComparedSideBySideByCode(t *testing.T) {
	s := newStage(t, testkit.Engines()[0].Shared(t))
	for name, asked := range map[string][]membership.MembershipCategory{
		"all": nil, "two, in the order asked for": {membership.Academia, membership.SectorMember}, "none": {},
	} {
		t.Run(name, func(t *testing.T) {
			rows, err := s.portal.Benefits.Compare(by(nobody), asked)
			s.must(err)
			want := asked
			if asked == nil {
				want = membership.MembershipCategories
			}
			codes := s.codes(by(nobody), nil)
			slices.Sort(codes)
			for i, r := range rows {
				if r.Benefit.Code != codes[i] || len(r.Entitlements) != len(want) {
					t.Fatalf("row %d is %s with %d columns", i, r.Benefit.Code, len(r.Entitlements))
				}
				for j, e := range r.Entitlements {
					entitled := slices.Contains(r.Benefit.Categories, want[j])
					if e.Category != want[j] || e.Entitled != entitled || entitled && !slices.Equal(e.Sectors, r.Benefit.Sectors) || !entitled && len(e.Sectors) > 0 {
						t.Errorf("%s: %+v", r.Benefit.Code, e)
					}
				}
			}
			if len(rows) != len(codes) || len(rows) < 18 {
				t.Errorf("%d rows", len(rows))
			}
		})
	}
}

func TestBenefitsAreListedByTheirTitleInTheReadersLanguage(t *testing.T) {
	onShared(t, func(s stage) {
		orders := map[string]bool{}
		for _, l := range kit.Locales {
			ctx := kit.WithLocale(by(nobody), l)
			list, err := s.portal.Benefits.List(ctx, nil, kit.PageArgs{First: new(100)})
			s.must(err)
			order := collate.New(language.Make(strings.ToLower(string(l))))
			titles := []string{}
			for _, b := range list.Nodes() {
				titles = append(titles, b.Title.Text(ctx, nil))
			}
			if !slices.IsSortedFunc(titles, order.CompareString) || len(titles) < 18 {
				s.Errorf("%s: %q", l, titles)
			}
			orders[strings.Join(s.codes(ctx, nil), " ")] = true
		}
		if len(orders) < 5 {
			s.Errorf("%d orders in six languages", len(orders))
		}
	})
}

func TestALongTitleDoesNotEndTheList(t *testing.T) {
	for name, letter := range map[string]string{"in Chinese": "电", "in Spanish": "ñ", "in Russian": "ё", "in Arabic": "ع", "of signs that are longer written out": "ﷺ"} {
		t.Run(name, func(t *testing.T) {
			s := embedded(t)
			s.made(func(in *newBenefit) { in.Title = english(strings.Repeat(letter, 120)) })
			list, err := s.portal.Benefits.List(by(nobody), nil, kit.PageArgs{First: new(100)})
			s.must(err)
			for i, e := range list.Edges {
				rest, err := s.portal.Benefits.List(by(nobody), nil, kit.PageArgs{First: new(100), After: &e.Cursor})
				if err != nil || len(rest.Edges) != len(list.Edges)-1-i {
					t.Errorf("after %q: %v", e.Node.Code, err)
				}
			}
		})
	}
}

func TestAFilterOfBenefitsNarrows(t *testing.T) {
	s := newStage(t, testkit.Engines()[0].Shared(t))
	rows, err := s.portal.Benefits.Compare(by(nobody), nil)
	s.must(err)
	overlap := func(wanted, has any) bool {
		return inJSON(wanted) == "null" || slices.ContainsFunc(strings.FieldsFunc(inJSON(wanted), func(r rune) bool { return strings.ContainsRune(`[]",`, r) }),
			func(v string) bool { return strings.Contains(inJSON(has), `"`+v+`"`) })
	}
	for name, f := range map[string]membership.BenefitFilter{
		"nothing": {}, "one category": {Categories: []membership.MembershipCategory{membership.Associate}}, "one Sector": {Sectors: []membership.Sector{membership.SectorR}},
		"two kinds": {Kinds: []membership.BenefitKind{"LEARNING", "SERVICE"}}, "no category": {Categories: []membership.MembershipCategory{}}, "no kind": {Kinds: []membership.BenefitKind{}}, "no Sector": {Sectors: []membership.Sector{}},
		"all at once": {Categories: []membership.MembershipCategory{membership.Academia, membership.Associate}, Sectors: []membership.Sector{membership.SectorD, membership.SectorT}, Kinds: []membership.BenefitKind{"PARTICIPATION"}},
	} {
		t.Run("by "+name, func(t *testing.T) {
			var want []string
			for _, r := range rows {
				if b := r.Benefit; overlap(f.Categories, b.Categories) && overlap(f.Sectors, b.Sectors) && overlap(f.Kinds, []membership.BenefitKind{b.Kind}) {
					want = append(want, b.Code)
				}
			}
			got := s.codes(by(nobody), &f)
			slices.Sort(got)
			if !slices.Equal(got, want) || strings.HasPrefix(name, "no ") != (len(got) == 0) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
