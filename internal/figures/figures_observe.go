package figures

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/statistics"
)

// ObservationCode names a rule that finds something to note about figures or records.
type ObservationCode string

// The values of ObservationCode.
const (
	NetEqualsGross             ObservationCode = "NET_EQUALS_GROSS"
	ForecastExceedsPending     ObservationCode = "FORECAST_EXCEEDS_PENDING"
	ExemptionInNoBucket        ObservationCode = "EXEMPTION_IN_NO_BUCKET"
	AssociateWithoutStudyGroup ObservationCode = "ASSOCIATE_WITHOUT_STUDY_GROUP"
	TwoDeadlines               ObservationCode = "TWO_DEADLINES"
)

// ObservationCodes lists every ObservationCode.
var ObservationCodes = []ObservationCode{NetEqualsGross, ForecastExceedsPending, ExemptionInNoBucket, AssociateWithoutStudyGroup, TwoDeadlines}

// FigureObservation is what a rule found, with the figures and records on which it is based.
type FigureObservation struct {
	Code    ObservationCode `json:"code"`
	Message string          `json:"message"`
	// Figures are the ids of figures in the file.
	Figures []string `json:"figures"`
	// Records are the ids of members, applications, exemptions, liaison statements and consultations; at most the
	// first 100.
	Records []kit.ID `json:"records"`
}

// maxNames limits how many organisations an observation names.
const maxNames = 10

// observationRules are applied in this order.
var observationRules = []func(context.Context, *figureCheck) ([]FigureObservation, error){
	netEqualsGross, forecastExceedsPending, exemptionInNoBucket, associateWithoutStudyGroup, twoDeadlines,
}

// observe applies all rules.
func (c *figureCheck) observe(ctx context.Context) ([]FigureObservation, error) {
	all := []FigureObservation{}
	for _, rule := range observationRules {
		found, err := rule(ctx, c)
		if err != nil {
			return nil, err
		}
		for _, o := range found {
			o.Figures, o.Records = kit.OrEmpty(o.Figures), kit.OrEmpty(o.Records[:min(len(o.Records), maxFigureRows)])
			all = append(all, o)
		}
	}
	return all, nil
}

// published returns the figures of the file that count this, without those for one region only.
func (c *figureCheck) published(count figureCount) (found []*Figure) {
	for i := range c.figures {
		if f := &c.figures[i]; f.kind != nil && f.kind.count == count && f.region == "" {
			found = append(found, f)
		}
	}
	return found
}

// netEqualsGross finds net changes of revenue that are exactly what the published number of those who joined, in
// the same scope and period, pay in one class. Then nothing was subtracted for those who left. If the file says
// that nobody left, net and gross are the same, and there is nothing to note.
func netEqualsGross(ctx context.Context, c *figureCheck) (found []FigureObservation, err error) {
	alike := func(count figureCount, f *Figure) *Figure {
		all := c.published(count)
		i := slices.IndexFunc(all, func(o *Figure) bool { return o.scope == f.scope && o.figurePeriod == f.figurePeriod })
		if i < 0 {
			return nil
		}
		return all[i]
	}
	table, err := c.tariffs.Table(ctx)
	if err != nil {
		return nil, err
	}
	for _, net := range c.published(countNet) {
		joined, left := alike(countJoined, net), alike(countLeft, net)
		if joined == nil || joined.value == 0 || left != nil && left.value == 0 {
			continue
		}
		var classes []string
		for _, t := range table.Tariffs {
			if openTariff(t, net) && int64(t.Amount.Amount)*joined.value == net.value && !slices.Contains(classes, t.Code) {
				classes = append(classes, t.Code)
			}
		}
		if classes == nil {
			continue
		}
		found = append(found, FigureObservation{
			Code: NetEqualsGross, Figures: []string{net.ID, joined.ID},
			Message: kit.Message(c.locale, "figures.netEqualsGross", map[string]string{
				"net": FigureCHF.Text(net.value), "figure": net.ID, "joined": FigureMembers.Text(joined.value), "joiners": joined.ID,
				"fee": FigureCHF.Text(net.value / joined.value), "classes": strings.Join(classes, ", "),
			}),
		})
	}
	return found, nil
}

// openTariff says whether the organisations in the scope of a figure pay this tariff on any day of its period.
func openTariff(t *membership.Tariff, f *Figure) bool {
	return t.Kind != membership.TariffUnit && t.Amount != nil && t.Amount.Amount > 0 && f.scope[statistics.Place8(membership.MembershipCategories, *t.Category)] &&
		kit.Overlap(t.ValidFrom, kit.Date(kit.Deref(t.ValidTo)), f.from, f.to)
}

