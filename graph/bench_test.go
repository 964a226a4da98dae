package graph_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"memberportal/internal/auth"
	"memberportal/internal/cli"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/testkit"
)

// crowd is an embedded store with n active members, spread over categories and countries.
func crowd(b *testing.B, n int) store.Store {
	b.Helper()
	ctx := context.Background()
	s, err := sqlitestore.Open(ctx, filepath.Join(b.TempDir(), "portal.db"), sqlitestore.Options{Holder: "benchmark"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	if _, err := store.Begin(ctx, s, portal.Kinds(), string(testkit.Today), true); err != nil {
		b.Fatal(err)
	}
	countries := testkit.Countries(b)
	for from := 0; from < n; from += 1000 {
		batch := make([]*membership.Member, 1000)
		for i := range batch {
			batch[i] = anyMember(from+i, countries)
		}
		if err := membership.MemberNoun.In(s).Insert(ctx, batch...); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

func anyMember(i int, countries []*country.Country) *membership.Member {
	country := countries[i*7%len(countries)]
	category := membership.MembershipCategories[i%3]
	admitted := membership.LifecycleEvent{
		ID: kit.ID(fmt.Sprintf("evn_%06da", i)), Kind: membership.Admitted, EffectiveOn: kit.Date(fmt.Sprintf("20%02d-01-%02d", 10+i%14, 1+i%28)),
		RecordedAt: "2010-01-01T00:00:00.000Z", Actor: "usr_benchmark", Category: &category, Sectors: []membership.Sector{membership.SectorD},
		Country: &country.ID, Region: new(country.Region(new(testkit.Today))),
	}
	if category == membership.Associate {
		admitted.StudyGroup = &membership.StudyGroups[i%2]
	}
	activated := admitted
	activated.ID, activated.Kind, activated.Category, activated.Country, activated.Region = kit.ID(fmt.Sprintf("evn_%06db", i)), membership.Activated, nil, nil, nil
	return &membership.Member{
		ID: kit.ID(fmt.Sprintf("mem_%06d", i)), Name: fmt.Sprintf("Organisation %06d", i*7919%1_000_003), Dataset: kit.Demonstration,
		SocialLinks: []membership.SocialLink{}, SectorsOfInterest: []membership.Sector{},
		StoredContacts: []membership.Contact{{Function: "Office", Email: "office@organisation.example", RoleMailbox: true}},
		Events:         []membership.LifecycleEvent{admitted, activated},
	}
}

// BenchmarkPage reads a page of 20 members: the whole directory, one region of it, the latest to join, and one half-way, through the
// document port and through the whole HTTP stack, at two sizes of membership.
func BenchmarkPage(b *testing.B) {
	filters := map[string]*membership.MemberFilter{
		"all":    nil,
		"region": {Regions: []country.Region{country.RegionAFR}},
		"deep":   nil,
	}
	orders := map[string]*membership.MemberOrder{"joined": {Field: membership.MemberByJoinedOn, Direction: kit.Descending}}
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := crowd(b, n)
			members := testkit.Portal(b, s).Members
			tokens := auth.Tokens{Keys: auth.NewKeySet(), Issuer: "b", Audience: "b", Now: time.Now}
			handler := cli.Handler(testkit.Portal(b, s), tokens, slog.New(slog.DiscardHandler), false, nil)
			for _, name := range []string{"all", "region", "joined", "deep"} {
				args := kit.PageArgs{First: new(20)}
				if name == "deep" {
					args.After = middle(b, members, n)
				}
				b.Run(name+"/port", func(b *testing.B) {
					for b.Loop() {
						page, err := members.List(b.Context(), filters[name], orders[name], args)
						if err != nil || len(page.Edges) != 20 {
							b.Fatal(err, len(page.Edges))
						}
					}
				})
				b.Run(name+"/http", func(b *testing.B) { benchmarkHTTP(b, handler, name, args.After) })
			}
		})
	}
}

// BenchmarkSearch searches for one organisation, for a word that about ten have, and for one that
// all have, whose hits are walked and not ranked.
func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			search := testkit.Portal(b, crowd(b, n)).Search
			for _, query := range []string{"organisation 0" + strconv.Itoa(7919)[:3], fmt.Sprintf("%06d", 3*7919), "organisation"} {
				b.Run(strings.ReplaceAll(query, " ", "_"), func(b *testing.B) {
					for b.Loop() {
						if _, err := search.Search(b.Context(), query, nil, new(20), nil); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}

// middle is a cursor half-way through the directory.
func middle(b *testing.B, members *membership.MemberService, n int) *string {
	var after *string
	for range n / 2 / kit.MaxPage {
		page, err := members.List(b.Context(), nil, nil, kit.PageArgs{First: new(kit.MaxPage), After: after})
		if err != nil {
			b.Fatal(err)
		}
		after = page.PageInfo.EndCursor
	}
	return after
}

func benchmarkHTTP(b *testing.B, handler http.Handler, name string, after *string) {
	arguments := "first: 20"
	if name == "region" {
		arguments += ", filter: { regions: [AFR] }"
	}
	if name == "joined" {
		arguments += ", orderBy: { field: JOINED_ON, direction: DESC }"
	}
	if after != nil {
		arguments += fmt.Sprintf(", after: %q", *after)
	}
	query := "{ members(" + arguments + ") { nodes { id name status contacts { function email } } pageInfo { hasNextPage endCursor } } }"
	body := fmt.Appendf(nil, `{"query":%q}`, query)
	for b.Loop() {
		request := httptest.NewRequest(http.MethodPost, "http://localhost/graphql", bytes.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if answer.Code != http.StatusOK || strings.Contains(answer.Body.String(), `"errors"`) {
			b.Fatal(answer.Code, answer.Body.String())
		}
	}
}

// BenchmarkCount counts the whole directory, which is asked for apart from its pages.
func BenchmarkCount(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			members := testkit.Portal(b, crowd(b, n)).Members
			page, err := members.List(b.Context(), nil, nil, kit.PageArgs{First: new(1)})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if total, err := page.TotalCount(b.Context()); err != nil || *total != int64(n) {
					b.Fatal(err, *total)
				}
			}
		})
	}
}

// reading is a store that counts the member documents that are read from it.
type reading struct {
	store.Store
	members int
}

func (r *reading) Get(ctx context.Context, k *store.Kind, ids []string) ([]any, error) {
	docs, err := r.Store.Get(ctx, k, ids)
	r.note(k, len(docs))
	return docs, err
}

func (r *reading) Page(ctx context.Context, k *store.Kind, plan store.Plan, limits store.Range) ([]store.Row, error) {
	rows, err := r.Store.Page(ctx, k, plan, limits)
	r.note(k, len(rows))
	return rows, err
}

func (r *reading) note(k *store.Kind, n int) {
	if k == membership.MemberNoun.Kind {
		r.members += n
	}
}

// BenchmarkStatistics asks for the totals of a day in the process that changes members and in another one over
// the same store: while nothing changes, and each time after a change.
func BenchmarkStatistics(b *testing.B) {
	secretary := kit.WithActor(context.Background(), testkit.Actor("SECRETARIAT"))
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := &reading{Store: crowd(b, n)}
			writer, other := testkit.Portal(b, s), testkit.Portal(b, s)
			total := func(b *testing.B, p *portal.Portal) int64 {
				q, err := p.Statistics.Of(secretary, new(kit.Date("2023-12-31")), nil)
				if err != nil {
					b.Fatal(err)
				}
				return p.Statistics.Totals(secretary, q).Total
			}
			if total(b, writer) != int64(n) || total(b, other) != int64(n) {
				b.Fatal("not all are counted")
			}
			for name, p := range map[string]*portal.Portal{"own process": writer, "another process": other} {
				b.Run(name+"/unchanged", func(b *testing.B) {
					s.members = 0
					for b.Loop() {
						total(b, p)
					}
					b.ReportMetric(float64(s.members)/float64(b.N), "members/op")
				})
				b.Run(name+"/changed", func(b *testing.B) {
					read := 0
					for b.Loop() {
						b.StopTimer()
						changeOne(b, secretary, writer)
						s.members = 0
						b.StartTimer()
						total(b, p)
						read += s.members
					}
					b.ReportMetric(float64(read)/float64(b.N), "members/op")
				})
			}
		})
	}
}

// changeOne describes a member anew.
func changeOne(b *testing.B, ctx context.Context, p *portal.Portal) {
	m, err := p.Members.Get(ctx, "mem_000007")
	if err != nil {
		b.Fatal(err)
	}
	made, err := p.Members.UpdateProfile(ctx, membership.UpdateMemberProfileInput{ID: m.ID, ExpectedVersion: int(m.Version), Website: kit.Some(fmt.Sprintf("https://organisation.example/%d", m.Version))})
	if err != nil || len(made.UserErrors) > 0 {
		b.Fatal(err, made)
	}
}
