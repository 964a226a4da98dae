package statistics

import (
	"context"
	"math"
	"strconv"

	"memberportal/internal/kit"
)

// ForecastKind says on what a part of a forecast is based.
type ForecastKind string

// The values of ForecastKind.
const (
	ForecastRecorded        ForecastKind = "RECORDED"
	ForecastApprovedUnpaid  ForecastKind = "APPROVED_UNPAID"
	ForecastPendingApproval ForecastKind = "PENDING_APPROVAL"
	ForecastNotified        ForecastKind = "NOTIFIED_DEPARTURE"
	ForecastArrears         ForecastKind = "ARREARS"
)

// ForecastKinds lists every ForecastKind.
var ForecastKinds = []ForecastKind{ForecastRecorded, ForecastApprovedUnpaid, ForecastPendingApproval, ForecastNotified, ForecastArrears}

// MembershipForecast is what the records let expect of a period, from the day after that of the statistics to the
// last day.
type MembershipForecast struct {
	From, To                   kit.Date
	SectorMembersAndAssociates ForecastGroup
	Academia                   ForecastGroup

	periods int
}

// ForecastGroup is the forecast for a group.
type ForecastGroup struct {
	Joining ForecastFlow
	Leaving ForecastFlow
	Net     ForecastRange
	// Total is the number of members at the end of the period.
	Total ForecastRange
}

// ForecastRange is a number with its band.
type ForecastRange struct {
	// Foreseen counts all that is under way, whatever its probability.
	Foreseen int64
	Low      int64
	High     int64
}

// ForecastFlow is the forecast of those who join, or of those who leave.
type ForecastFlow struct {
	ForecastRange
	// Value is the sum of the annual fees of those in Foreseen, without the unpriced ones.
	Value    kit.Money
	Unpriced int64
	Inputs   []ForecastPart
}

// ForecastPart is a part of a forecast: how many organisations are at a step, and what happened to those that were
// at the step before.
type ForecastPart struct {
	Kind  ForecastKind
	Count int64
	// Foreseen is Count. It is zero for arrears, which are a risk and not an intention.
	ForecastRange
	Value    kit.Money
	Unpriced int64
	// Observed counts those that were at the step at the beginning of the earlier periods. CameTrue counts how many
	// of them had joined or left by the end of their period.
	Observed int64
	CameTrue int64
}

// lookBack is the number of earlier periods, of the same length, with which a forecast compares.
const lookBack = 4

// Forecast says what the records on the day of the statistics let expect until another day, at most 366 days later.
// SECRETARIAT only.
func (s *StatisticsService) Forecast(ctx context.Context, q *MembershipStatistics, until kit.Date) (*MembershipForecast, error) {
	if err := kit.Require(ctx, kit.RoleSecretariat); err != nil {
		return nil, err
	}
	days := q.AsOf.DaysTo(until)
	if days < 1 || days > kit.MaxAhead {
		return nil, kit.Refuse(kit.BadUserInput, "statistics.until", map[string]string{"from": string(q.AsOf.AddDays(1)), "to": string(q.AsOf.AddDays(kit.MaxAhead))})
	}
	s.ledger.held.RLock()
	defer s.ledger.held.RUnlock()
	f := &MembershipForecast{From: q.AsOf.AddDays(1), To: until}
	now := s.ledger.Expected(q.AsOf, until, q.known)
	var then [Groups]outlook
	first := s.ledger.Members.First(q.known)
	for day := q.AsOf.AddDays(-days); f.periods < lookBack && day.Number() >= first; day = day.AddDays(-days) {
		s.ledger.observe(&then, day, day.AddDays(days), q.known)
		f.periods++
	}
	belong := s.ledger.belonging(q.AsOf.Number(), q.known)
	for group, g := range []*ForecastGroup{&f.SectorMembersAndAssociates, &f.Academia} {
		g.Joining = now[group].flow(then[group], ForecastRecorded, ForecastApprovedUnpaid, ForecastPendingApproval)
		g.Leaving = now[group].flow(then[group], ForecastNotified, ForecastArrears)
		j, l := g.Joining.ForecastRange, g.Leaving.ForecastRange
		g.Net = ForecastRange{j.Foreseen - l.Foreseen, j.Low - l.High, j.High - l.Low}
		g.Total = ForecastRange{belong[group] + g.Net.Foreseen, belong[group] + g.Net.Low, belong[group] + g.Net.High}
	}
	return f, nil
}

// Method explains how the forecast was made and what its band means, in a language; in the caller's if locale is
// nil.
func (f *MembershipForecast) Method(ctx context.Context, locale *kit.Locale) string {
	l := kit.LocaleOf(ctx)
	kit.Set(&l, locale)
	return kit.Message(l, "forecast.method", map[string]string{"periods": strconv.Itoa(f.periods), "days": strconv.Itoa(f.From.DaysTo(f.To) + 1)})
}

// outlook is the forecast for a group, by kind.
type outlook map[ForecastKind]*outlookPart

type outlookPart struct {
	Members, Applications []int32
	value                 kit.Decimal
	unpriced              int64
	observed, cameTrue    int64
}

func (o *outlook) Part(kind ForecastKind) *outlookPart {
	if *o == nil {
		*o = outlook{}
	}
	if (*o)[kind] == nil {
		(*o)[kind] = &outlookPart{}
	}
	return (*o)[kind]
}

func (p *outlookPart) count() int64 { return int64(len(p.Members) + len(p.Applications)) }

func (p *outlookPart) add(amount price) {
	if amount.known {
		p.value += amount.amount
	} else {
		p.unpriced++
	}
}

