package figures

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"memberportal/internal/applications"
	"memberportal/internal/consultations"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/statistics"
)

// FigureVerdict is the result of comparing a published figure with the records.
type FigureVerdict string

// The values of FigureVerdict.
const (
	FigureEqual        FigureVerdict = "equal"
	FigureDifferent    FigureVerdict = "different"
	FigureUnverifiable FigureVerdict = "unverifiable"
)

// FigureVerdicts lists every FigureVerdict.
var FigureVerdicts = []FigureVerdict{FigureEqual, FigureDifferent, FigureUnverifiable}

// maxFigureRows limits how many of the records behind a figure are named.
const maxFigureRows = 100

// FigureReport compares published figures with the records, and has observations on both.
type FigureReport struct {
	Figures      []FigureResult      `json:"figures"`
	Observations []FigureObservation `json:"observations"`
	// Dataset is DEMONSTRATION if the records have any member that is made up.
	Dataset kit.Dataset `json:"dataset"`
}

// FigureResult is a published figure with the figure from the records.
type FigureResult struct {
	ID        string `json:"id"`
	Figure    string `json:"figure"`
	Scope     string `json:"scope"`
	Period    string `json:"period"`
	Unit      string `json:"unit"`
	Published string `json:"published"`
	// Recorded is the figure from the records; nil if the figure cannot be verified. Only then Reason is set.
	Recorded *string       `json:"recorded"`
	Result   FigureVerdict `json:"result"`
	Reason   *string       `json:"reason"`
	// Rows are the records behind a figure that is different, the earliest first and at most 100 of them. RowCount
	// is the number of all of them.
	Rows     []FigureRow `json:"rows"`
	RowCount int         `json:"rowCount"`
}

// FigureRow is a record that a figure counts: a member, an application, an exemption or an event.
type FigureRow struct {
	ID kit.ID `json:"id"`
	// Name is the name of the record; for an exemption it is the name of the member.
	Name string `json:"name"`
	// On is the day on which the record counts.
	On kit.Date `json:"on"`
	// Amount is how much the fee of the year changed, with two decimals; nil if the figure does not count money.
	Amount *string `json:"amount,omitempty"`

	named kit.ID // the record whose name this row still needs
}

// FigureService compares published figures with the records. SECRETARIAT only.
type FigureService struct {
	core          *kit.Core
	ledger        *statistics.Ledger
	statistics    *statistics.StatisticsService
	members       *membership.MemberService
	applications  *applications.ApplicationService
	exemptions    *membership.FeeExemptionService
	events        *events.EventService
	tariffs       *membership.TariffService
	statements    *consultations.LiaisonService
	consultations *consultations.ConsultationService
}

// New makes the service. It reads the ledger and the services of other packages.
func New(c *kit.Core, l *statistics.Ledger, statistics *statistics.StatisticsService, m *membership.Services, applications *applications.ApplicationService, events *events.EventService, statements *consultations.LiaisonService, consultations *consultations.ConsultationService) *FigureService {
	return &FigureService{
		core: c, ledger: l, statistics: statistics, members: m.Members, applications: applications, exemptions: m.FeeExemptions,
		events: events, tariffs: m.Tariffs, statements: statements, consultations: consultations,
	}
}

// figureCheck is one comparison of the figures in a file with the records.
type figureCheck struct {
	*FigureService
	locale  kit.Locale
	figures []Figure
	// all are the statistics of today with all records.
	all *statistics.MembershipStatistics
	// granted are the exemptions that the Council granted.
	granted []*membership.FeeExemption
}

// recounted is what the records say about a figure: an amount and the records that it counts, or why they say
// nothing.
type recounted struct {
	amount int64
	rows   []FigureRow
	why    string
}

// Check reads figures as ReadFigures does, and compares them with the records of today. Its texts are in the
// caller's language.
func (s *FigureService) Check(ctx context.Context, r io.Reader) (*FigureReport, error) {
	if err := kit.Require(ctx, kit.RoleSecretariat); err != nil {
		return nil, err
	}
	c := &figureCheck{FigureService: s, locale: kit.LocaleOf(ctx)}
	var err error
	if c.figures, err = ReadFigures(r); err != nil {
		return nil, err
	}
	if c.all, err = s.statistics.Of(ctx, nil, nil); err != nil {
		return nil, err
	}
	if err = c.readGranted(ctx); err != nil {
		return nil, err
	}
	report := &FigureReport{Figures: []FigureResult{}, Dataset: c.all.Dataset}
	for i := range c.figures {
		result, err := c.compare(ctx, &c.figures[i])
		if err != nil {
			return nil, err
		}
		report.Figures = append(report.Figures, result)
	}
	report.Observations, err = c.observe(ctx)
	return report, err
}

// compare compares a figure with the records.
func (c *figureCheck) compare(ctx context.Context, f *Figure) (FigureResult, error) {
	result := FigureResult{
		ID: f.ID, Figure: f.Text, Scope: f.Scope, Period: f.Period, Unit: string(f.Unit), Published: f.Unit.Text(f.value), Result: FigureUnverifiable, Rows: []FigureRow{},
	}
	found := recounted{why: kit.Message(c.locale, "figures.unknown", nil)}
	if f.kind != nil {
		var err error
		if found, err = f.kind.recount(ctx, c, f); err != nil {
			return result, err
		}
	}
	if found.why != "" {
		result.Reason = &found.why
		return result, nil
	}
	result.Recorded, result.Result = new(f.Unit.Text(found.amount)), FigureEqual
	if found.amount == f.value {
		return result, nil
	}
	result.Result, result.RowCount = FigureDifferent, len(found.rows)
	slices.SortFunc(found.rows, func(a, b FigureRow) int {
		return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(a.ID, b.ID))
	})
	if found.rows = found.rows[:min(len(found.rows), maxFigureRows)]; len(found.rows) > 0 {
		result.Rows = found.rows
	}
	return result, c.name(ctx, result.Rows)
}

// name adds the missing names to rows.
func (c *figureCheck) name(ctx context.Context, rows []FigureRow) error {
	names, err := c.names(ctx, kit.Map(rows, func(r FigureRow) kit.ID { return r.named }))
	for i := range rows {
		if rows[i].named != "" {
			rows[i].Name = names[rows[i].named]
		}
	}
	return err
}

// names returns the names of members and applications by id.
func (c *figureCheck) names(ctx context.Context, ids []kit.ID) (map[kit.ID]string, error) {
	names := map[kit.ID]string{}
	isApplication := func(id kit.ID) bool { return strings.HasPrefix(string(id), applications.ApplicationPrefix+"_") }
	members, err := c.members.ByIDs(ctx, slices.DeleteFunc(slices.Clone(ids), func(id kit.ID) bool { return id == "" || isApplication(id) }))
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		if m != nil {
			names[m.ID] = m.Name
		}
	}
	applications, err := c.applications.ByIDs(ctx, slices.DeleteFunc(slices.Clone(ids), func(id kit.ID) bool { return !isApplication(id) }))
	if err != nil {
		return nil, err
	}
	for _, a := range applications {
		if a != nil {
			names[a.ID] = kit.Deref(a.Name)
		}
	}
	return names, nil
}

// Text writes an amount in the unit: money, which is in hundredths, with two decimals; all else as a whole number.
func (u FigureUnit) Text(amount int64) string {
	if u == FigureCHF {
		return kit.Decimal(amount).String()
	}
	return strconv.FormatInt(amount, 10)
}
