package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"memberportal/internal/figures"
	"memberportal/internal/kit"
)

type figuresFlags struct {
	Check checkFigures `cmd:"" help:"Compare published figures with the records (docs/operations.md says the format). Exit 0 if none is different, 1 if one is different or the file is refused, 2 for misuse."`
}

type checkFigures struct {
	onStore
	File     inputFile `arg:"" help:"The CSV file with the columns id,figure,scope,period,value,unit,paragraph; - for standard input."`
	JSON     bool      `name:"json" help:"Print {\"figures\":[…],\"observations\":[…],\"dataset\"}; for a file that is refused {\"faults\":[…]}."`
	Language string    `help:"The language of reasons and observations: EN, FR, ES, RU, AR or ZH." enum:"EN,FR,ES,RU,AR,ZH" default:"EN"`
}

// Run compares the figures of a file with the records.
func (f checkFigures) Run(ctx context.Context, stdout results) error {
	in, err := f.File.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	p, _, done, err := open(ctx, f.Store, f.Domain, "memberportal figures check", true)
	if err != nil {
		return err
	}
	report, err := p.Figures.Check(kit.WithLocale(kit.WithActor(ctx, operator), kit.Locale(f.Language)), in)
	err = errors.Join(err, done())
	if bad, ok := errors.AsType[*figures.FigureFaults](err); ok {
		return printFigureFaults(stdout, bad.Faults, f.JSON)
	}
	if err != nil {
		return err
	}
	if f.JSON {
		err = json.NewEncoder(stdout).Encode(report)
	} else {
		err = printFigures(stdout, report)
	}
	if different := verdicts(report)[figures.FigureDifferent]; err == nil && different > 0 {
		return fmt.Errorf("%d of %d figures are different", different, len(report.Figures))
	}
	return err
}

func printFigureFaults(stdout io.Writer, faults []string, asJSON bool) error {
	var err error
	if asJSON {
		err = json.NewEncoder(stdout).Encode(map[string]any{"faults": faults})
	} else {
		_, err = fmt.Fprintln(stdout, strings.Join(faults, "\n"))
	}
	return errors.Join(err, fmt.Errorf("%d faults; nothing was compared", len(faults)))
}

// verdicts are how many figures have each.
func verdicts(report *figures.FigureReport) map[figures.FigureVerdict]int {
	n := map[figures.FigureVerdict]int{}
	for _, f := range report.Figures {
		n[f.Result]++
	}
	return n
}

// printFigures writes a report for people: a line for each figure, with the records behind what is different,
// then the observations.
func printFigures(stdout io.Writer, report *figures.FigureReport) error {
	var lines strings.Builder
	table := tabwriter.NewWriter(&lines, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "id\tresult\tpublished\trecords\tfigure")
	for _, f := range report.Figures {
		recorded, reason := "-", ""
		if f.Recorded != nil {
			recorded = *f.Recorded
		}
		if f.Reason != nil {
			reason = ": " + *f.Reason
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s; %s; %s (%s)%s\n", f.ID, f.Result, f.Published, recorded, f.Figure, f.Scope, f.Period, f.Unit, reason)
	}
	_ = table.Flush()
	for _, f := range report.Figures {
		if f.Result == figures.FigureDifferent {
			printRows(&lines, f)
		}
	}
	for _, o := range report.Observations {
		_, _ = fmt.Fprintf(&lines, "\n%s\n  %s\n", o.Code, o.Message)
		if len(o.Figures) > 0 {
			_, _ = fmt.Fprintf(&lines, "  figures: %s\n", strings.Join(o.Figures, " "))
		}
		if len(o.Records) > 0 {
			_, _ = fmt.Fprintf(&lines, "  records: %s\n", joinIDs(o.Records))
		}
	}
	n := verdicts(report)
	_, _ = fmt.Fprintf(&lines, "\n%s: %d figures: %d equal, %d different, %d unverifiable; %d observations\n", report.Dataset, len(report.Figures),
		n[figures.FigureEqual], n[figures.FigureDifferent], n[figures.FigureUnverifiable], len(report.Observations))
	_, err := io.WriteString(stdout, lines.String())
	return err
}

// printRows writes the records behind a figure.
func printRows(w io.Writer, f figures.FigureResult) {
	_, _ = fmt.Fprintf(w, "\n%s: the records behind %s (%d)\n", f.ID, *f.Recorded, f.RowCount)
	for _, r := range f.Rows {
		_, _ = fmt.Fprintf(w, "  %s  %s  %s", r.On, r.ID, r.Name)
		if r.Amount != nil {
			_, _ = fmt.Fprintf(w, "  %s", *r.Amount)
		}
		_, _ = fmt.Fprintln(w)
	}
	if more := f.RowCount - len(f.Rows); more > 0 {
		_, _ = fmt.Fprintf(w, "  and %d more\n", more)
	}
}

func joinIDs(ids []kit.ID) string {
	var all []string
	for _, id := range ids {
		all = append(all, string(id))
	}
	return strings.Join(all, " ")
}
