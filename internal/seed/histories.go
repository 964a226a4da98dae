package seed

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

//go:embed histories.csv
var historiesCSV string

var historyColumns = []string{"member", "on", "event", "country", "category", "study_group", "sectors", "fee_class", "reason_code", "into"}

// Events of a history that are no lifecycle events.
const (
	invoiceAnnual  membership.LifecycleKind = "INVOICE_ANNUAL"
	invoiceJoining membership.LifecycleKind = "INVOICE_JOINING"
)

// occurrences are the events that a history may hold after the admission and the activation.
var occurrences = []membership.LifecycleKind{
	invoiceAnnual, invoiceJoining, membership.CategoryChanged, membership.FeeClassChanged, membership.SectorsChanged, membership.Merged,
	membership.EventSuspended, membership.WithdrawalNotified, membership.EventWithdrawn, membership.EventExcluded,
}

// departures are the events with which a membership ends, at once or after the term of a notice.
var departures = []membership.LifecycleKind{membership.Merged, membership.WithdrawalNotified, membership.EventWithdrawn, membership.EventExcluded}

// history is what is written of a demonstration member instead of left to its number.
type history struct {
	// admitted and activated are nil where the dates are those of the number.
	admitted, activated *happening
	later               []happening
}

// happening is one line of histories.csv.
type happening struct {
	line       int
	on         kit.Date
	event      membership.LifecycleKind
	country    string // ISO alpha-2; empty for the one of the number
	category   membership.MembershipCategory
	studyGroup *membership.StudyGroup
	sectors    []membership.Sector
	feeClass   *string
	reason     membership.DepartureReason
	into       int // the number of the member that takes this one over
}

// histories are those of histories.csv by the number of the member.
var histories = sync.OnceValues(func() (map[int]history, error) { return readHistories(strings.NewReader(historiesCSV)) })

// readHistories reads a file like histories.csv. The error names every faulty line.
func readHistories(r io.Reader) (map[int]history, error) {
	rows := csv.NewReader(r)
	rows.Comment = '#'
	head, err := rows.Read()
	if err != nil || !slices.Equal(head, historyColumns) {
		return nil, fmt.Errorf("histories.csv: the first line must be %s: %w", strings.Join(historyColumns, ","), err)
	}
	all := map[int]history{}
	var faults []error
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return all, errors.Join(faults...)
		}
		if err != nil {
			return nil, fmt.Errorf("histories.csv: %w", err)
		}
		line, _ := rows.FieldPos(0)
		number, h, err := readHappening(row)
		if h.line = line; err == nil {
			of := all[number]
			err = of.add(h)
			all[number] = of
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("histories.csv, line %d: %w", line, err))
		}
	}
}

func readHappening(row []string) (number int, h happening, err error) {
	h = happening{
		on: kit.Date(row[1]), event: membership.LifecycleKind(row[2]), country: row[3], category: membership.MembershipCategory(row[4]), reason: membership.DepartureReason(row[8]),
	}
	if row[5] != "" {
		h.studyGroup = new(membership.StudyGroup(row[5]))
	}
	for _, letter := range row[6] {
		h.sectors = append(h.sectors, membership.Sector(letter))
	}
	if row[7] != "" {
		h.feeClass = &row[7]
	}
	if number, err = strconv.Atoi(row[0]); err != nil || number < 0 || number >= Members {
		return 0, h, fmt.Errorf("there is no member %q", row[0])
	}
	if _, err := time.Parse(time.DateOnly, row[1]); err != nil || h.on > Last {
		return 0, h, fmt.Errorf("%q is no day up to %s", row[1], Last)
	}
	if h.event == membership.Merged {
		if h.into, err = strconv.Atoi(row[9]); err != nil || h.into < 0 || h.into >= number {
			return 0, h, fmt.Errorf("%q is no member before %d", row[9], number)
		}
	}
	return number, h, nil
}

// add puts an event at the end of a history.
func (h *history) add(next happening) error {
	if latest := h.latest(); next.on < latest {
		return fmt.Errorf("%s is before %s", next.on, latest)
	}
	switch {
	case next.event == membership.Admitted && h.latest() == "":
		h.admitted = &next
	case next.event == membership.Activated && h.admitted != nil && h.activated == nil && len(h.later) == 0:
		h.activated = &next
	case slices.Contains(occurrences, next.event):
		h.later = append(h.later, next)
	default:
		return fmt.Errorf("no history goes on with %q", next.event)
	}
	return nil
}

// latest is the day of the last event, empty if there is none.
func (h *history) latest() (day kit.Date) {
	switch {
	case len(h.later) > 0:
		return h.later[len(h.later)-1].on
	case h.activated != nil:
		return h.activated.on
	case h.admitted != nil:
		return h.admitted.on
	}
	return ""
}

// historyOf is the history of a member, empty if nothing is written of it or if its country is not in
// the list. A fault of the file is told by Load and Wanted, before anything is made.
func (p places) historyOf(i int) history {
	all, _ := histories()
	h := all[i]
	if h.admitted != nil && h.admitted.country != "" && p.of(h.admitted.country) == nil {
		return history{}
	}
	return h
}

// of is the country with an ISO alpha-2 code, nil if it is not in the list.
func (p places) of(iso string) *country.Country {
	i := slices.IndexFunc(p, func(c *country.Country) bool { return c.ISO2 == iso })
	if i < 0 {
		return nil
	}
	return p[i]
}

// stays says whether a member belongs on the last day and has not given notice.
func (r record) stays() bool {
	return !r.activated.IsZero() && !slices.ContainsFunc(r.later, func(h happening) bool { return slices.Contains(departures, h.event) })
}
