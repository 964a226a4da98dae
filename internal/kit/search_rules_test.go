package kit_test

import (
	"slices"
	"strings"
	"testing"

	"memberportal/internal/benefits"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

var onlyMembers, onlyBenefits = []kit.SearchType{kit.SearchMembers}, []kit.SearchType{kit.SearchBenefits}

// finds holds the ids that a search of one page gives.
func (s scene) finds(a kit.Actor, query string, types []kit.SearchType, want ...kit.ID) {
	s.Helper()
	_, got := s.Search(a, query, types, 100, nil)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		s.Errorf("%q finds %q, want %q", query, got, want)
	}
}

func TestAQueryThatCannotBeAnsweredIsTheCallersFault(t *testing.T) {
	s := scene{stage.New(t, testkit.Engines()[0].Shared(t))}
	first, _ := s.Search(stage.Nobody, "demo", nil, 1, nil)
	for name, c := range map[string]struct {
		query string
		types []kit.SearchType
		first int
		after *string
		want  string
	}{
		"an empty query":                            {want: "searchTooShort"},
		"a query of one letter":                     {query: "a", want: "searchTooShort"},
		"a query of one Han character":              {query: "电", want: "searchTooShort"},
		"a query of several letters apart":          {query: "a b c", want: "searchTooShort"},
		"a query of punctuation":                    {query: "!? — “”", want: "searchTooShort"},
		"a query of what nobody sees":               {query: "\u200b\u200b\x00", want: "searchTooShort"},
		"a query of 201 characters":                 {query: strings.Repeat("é", 201), want: "searchTooLong"},
		"a query of eleven words":                   {query: "aa ab ac ad ae af ag ah ai aj ak", want: "searchTooLong"},
		"a page of none":                            {query: "demo", first: -1, want: "badPageSize"},
		"a page of 101":                             {query: "demo", first: 101, want: "badPageSize"},
		"a cursor that is none":                     {query: "demo", first: 1, after: new("nonsense"), want: "badCursor"},
		"a cursor of another query":                 {query: "demos", first: 1, after: first.PageInfo.EndCursor, want: "badCursor"},
		"a cursor of the same query in other types": {query: "demo", types: onlyMembers, first: 1, after: first.PageInfo.EndCursor, want: "badCursor"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.first == 0 {
				c.first = 20
			}
			found, err := s.Portal.Search.Search(stage.By(stage.Nobody), c.query, c.types, &c.first, c.after)
			s.Refused(err, kit.BadUserInput)
			if refusal, ok := err.(*kit.Refusal); !ok || refusal.Key != c.want || found != nil {
				t.Errorf("got %+v, %v, want %s", found, err, c.want)
			}
		})
	}
	t.Run("a cursor of the same query written otherwise is taken", func(t *testing.T) {
		if _, err := s.Portal.Search.Search(stage.By(stage.Nobody), " DÉMO ", nil, new(1), first.PageInfo.EndCursor); err != nil {
			t.Error(err)
		}
	})
	t.Run("a cursor of another language's order is refused", func(*testing.T) {
		_, err := s.Portal.Search.Search(kit.WithLocale(stage.By(stage.Nobody), kit.Russian), "demo", nil, new(1), first.PageInfo.EndCursor)
		s.Refused(err, kit.BadUserInput)
	})
	t.Run("200 characters and ten words are not too long", func(*testing.T) {
		for _, query := range []string{strings.Repeat("é", 200), "aa ab ac ad ae af ag ah ai aj"} {
			s.finds(stage.Nobody, query, nil)
		}
	})
}

