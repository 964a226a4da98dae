package portal

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"memberportal/internal/store"
)

// ErasureClass is something personal that is kept for a time and then erased, beside registrations and
// persons, which Erase knows.
type ErasureClass struct {
	// Name is what dry runs and --json call it.
	Name string
	// Days is how long it is kept after Since.
	Days  int
	Since string
	sweep func(ctx context.Context, c *core, before Date, dry bool) (int, error)
}

// ErasureClasses are all of them. docs/operations.md shows this table, and a test holds it to that.
var ErasureClasses = []ErasureClass{
	{"applicants", 366, "the application was decided or withdrawn", sweepApplicants},
	{"applicationDrafts", 366, "the draft was begun", sweepApplicationDrafts},
	{"feedbackDrafts", 366, "the draft was last changed", sweepFeedbackDrafts},
	{"personsWithoutMandate", 90, "the record was made", sweepStrangers},
	{"formerContacts", 366, "the member left", sweepFormerContacts},
	{"serviceFeedback", 731, "the feedback was given", sweepServiceFeedback},
	{"mandateReasons", 366, "the mandate ended", sweepMandateReasons},
	{"auditReasons", 1096, "the change was made", sweepAuditReasons},
}

// EraseClasses erases what ErasureClasses say, and what Tidy removes, and gives how many records of each
// class were erased. With dry it only counts. It may be run again at any time. SECRETARIAT or OPERATOR.
func (p *Portal) EraseClasses(ctx context.Context, dry bool) (map[string]int, error) {
	if err := Require(ctx, RoleSecretariat, RoleOperator); err != nil {
		return nil, err
	}
	done := map[string]int{}
	for _, class := range ErasureClasses {
		n, err := class.sweep(ctx, p.core, p.core.clock.Today().AddDays(-class.Days), dry)
		if done[class.Name] = n; err != nil {
			return done, err
		}
	}
	if dry {
		return done, nil
	}
	return done, p.Tidy(ctx)
}

// erasedText stands where a text was that a record cannot be without.
const erasedText = "—"

// sweep lets empty work on the documents of a query, in batches, and stores those of which it gives fields.
func sweep[T any](ctx context.Context, c *core, d store.Declared[T], q store.Query, within store.Bounds, dry bool, empty func(*T) []string) (total int, err error) {
	return sweeping(ctx, c, d, q, within, dry, empty, func(ctx context.Context, doc *T) error { return d.In(c.store).Replace(ctx, doc) })
}

// sweepAway removes the documents of a query of which due gives fields.
func sweepAway[T any](ctx context.Context, c *core, d store.Declared[T], dry bool, due func(*T) []string) (int, error) {
	return sweeping(ctx, c, d, store.Query{}, store.Bounds{}, dry, due, func(ctx context.Context, doc *T) error {
		id, version := d.Kind.Identity(doc)
		return d.In(c.store).Delete(ctx, id, *version)
	})
}

func sweeping[T any](ctx context.Context, c *core, d store.Declared[T], q store.Query, within store.Bounds, dry bool, due func(*T) []string, do func(context.Context, *T) error) (total int, err error) {
	plan, err := d.In(c.store).Plan(q)
	if err != nil {
		return 0, err
	}
	for r, more := (store.Range{Bounds: within, Limit: eraseBatch}), true; more; {
		batch := 0
		var page store.Page[T]
		err = c.erasing(ctx, dry, func(ctx context.Context, note func(change)) (err error) {
			batch = 0
			if page, err = d.In(c.store).Page(ctx, plan, r); err != nil {
				return err
			}
			for _, doc := range page.Docs {
				fields := due(doc)
				if len(fields) == 0 {
					continue
				}
				if batch++; dry {
					continue
				}
				if err := do(ctx, doc); err != nil {
					return err
				}
				if d.Kind != auditNoun.Kind { // else every run would leave entries to be erased
					note(changed(d, doc, Updated, fields...))
				}
			}
			return nil
		})
		if total += batch; err != nil {
			return total, err
		}
		if more = page.More; more {
			r.After = page.Tokens[len(page.Tokens)-1]
		}
	}
	return total, nil
}

// endedOn is the day of the last event of an application that is decided or withdrawn; empty for others.
func (a *Application) endedOn() (day Date) {
	switch a.Status {
	case ApplicationApproved, ApplicationObjected, ApplicationWithdrawn:
		for _, e := range a.Events {
			day = max(day, e.On)
		}
	}
	return day
}

// sweepApplicants empties the contact of applications, what the deciding side noted, and free reasons.
func sweepApplicants(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	return sweep(ctx, c, ApplicationNoun, store.Query{}, store.Bounds{}, dry, func(a *Application) (fields []string) {
		if day := a.endedOn(); day == "" || day >= before {
			return nil
		}
		if a.Contact != nil {
			a.Contact, fields = nil, append(fields, "contact")
		}
		if a.Diligence != nil {
			a.Diligence, fields = nil, append(fields, "dueDiligence")
		}
		for i := range a.Events {
			if a.Events[i].Reason != nil {
				a.Events[i].Reason, fields = nil, append(fields, "events")
			}
		}
		return fields
	})
}

