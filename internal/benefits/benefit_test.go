package benefits_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"memberportal/internal/benefits"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

type (
	newBenefit    = benefits.CreateBenefitInput
	benefitChange = benefits.UpdateBenefitInput
	retirement    = benefits.RetireBenefitInput
)

// codes are those of a list, in its order.
func (s scene) codes(ctx context.Context, filter *benefits.BenefitFilter) (codes []string) {
	s.Helper()
	list, err := s.Portal.Benefits.List(ctx, filter, kit.PageArgs{First: new(100)})
	s.Must(err)
	for _, b := range list.Nodes() {
		codes = append(codes, b.Code)
	}
	return codes
}

func TestARetiredBenefitIsSeenByTheSecretariatAlone(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		gone, later := s.MakeBenefit(func(in *newBenefit) { in.Code = "GONE" }), s.MakeBenefit(func(in *newBenefit) { in.Code = "LATER" })
		for id, on := range map[kit.ID]kit.Date{gone.ID: testkit.Today, later.ID: "2025-04-01"} {
			if payload := s.RetireBenefit(id, 1, on); payload.Benefit == nil || payload.Benefit.Version != 2 || *payload.Benefit.RetiredOn != on {
				s.Fatalf("got %s", stage.InJSON(payload))
			}
		}
		for name, a := range map[string]kit.Actor{"a visitor": stage.Nobody, "a focal point": stage.FocalPoint("mem_ACTIVE"), "the secretariat": stage.Secretariat} {
			mine := a.Has(kit.RoleSecretariat)
			for _, filter := range []*benefits.BenefitFilter{nil, {}, {Retired: new(false)}} {
				if got := s.codes(stage.By(a), filter); slices.Contains(got, "GONE") || !slices.Contains(got, "LATER") {
					s.Errorf("%s lists %q", name, got)
				}
			}
			found, err := s.Portal.Benefits.ByIDs(stage.By(a), []kit.ID{later.ID, gone.ID, "ben_NOBODY"})
			s.Must(err)
			if found[0] == nil || (found[1] != nil) != mine || found[2] != nil {
				s.Errorf("%s reads %s", name, stage.InJSON(found))
			}
			rows, err := s.Portal.Benefits.Compare(stage.By(a), nil)
			s.Must(err)
			if slices.ContainsFunc(rows, func(r benefits.BenefitComparison) bool { return r.Benefit.Code == "GONE" }) {
				s.Errorf("%s compares a retired benefit", name)
			}
			_, hits := s.Search(a, "it is new", []kit.SearchType{kit.SearchBenefits}, 100, nil)
			if !slices.Equal(hits, []kit.ID{later.ID}) {
				s.Errorf("%s finds %q", name, hits)
			}
		}
		if got := s.codes(stage.By(stage.Secretariat), &benefits.BenefitFilter{Retired: new(true)}); !slices.Contains(got, "GONE") || !slices.Contains(got, "LATER") {
			s.Errorf("the secretariat lists %q", got)
		}
		for a, want := range map[string]kit.Code{"nobody": kit.Unauthenticated, "OPERATOR": kit.Forbidden, "FOCAL_POINT mem_ACTIVE": kit.Forbidden} {
			actor := stage.Nobody
			if a != "nobody" {
				actor = testkit.Actor(a)
			}
			_, err := s.Portal.Benefits.List(stage.By(actor), &benefits.BenefitFilter{Retired: new(true)}, kit.PageArgs{})
			s.Refused(err, want)
		}
	})
}