func TestOnlyWhatIsPublicIsFoundWhoeverAsks(t *testing.T) {
	stage.OnShared(t, func(s scene) {
		for name, a := range map[string]kit.Actor{
			"a visitor": stage.Nobody, "the secretariat": stage.Secretariat, "the administration": stage.Uganda, "a focal point of a member that left": stage.FocalPoint("mem_WITHDRAWN"),
			"a focal point that sees more": stage.FocalPoint("mem_ACTIVE"),
		} {
			if s.Slow() && !a.Has(kit.RoleSecretariat) {
				continue
			}
			stage.Run(s, name, func(s scene) {
				s.finds(a, "testbed", nil, "mem_ACTIVE", "mem_SUSPENDED", "mem_LEAVING", "mem_INTERNATIONAL",
					"evt_CANCELLED", "evt_CLOSED", "evt_FULL", "evt_LATER", "evt_OPEN", "evt_PART", "evt_PAST", "evt_POSTPONED", "evt_SG1",
					"con_CLOSED", "con_OPEN", "con_PASSED", "lia_TESTBED")
				for _, hidden := range []string{"pending", "withdrawn", "excluded", "draft", "members", "paper audience", "paper participants", "words", "paragraph"} {
					s.finds(a, "testbed "+hidden, nil)
				}
			})
		}
	})
}

func TestWhatIsNotPublicFeedsNoKey(t *testing.T) {
	s := scene{stage.Embedded(t)}
	m := s.StoredMember("mem_ACTIVE")
	m.StoredContacts = []membership.Contact{{Function: "Funktionqq", Name: new("Personqq Nameqq"), Email: "mailqq@hostqq.example", Phone: new("phoneqq")}, {Function: "Boxqq", Email: "boxqq@hostqq.example", RoleMailbox: true}}
	for i := range m.Events {
		m.Events[i].Reason, m.Events[i].Evidence, m.Events[i].FeeClass, m.Events[i].Actor = new("reasonqq"), []string{"evidenceqq"}, new("feeqq"), "usr_actorqq"
	}
	m.Website, m.StoredLogoURL, m.SocialLinks = new("https://siteqq.example"), new("https://logoqq.example"), []membership.SocialLink{{Network: "X", URL: "https://linkqq.example"}}
	s.Must(membership.MemberNoun.In(s.Store).Replace(stage.By(stage.Nobody), m))
	for _, query := range []string{
		"funktionqq", "personqq", "nameqq", "mailqq", "mailqq@hostqq.example", "hostqq", "phoneqq", "boxqq", "reasonqq", "evidenceqq", "feeqq", "actorqq", "usr_actorqq", "siteqq", "logoqq", "linkqq",
	} {
		s.finds(stage.Secretariat, query, nil)
		s.finds(stage.FocalPoint("mem_ACTIVE"), query, nil)
	}
	for key, values := range membership.MemberNoun.Kind.Derive(m, string(testkit.Today)).Key {
		if strings.Contains(strings.Join(values, " "), "qq") {
			t.Errorf("the key %s is %q", key, values)
		}
	}
	s.finds(stage.Nobody, "testbed active", nil, "mem_ACTIVE") // the changed member is still found by what is public
}