func sweepApplicationDrafts(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	return sweepAway(ctx, c, ApplicationNoun, dry, func(a *Application) []string {
		if a.SubmittedOn != nil || len(a.Events) == 0 || a.Events[len(a.Events)-1].On >= before {
			return nil
		}
		return []string{"draft"}
	})
}

// sweepFeedbackDrafts leaves no trace in the audit log, as drafts leave none.
func sweepFeedbackDrafts(ctx context.Context, c *core, before Date, dry bool) (n int, err error) {
	drafts := DraftNoun.In(c.store)
	err = eachPage(ctx, drafts, store.Query{}, eraseBatch, func(page []*FeedbackDraft) error {
		for _, d := range page {
			if d.ChangedAt >= DateTime(before) {
				continue
			}
			if n++; dry {
				continue
			}
			// One that changed meanwhile is of use again.
			if err := drafts.Delete(ctx, string(d.ID), d.Version); err != nil && !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		return nil
	})
	return n, err
}

// madeOn is the day that an id tells; empty for one that tells none.
func madeOn(id ID) Date {
	_, text, _ := strings.Cut(string(id), "_")
	made, err := ulid.ParseStrict(text)
	if err != nil {
		return ""
	}
	return Date(ulid.Time(made.Time()).UTC().Format(time.DateOnly))
}

// sweepStrangers erases persons who never had a mandate and whom no registration names.
func sweepStrangers(ctx context.Context, c *core, before Date, dry bool) (n int, err error) {
	persons, registrations := PersonNoun.In(c.store), RegistrationNoun.In(c.store)
	err = eachPage(ctx, persons, store.Query{}, personBatch, func(page []*Person) error {
		return c.erasing(ctx, dry, func(ctx context.Context, note func(change)) error {
			last, err := c.lastDays(ctx, page)
			if err != nil {
				return err
			}
			for _, p := range page {
				made := madeOn(p.ID)
				if p.ErasedOn != nil || last[p.ID] != "" || made == "" || made >= before {
					continue
				}
				plan, err := registrations.Plan(store.Query{Any: []store.Where{{"person": {string(p.ID)}}}, Sort: "registeredAt"})
				if err != nil {
					return err
				}
				if named, err := registrations.Page(ctx, plan, store.Range{Limit: 1}); err != nil || len(named.Docs) > 0 {
					if err != nil {
						return err
					}
					continue
				}
				if n++; dry {
					continue
				}
				p.erase(c.clock.Today())
				if err := persons.Replace(ctx, p); err != nil {
					return err
				}
				note(changed(PersonNoun, p, Updated, "email", "name"))
			}
			return nil
		})
	})
	return n, err
}

// sweepFormerContacts empties the contacts of members that left, and the free reasons of their lifecycle.
func sweepFormerContacts(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	gone := store.Query{Any: []store.Where{{"status": texts([]MembershipStatus{Withdrawn, Excluded})}}, Sort: "name"}
	return sweep(ctx, c, MemberNoun, gone, store.Bounds{}, dry, func(m *Member) (fields []string) {
		var left Date
		for _, e := range m.current() {
			left = max(left, e.EffectiveOn)
		}
		if left >= before {
			return nil
		}
		if len(m.AllContacts) > 0 {
			m.AllContacts, fields = []Contact{}, append(fields, "contacts")
		}
		for i := range m.Events {
			if m.Events[i].Reason != nil {
				m.Events[i].Reason, fields = nil, append(fields, "events")
			}
		}
		return fields
	})
}

func sweepServiceFeedback(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	return sweep(ctx, c, ServiceFeedbackNoun, store.Query{Sort: "submittedAt"}, store.Bounds{Before: string(before)}, dry, (*ServiceFeedback).erase)
}

// erase empties the texts, and gives the fields that were not empty yet.
func (f *ServiceFeedback) erase() []string {
	if f.Text == erasedText {
		return nil
	}
	f.Subject, f.Text = erasedText, erasedText
	if f.Answer != nil {
		f.Answer.Text = erasedText
	}
	return []string{"answer", "subject", "text"}
}

func sweepMandateReasons(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	return sweep(ctx, c, MandateNoun, store.Query{}, store.Bounds{}, dry, func(m *Mandate) (fields []string) {
		if m.Until == nil || *m.Until >= before {
			return nil
		}
		return m.eraseReasons()
	})
}

// eraseReasons empties the free reasons, and gives the fields in which there were some.
func (m *Mandate) eraseReasons() (fields []string) {
	if m.Reason != nil {
		m.Reason, fields = nil, append(fields, "reason")
	}
	for i := range m.History {
		if m.History[i].Reason != nil {
			m.History[i].Reason, fields = nil, append(fields, "history")
		}
	}
	return fields
}

func sweepAuditReasons(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	return sweep(ctx, c, auditNoun, store.Query{Sort: "at"}, store.Bounds{Before: string(before)}, dry, func(e *AuditEntry) []string {
		if e.Reason == nil {
			return nil
		}
		e.Reason = nil
		return []string{"reason"}
	})
}