// Expected returns what was under way on a day, as known on a day: events that were recorded for a day up to until,
// and members and applications at a step. A member with such an event is not counted at a step.
func (l *Ledger) Expected(day, until kit.Date, known kit.DayNumber) (all [Groups]outlook) {
	recorded, late := make([]bool, len(l.IDs.IDs)), make([]bool, len(l.IDs.IDs))
	l.Members.Begun(day.Number()+1, until.Number(), known, func(n kit.DayNumber, m *MemberState) {
		kind, f := ForecastRecorded, m.Is
		switch {
		case m.Joins():
		case m.Leaves():
			kind, f = ForecastNotified, m.Was
		default:
			return
		}
		recorded[m.Member] = true
		part := all[GroupOf(f.Category)].Part(kind)
		part.Members = append(part.Members, m.Member)
		part.add(l.rates.on(f.rate, n.Date()))
	})
	l.debts.On(day.Number(), known, func(d *debtState) { late[d.member] = true })
	l.Members.On(day.Number(), known, func(m *MemberState) {
		kind := ForecastApprovedUnpaid
		switch {
		case recorded[m.Member]:
			return
		case m.Is.Belongs() && (m.Is.Status == placeSuspended || late[m.Member]):
			kind = ForecastArrears
		case m.Is.Status != PlacePending || m.Is.exempt:
			return
		}
		part := all[GroupOf(m.Is.Category)].Part(kind)
		part.Members = append(part.Members, m.Member)
		part.add(l.rates.on(m.Is.rate, day))
	})
	l.Applications.On(day.Number(), known, func(a *ApplicationState) {
		part := all[GroupOf(a.Category)].Part(ForecastPendingApproval)
		part.Applications = append(part.Applications, a.Application)
		part.add(l.rates.on(a.rate, day))
	})
	return all
}

// observe adds to then what was expected at the beginning of a period, by the records of that day, and how much of
// it came true by the end, by the records of known.
func (l *Ledger) observe(then *[Groups]outlook, from, to kit.Date, known kit.DayNumber) {
	joined, left := map[int32]bool{}, map[int32]bool{}
	l.Members.Begun(from.Number()+1, to.Number(), known, func(_ kit.DayNumber, m *MemberState) {
		switch {
		case m.Joins():
			joined[m.Member] = true
		case m.Leaves():
			left[m.Member] = true
		}
	})
	became := map[int32]int32{}
	l.Applications.all(known, func(a *ApplicationState) {
		if a.member >= 0 {
			became[a.Application] = a.member
		}
	})
	for group, o := range l.Expected(from, to, min(known, from.Number())) {
		for kind, part := range o {
			came := joined
			if kind == ForecastNotified || kind == ForecastArrears {
				came = left
			}
			p := then[group].Part(kind)
			p.observed += part.count()
			for _, member := range part.Members {
				if came[member] {
					p.cameTrue++
				}
			}
			for _, application := range part.Applications {
				if member, ok := became[application]; ok && came[member] {
					p.cameTrue++
				}
			}
		}
	}
}

// belonging counts the members of a day by group.
func (l *Ledger) belonging(day, known kit.DayNumber) (n [Groups]int64) {
	l.Members.On(day, known, func(m *MemberState) {
		if m.Is.Belongs() {
			n[GroupOf(m.Is.Category)]++
		}
	})
	return n
}

// flow adds up parts, each with the band that follows from earlier observations. Events that are recorded for a
// later day need no band.
func (o outlook) flow(then outlook, kinds ...ForecastKind) ForecastFlow {
	f := ForecastFlow{Inputs: []ForecastPart{}, Value: kit.Money{Amount: 0, Currency: kit.CHF}}
	for _, kind := range kinds {
		part, before := o.Part(kind), then.Part(kind)
		in := ForecastPart{
			Kind: kind, Count: part.count(), Value: kit.Money{Amount: part.value, Currency: kit.CHF}, Unpriced: part.unpriced, Observed: before.observed, CameTrue: before.cameTrue,
		}
		switch kind {
		case ForecastRecorded:
			in.ForecastRange = ForecastRange{in.Count, in.Count, in.Count}
		case ForecastArrears:
			in.Low, in.High = band(in.Count, in.Observed, in.CameTrue)
		default:
			in.Low, in.High = band(in.Count, in.Observed, in.CameTrue)
			in.Foreseen = in.Count
		}
		f.Foreseen, f.Low, f.High = f.Foreseen+in.Foreseen, f.Low+in.Low, f.High+in.High
		if in.Foreseen > 0 {
			f.Value.Amount, f.Unpriced = f.Value.Amount+part.value, f.Unpriced+part.unpriced
		}
		f.Inputs = append(f.Inputs, in)
	}
	return f
}

// band returns the tenth and the ninetieth percentile of how many of n come true, given how many of the observed
// did. It is the beta-binomial distribution with a uniform prior. Without observations it is nearly as wide as n;
// each observation makes it narrower.
func band(n, observed, cameTrue int64) (low, high int64) {
	a, b := float64(cameTrue+1), float64(observed-cameTrue+1)
	low, high = -1, n
	sum := 0.0
	for k := range n + 1 {
		sum += math.Exp(logChoose(n, k) + logBeta(float64(k)+a, float64(n-k)+b) - logBeta(a, b))
		if low < 0 && sum >= 0.1 {
			low = k
		}
		if sum >= 0.9 {
			high = k
			break
		}
	}
	return max(low, 0), high
}

func logChoose(n, k int64) float64 {
	return -math.Log(float64(n+1)) - logBeta(float64(n-k+1), float64(k+1))
}

func logBeta(a, b float64) float64 {
	x, _ := math.Lgamma(a)
	y, _ := math.Lgamma(b)
	z, _ := math.Lgamma(a + b)
	return x + y - z
}