func TestWhatChangesIsFoundAsItIsNow(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		stage.Run(s, "a member that is activated is found", func(s scene) {
			s.finds(stage.Nobody, "testbed pending", nil)
			_, err := s.Activate("mem_PENDING", func(*membership.ActivateMemberInput) {})
			s.Must(err)
			s.finds(stage.Nobody, "testbed pending", nil, "mem_PENDING")
		})
		stage.Run(s, "a description is found by its new words and no longer by its old ones", func(s scene) {
			s.finds(stage.Nobody, "member for tests", nil, "mem_ACTIVE")
			_, err := s.UpdateProfile(stage.FocalPoint("mem_ACTIVE"), func(in *membership.UpdateMemberProfileInput) {
				in.Description = kit.Some([]kit.TranslationInput{
					{Locale: kit.English, Text: new("Zymurgy in Kampala")}, {Locale: kit.Chinese, Text: new("坎帕拉电信")}, {Locale: kit.Arabic, Text: new("اتصالات كمبالا")}, {Locale: kit.Russian, Text: new("Связь Кампалы")},
				})
			})
			s.Must(err)
			for query, want := range map[string][]kit.ID{
				"zymurgy kam": {"mem_ACTIVE"}, "坎帕拉": {"mem_ACTIVE"}, "اتصالات": {"mem_ACTIVE"}, "связь кампал": {"mem_ACTIVE"}, "membre essais": {"mem_ACTIVE"}, "member for tests": nil,
			} {
				s.finds(stage.Nobody, query, onlyMembers, want...)
			}
		})
		stage.Run(s, "a member is found by the name to be shown and by the official one", func(s scene) {
			_, err := s.UpdateProfile(stage.Secretariat, func(in *membership.UpdateMemberProfileInput) { in.DisplayName = kit.Some("Nilotic") })
			s.Must(err)
			s.finds(stage.Nobody, "niloti", nil, "mem_ACTIVE")
			s.finds(stage.Nobody, "testbed active", nil, "mem_ACTIVE")
			if found, _ := s.Search(stage.Nobody, "nilotic", nil, 1, nil); len(found.Edges) != 1 || found.Edges[0].Node.Title != "Nilotic" || found.Edges[0].Node.Type != kit.SearchMembers {
				s.Errorf("got %s", stage.InJSON(found))
			}
		})
	})
}

func TestALongNameIsFoundByTheWholeOfIt(t *testing.T) {
	s := scene{stage.Embedded(t)}
	for name, title := range map[string]string{
		"in Chinese, of fifteen characters": "国家信息通信技术发展研究中心院",
		"in English, of nine words":         "National Institute for the Development of Information and Telecommunications",
	} {
		stage.Run(s, name, func(s scene) {
			made, err := s.Admit(stage.Secretariat, func(in *membership.AdmitMemberInput) { in.Name = title })
			s.Must(err)
			_, err = s.Activate(made.Member.ID, func(*membership.ActivateMemberInput) {})
			s.Must(err)
			s.finds(stage.Nobody, title, nil, made.Member.ID)
		})
	}
}

func TestEveryHitHasACursorThatIsTaken(t *testing.T) {
	s := scene{stage.Embedded(t)}
	var want []kit.ID
	for _, name := range []string{"Zymurgy " + strings.Repeat("ﷺ", 190), "Zymurgy " + strings.Repeat("字", 290)} {
		made, err := s.Admit(stage.Secretariat, func(in *membership.AdmitMemberInput) { in.Name = name })
		s.Must(err)
		_, err = s.Activate(made.Member.ID, func(*membership.ActivateMemberInput) {})
		s.Must(err)
		want = append(want, made.Member.ID)
	}
	got, _ := s.through("zymurgy", nil, 1)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWhatEndedTodayIsNotFoundWhileItsKeysAreOfYesterday(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.Store.SetDay("2025-03-30")
	m := s.StoredMember("mem_ACTIVE")
	m.Events = append(m.Events, membership.LifecycleEvent{ID: "evn_LAST", Kind: membership.EventWithdrawn, EffectiveOn: testkit.Today, RecordedAt: "2025-03-30T09:00:00.000Z", Actor: "usr_test"})
	s.Must(membership.MemberNoun.In(s.Store).Replace(stage.By(stage.Nobody), m))
	b := s.MakeBenefit(func(*benefits.CreateBenefitInput) {})
	s.RetireBenefit(b.ID, 1, testkit.Today)
	if keys := membership.MemberNoun.Kind.Derive(m, s.Store.Day()).Key["words"]; !slices.Contains(keys, "testbed") {
		t.Fatalf("the keys are %q", keys)
	}
	for _, a := range []kit.Actor{stage.Nobody, stage.Secretariat, stage.FocalPoint("mem_ACTIVE")} {
		s.finds(a, "testbed active", nil)
		s.finds(a, "it is new", onlyBenefits)
	}
}
