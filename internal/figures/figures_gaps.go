package figures

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"memberportal/internal/consultations"
	"memberportal/internal/kit"
	"memberportal/internal/statistics"
)

// associateWithoutStudyGroup finds Associates that are or will be members, and applications for Associate that wait
// for a decision, without a study group.
func associateWithoutStudyGroup(ctx context.Context, c *figureCheck) ([]FigureObservation, error) {
	today := c.core.Clock.Today().Number()
	var members, applications []kit.ID
	release := c.ledger.Hold()
	c.ledger.Members.On(today, statistics.Everything, func(m *statistics.MemberState) {
		if lasts := m.Is.Belongs() || m.Is.Status == statistics.PlacePending; lasts && m.Is.Category == statistics.PlaceAssociate && m.Is.StudyGroup < 0 {
			members = append(members, c.ledger.IDs.IDs[m.Member])
		}
	})
	c.ledger.Applications.On(today, statistics.Everything, func(a *statistics.ApplicationState) {
		if a.Category == statistics.PlaceAssociate && a.StudyGroup < 0 {
			applications = append(applications, c.ledger.Asked.IDs[a.Application])
		}
	})
	release()
	records := append(slices.Clone(members), applications...)
	if len(records) == 0 {
		return nil, nil
	}
	slices.Sort(records)
	names, err := c.list(ctx, records)
	return []FigureObservation{{
		Code: AssociateWithoutStudyGroup, Records: records,
		Message: kit.Message(c.locale, "figures.associateWithoutStudyGroup", map[string]string{
			"members": strconv.Itoa(len(members)), "applications": strconv.Itoa(len(applications)), "names": names,
		}),
	}}, err
}

// deadlines are the two days on which a report is due according to the records about one liaison statement.
type deadlines struct {
	statement       kit.ID
	interim, ending consultations.ReportDeadline
}

// twoDeadlines finds liaison statements for which two sources, in the statement or in a consultation on it, name
// different days for the report. Two days in one source are an interim and a final report.
func twoDeadlines(ctx context.Context, c *figureCheck) ([]FigureObservation, error) {
	records := map[deadlines][]kit.ID{}
	var order []deadlines
	note := func(record, statement kit.ID, interim, final *consultations.ReportDeadline) {
		if interim == nil || final == nil || interim.On == final.On || interim.Source == final.Source {
			return
		}
		d := deadlines{statement, *interim, *final}
		if records[d] == nil {
			order = append(order, d)
		}
		records[d] = append(records[d], record)
	}
	err := kit.EveryPage(func(args kit.PageArgs) (*consultations.LiaisonStatementConnection, error) {
		return c.statements.List(ctx, nil, args)
	}, func(page []*consultations.LiaisonStatement) {
		for _, l := range page {
			note(l.ID, l.ID, l.InterimReportDue, l.FinalReportDue)
		}
	})
	if err != nil {
		return nil, err
	}
	err = kit.EveryPage(func(args kit.PageArgs) (*consultations.ConsultationConnection, error) {
		return c.consultations.List(ctx, nil, args)
	}, func(page []*consultations.Consultation) {
		for _, x := range page {
			if x != nil {
				note(x.ID, x.StatementID, x.InterimReportDue, x.FinalReportDue)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(order, func(a, b deadlines) int { return cmp.Compare(records[a][0], records[b][0]) })
	statements, err := c.statements.ByIDs(ctx, kit.Map(order, func(d deadlines) kit.ID { return d.statement }))
	if err != nil {
		return nil, err
	}
	var found []FigureObservation
	for i, d := range order {
		reference := string(d.statement)
		if statements[i] != nil {
			reference = statements[i].FullReference()
		}
		found = append(found, FigureObservation{
			Code: TwoDeadlines, Records: records[d],
			Message: kit.Message(c.locale, "figures.twoDeadlines", map[string]string{
				"reference": reference, "first": reportDeadlineText(d.interim), "firstSource": d.interim.Source, "second": reportDeadlineText(d.ending), "secondSource": d.ending.Source,
			}),
		})
	}
	return found, err
}

// reportDeadlineText returns the day; only the month if no day is stated.
func reportDeadlineText(d consultations.ReportDeadline) string {
	if d.MonthOnly {
		return string(d.On[:len("2006-01")])
	}
	return string(d.On)
}
