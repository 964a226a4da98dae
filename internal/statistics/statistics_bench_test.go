package statistics

import (
	"context"
	"fmt"
	"testing"
	"time"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// crowdOf is a service whose ledger holds n members: admitted, activated, and of every ten one that left, one
// that changed its category and one that was exempted, each recorded on its day.
func crowdOf(b *testing.B, n int) *StatisticsService {
	b.Helper()
	countries, err := country.Countries()
	if err != nil {
		b.Fatal(err)
	}
	s, err := withoutStore(time.Date(2025, 3, 31, 12, 0, 0, 0, time.UTC), countries, nil)
	if err != nil {
		b.Fatal(err)
	}
	for i := range n {
		s.ledger.putMember(aMemberOfMany(i, s.countries.All))
	}
	return s
}

func aMemberOfMany(i int, countries []*country.Country) *membership.Member {
	m := &membership.Member{ID: kit.ID(fmt.Sprintf("mem_%06d", i)), Name: fmt.Sprintf("Organisation %06d", i), Dataset: kit.Demonstration}
	admitted := kit.Date("2010-01-01").AddDays(i * 13 % 5000)
	record := func(kind membership.LifecycleKind, after int) *membership.LifecycleEvent {
		on := admitted.AddDays(after)
		m.Events = append(m.Events, membership.LifecycleEvent{ID: kit.ID(fmt.Sprint("evn_", i, kind)), Kind: kind, EffectiveOn: on, RecordedAt: kit.DateTime(on + "T09:00:00.000Z")})
		return &m.Events[len(m.Events)-1]
	}
	e, country := record(membership.Admitted, 0), countries[i*7%len(countries)]
	e.Category, e.Country, e.Region, e.Sectors = &membership.MembershipCategories[i%3], &country.ID, new(country.Region(&admitted)), []membership.Sector{membership.SectorD}
	if *e.Category == membership.Associate {
		e.StudyGroup = &membership.StudyGroups[i%2]
	}
	record(membership.Activated, 30)
	switch i % 10 {
	case 0:
		e := record(membership.WithdrawalNotified, 600)
		e.NoticeOn, e.EffectiveOn, e.ReasonCode = &m.Events[2].EffectiveOn, e.EffectiveOn.AddMonths(6), new(membership.ReasonMerger)
	case 1:
		record(membership.CategoryChanged, 600).Category = new(membership.SectorMember)
	case 2:
		record(membership.ExemptionGranted, 600).Until = new(kit.Date("2026-11-09"))
	}
	return m
}

// BenchmarkStatistics answers each statistic from the ledger alone, which no store stands behind: a
// question that read a document would fail.
func BenchmarkStatistics(b *testing.B) {
	ctx := kit.WithActor(context.Background(), kit.Actor{Subject: "usr_b", Roles: []kit.Role{kit.RoleSecretariat}})
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmarkStatistics(b, ctx, crowdOf(b, n), n) })
	}
}

func benchmarkStatistics(b *testing.B, ctx context.Context, s *StatisticsService, n int) {
	for name, known := range map[string]kit.DayNumber{"known now": Everything, "known in 2020": kit.Date("2020-06-30").Number()} {
		q := &MembershipStatistics{AsOf: "2020-12-31", known: known}
		b.Run("totals/"+name, func(b *testing.B) {
			for b.Loop() {
				if s.Totals(ctx, q).Total == 0 {
					b.Fatal("nobody")
				}
			}
		})
		b.Run("movements/"+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Movements(ctx, q, "2019-01-01", "2019-12-31"); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("retention/"+name, func(b *testing.B) {
			for b.Loop() {
				s.Retention(q)
			}
		})
	}
	q := &MembershipStatistics{AsOf: "2025-03-31", known: Everything}
	b.Run("revenue", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Revenue(ctx, q, "2024-01-01", "2024-12-31"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("pipeline", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Pipeline(ctx, q); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("forecast", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Forecast(ctx, q, "2025-06-30"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("change", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			s.ledger.putMember(aMemberOfMany(i%n, s.countries.All))
			s.Totals(ctx, q)
		}
	})
}