// forecastExceedsPending finds forecasts of joining that are larger than the published number of applications that
// awaited approval. That number must be of the day on which the forecast is based, and of its scope or a wider one.
func forecastExceedsPending(_ context.Context, c *figureCheck) (found []FigureObservation, err error) {
	for _, forecast := range c.published(countForecastJoin) {
		pending, of := c.pending(forecast)
		if of == nil || forecast.value <= pending {
			continue
		}
		found = append(found, FigureObservation{
			Code: ForecastExceedsPending, Figures: append([]string{forecast.ID}, of...),
			Message: kit.Message(c.locale, "figures.forecastExceedsPending", map[string]string{
				"forecast": FigureMembers.Text(forecast.value), "figure": forecast.ID, "pending": FigureApplications.Text(pending), "of": strings.Join(of, ", "),
				"date": string(forecast.known), "unpaid": strconv.Itoa(c.unpaid(forecast)),
			}),
		})
	}
	return found, nil
}

// pending returns the smallest published number of applications that awaited approval on the day of a forecast, and
// the figures that give it. They have the scope of the forecast or a wider one, or are parts that add up to that
// scope.
func (c *figureCheck) pending(forecast *Figure) (least int64, of []string) {
	take := func(n int64, figures ...string) {
		switch {
		case of == nil || n < least:
			least, of = n, figures
		case n == least:
			of = append(of, figures...)
		}
	}
	var parts figureScope
	var sum int64
	var partial []string
	for _, f := range c.published(countAwaiting) {
		switch {
		case f.to != forecast.known:
		case f.scope.covers(forecast.scope):
			take(f.value, f.ID)
		case forecast.scope.covers(f.scope) && !f.scope.meets(parts):
			parts = parts.with(f.scope)
			sum, partial = sum+f.value, append(partial, f.ID)
		}
	}
	if partial != nil && parts == forecast.scope {
		take(sum, partial...)
	}
	return least, of
}

// unpaid counts the organisations in the scope of a forecast that were approved and had not paid, as known on its
// day.
func (c *figureCheck) unpaid(forecast *Figure) (n int) {
	defer c.ledger.Hold()()
	for _, group := range c.ledger.Underway(forecast.known, c.knownOn(forecast.known)) {
		for category, count := range group.Unpaid.ByCategory {
			if forecast.scope[category] {
				n += int(count)
			}
		}
	}
	return n
}

// exemptionInNoBucket finds exemptions whose member is in no count of the membership on the last day of the file's
// periods, or today if the file has none: the member is not activated, and no region is named for counting it.
func exemptionInNoBucket(ctx context.Context, c *figureCheck) (found []FigureObservation, err error) {
	periods, figures := map[figurePeriod][]string{}, []string{}
	for _, f := range c.published(countExemptions) {
		if f.to <= c.core.Clock.Today() {
			periods[f.figurePeriod] = append(periods[f.figurePeriod], f.ID)
		}
	}
	if len(periods) == 0 {
		periods[figurePeriod{to: c.core.Clock.Today()}] = nil
	}
	var lost []*membership.FeeExemption
	var last kit.Date
	for period, of := range periods {
		counted := c.countedOn(period.to)
		left := slices.DeleteFunc(c.grantedIn(period), func(x *membership.FeeExemption) bool { return x.Decision.CountedUnder != nil || counted[x.Member] })
		if len(left) > 0 {
			lost, figures, last = append(lost, left...), append(figures, of...), max(last, period.to)
		}
	}
	if len(lost) == 0 {
		return nil, nil
	}
	slices.Sort(figures)
	slices.SortFunc(lost, func(a, b *membership.FeeExemption) int { return cmp.Compare(a.ID, b.ID) })
	lost = slices.CompactFunc(lost, func(a, b *membership.FeeExemption) bool { return a.ID == b.ID })
	names, err := c.list(ctx, kit.Map(lost, func(x *membership.FeeExemption) kit.ID { return x.Member }))
	return []FigureObservation{{
		Code: ExemptionInNoBucket, Figures: figures, Records: kit.Map(lost, func(x *membership.FeeExemption) kit.ID { return x.ID }),
		Message: kit.Message(c.locale, "figures.exemptionInNoBucket", map[string]string{
			"count": strconv.Itoa(len(lost)), "date": string(last), "names": names,
		}),
	}}, err
}

// countedOn returns the members that are counted in the membership on a day.
func (c *figureCheck) countedOn(day kit.Date) map[kit.ID]bool {
	counted := map[kit.ID]bool{}
	defer c.ledger.Hold()()
	c.ledger.Members.On(day.Number(), statistics.Everything, func(m *statistics.MemberState) {
		if m.Is.Belongs() {
			counted[c.ledger.IDs.IDs[m.Member]] = true
		}
	})
	return counted
}

// list returns the names of organisations in alphabetical order, only the first if there are many.
func (c *figureCheck) list(ctx context.Context, ids []kit.ID) (string, error) {
	found, err := c.names(ctx, ids[:min(len(ids), maxFigureRows)])
	var names []string
	for _, name := range found {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(kit.Fold(a), kit.Fold(b)), cmp.Compare(a, b)) })
	if len(names) > maxNames {
		names = append(names[:maxNames], "…")
	}
	return strings.Join(names, "; "), err
}