func TestAMemberHasTheBenefitsOfItsCategoryAndSectorsWhileItBelongs(t *testing.T) {
	s := scene{stage.Embedded(t)}
	all := membership.MembershipCategories
	for code, c := range map[string]struct {
		categories []membership.MembershipCategory
		sectors    []membership.Sector
	}{
		"Q_ALL": {all, membership.Sectors}, "Q_MEMBER_D": {all[:1], []membership.Sector{membership.SectorD}}, "Q_MEMBER_R": {all[:1], []membership.Sector{membership.SectorR}},
		"Q_ACADEMIA_R": {[]membership.MembershipCategory{membership.Academia}, []membership.Sector{membership.SectorR}}, "Q_ASSOCIATE": {[]membership.MembershipCategory{membership.Associate}, []membership.Sector{membership.SectorT, membership.SectorD}},
	} {
		s.MakeBenefit(func(in *newBenefit) { in.Code, in.Categories, in.Sectors = code, c.categories, c.sectors })
	}
	gone := s.MakeBenefit(func(in *newBenefit) { in.Code, in.Categories = "Q_GONE", all })
	s.RetireBenefit(gone.ID, 1, testkit.Today)
	for name, change := range map[string]func(in *membership.AdmitMemberInput){
		"Both Sectors": func(in *membership.AdmitMemberInput) {
			in.Sectors = []membership.Sector{membership.SectorD, membership.SectorR}
		},
		"Academy": func(in *membership.AdmitMemberInput) { in.Category = membership.Academia },
		"Associated": func(in *membership.AdmitMemberInput) {
			in.Category, in.StudyGroup = membership.Associate, new(membership.SG1)
		},
	} {
		made, err := s.Admit(stage.Secretariat, func(in *membership.AdmitMemberInput) { change(in); in.Name = name })
		s.Must(err)
		_, err = s.Activate(made.Member.ID, func(*membership.ActivateMemberInput) {})
		s.Must(err)
	}
	list, err := s.Portal.Members.List(stage.By(stage.Secretariat), nil, nil, kit.PageArgs{First: new(100)})
	s.Must(err)
	for name, want := range map[string]string{
		"Testbed Active": "Q_ALL Q_MEMBER_D", "Testbed Suspended": "Q_ALL Q_MEMBER_D", "Testbed Leaving": "Q_ALL Q_MEMBER_D", "Both Sectors": "Q_ALL Q_MEMBER_D Q_MEMBER_R",
		"Testbed Pending": "", "Testbed Withdrawn": "", "Testbed Excluded": "", "Academy": "Q_ACADEMIA_R Q_ALL", "Associated": "Q_ALL Q_ASSOCIATE",
	} {
		t.Run(name+" has "+want, func(t *testing.T) {
			i := slices.IndexFunc(list.Nodes(), func(m *membership.Member) bool { return m.Name == name })
			given, err := s.Portal.Benefits.Of(stage.By(stage.Nobody), list.Nodes()[i])
			s.Must(err)
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
	s := scene{stage.New(t, testkit.Engines()[0].Shared(t))}
	for name, asked := range map[string][]membership.MembershipCategory{
		"all": nil, "two, in the order asked for": {membership.Academia, membership.SectorMember}, "none": {},
	} {
		t.Run(name, func(t *testing.T) {
			rows, err := s.Portal.Benefits.Compare(stage.By(stage.Nobody), asked)
			s.Must(err)
			want := asked
			if asked == nil {
				want = membership.MembershipCategories
			}
			codes := s.codes(stage.By(stage.Nobody), nil)
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
	stage.OnShared(t, func(s scene) {
		orders := map[string]bool{}
		for _, l := range kit.Locales {
			ctx := kit.WithLocale(stage.By(stage.Nobody), l)
			list, err := s.Portal.Benefits.List(ctx, nil, kit.PageArgs{First: new(100)})
			s.Must(err)
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
			s := scene{stage.Embedded(t)}
			s.MakeBenefit(func(in *newBenefit) { in.Title = stage.English(strings.Repeat(letter, 120)) })
			list, err := s.Portal.Benefits.List(stage.By(stage.Nobody), nil, kit.PageArgs{First: new(100)})
			s.Must(err)
			for i, e := range list.Edges {
				rest, err := s.Portal.Benefits.List(stage.By(stage.Nobody), nil, kit.PageArgs{First: new(100), After: &e.Cursor})
				if err != nil || len(rest.Edges) != len(list.Edges)-1-i {
					t.Errorf("after %q: %v", e.Node.Code, err)
				}
			}
		})
	}
}

func TestAFilterOfBenefitsNarrows(t *testing.T) {
	s := scene{stage.New(t, testkit.Engines()[0].Shared(t))}
	rows, err := s.Portal.Benefits.Compare(stage.By(stage.Nobody), nil)
	s.Must(err)
	overlap := func(wanted, has any) bool {
		return stage.InJSON(wanted) == "null" || slices.ContainsFunc(strings.FieldsFunc(stage.InJSON(wanted), func(r rune) bool { return strings.ContainsRune(`[]",`, r) }),
			func(v string) bool { return strings.Contains(stage.InJSON(has), `"`+v+`"`) })
	}
	for name, f := range map[string]benefits.BenefitFilter{
		"nothing": {}, "one category": {Categories: []membership.MembershipCategory{membership.Associate}}, "one Sector": {Sectors: []membership.Sector{membership.SectorR}},
		"two kinds": {Kinds: []benefits.BenefitKind{"LEARNING", "SERVICE"}}, "no category": {Categories: []membership.MembershipCategory{}}, "no kind": {Kinds: []benefits.BenefitKind{}}, "no Sector": {Sectors: []membership.Sector{}},
		"all at once": {Categories: []membership.MembershipCategory{membership.Academia, membership.Associate}, Sectors: []membership.Sector{membership.SectorD, membership.SectorT}, Kinds: []benefits.BenefitKind{"PARTICIPATION"}},
	} {
		t.Run("by "+name, func(t *testing.T) {
			var want []string
			for _, r := range rows {
				if b := r.Benefit; overlap(f.Categories, b.Categories) && overlap(f.Sectors, b.Sectors) && overlap(f.Kinds, []benefits.BenefitKind{b.Kind}) {
					want = append(want, b.Code)
				}
			}
			got := s.codes(stage.By(stage.Nobody), &f)
			slices.Sort(got)
			if !slices.Equal(got, want) || strings.HasPrefix(name, "no ") != (len(got) == 0) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
