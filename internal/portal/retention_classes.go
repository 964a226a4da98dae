package portal

import (
	"context"
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
	{"applicationDrafts", 366, "the draft was last changed", sweepApplicationDrafts},
	{"feedbackDrafts", 366, "the draft was last changed", sweepFeedbackDrafts},
	{"personsWithoutMandate", 90, "the record was made", sweepStrangers},
	{"pendingAddresses", 1, "the code for the address expired", sweepPendingAddresses},
	{"formerContacts", 366, "the member left", sweepFormerContacts},
	{"invitations", 366, "the invitation ran out", sweepInvitations},
	{"serviceFeedback", 731, "the feedback was given", sweepServiceFeedback},
	{"mandateReasons", 366, "the mandate ended", sweepMandateReasons},
	{"eventReasons", 366, "the retention date of the event", sweepEventReasons},
	{"contributionReasons", 366, "the contribution last changed its status", sweepContributionReasons},
	{"consultationReasons", 1096, "the consultation was closed", sweepConsultationReasons},
	{"exemptionReasons", 1096, "the exemption was refused or ended", sweepExemptionReasons},
	{"requestReasons", 1096, "the change was asked for", sweepRequestReasons},
	{"invoiceTexts", 3653, "the invoice was issued", sweepInvoiceTexts},
	{"auditReasons", 1096, "the change was made", sweepAuditReasons},
}

// EraseClasses erases what ErasureClasses say, and what Tidy removes, and gives how many records of each
// class were erased. It goes on past damaged documents. With dry it only counts. It may be run again at any
// time. SECRETARIAT or OPERATOR.
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

// emptied notes a field whose value it takes away, if there is one.
func emptied[T any](fields *[]string, name string, value **T) {
	if *value != nil {
		*value, *fields = nil, append(*fields, name)
	}
}

// blotted notes a field whose text it replaces by erasedText, if that was not done before.
func blotted(fields *[]string, name string, text *string) {
	if *text != erasedText {
		*text, *fields = erasedText, append(*fields, name)
	}
}

// sweepApplicants empties the contact of applications, what the deciding side noted, and free reasons.
func sweepApplicants(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	return sweep[Application]{of: ApplicationNoun, due: alone(func(a *Application) (fields []string) {
		if day := a.endedOn(); day == "" || day >= before {
			return nil
		}
		emptied(&fields, "contact", &a.Contact)
		emptied(&fields, "dueDiligence", &a.Diligence)
		for i := range a.Events {
			emptied(&fields, "events", &a.Events[i].Reason)
		}
		return fields
	})}.run(ctx, c, dry)
}

func sweepApplicationDrafts(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	return sweep[Application]{of: ApplicationNoun, away: true, due: alone(func(a *Application) []string {
		if a.SubmittedOn != nil || len(a.Events) == 0 || a.Events[len(a.Events)-1].On >= before || a.SavedAt != nil && *a.SavedAt >= DateTime(before) {
			return nil
		}
		return []string{"draft"}
	})}.run(ctx, c, dry)
}

func sweepFeedbackDrafts(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	return sweep[FeedbackDraft]{of: DraftNoun, away: true, due: alone(func(d *FeedbackDraft) []string {
		if d.ChangedAt >= DateTime(before) {
			return nil
		}
		return []string{"draft"}
	})}.run(ctx, c, dry)
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
func sweepStrangers(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	strangers := c.idlePersons(func(p *Person, last Date) bool {
		made := madeOn(p.ID)
		return last == "" && made != "" && made < before
	})
	return sweep[Person]{of: PersonNoun, due: strangers, batch: personBatch}.run(ctx, c, dry)
}

// addressKept is how long an address whose code expired is kept, by the machine's time, as its code was.
const addressKept = 24 * time.Hour

// sweepPendingAddresses empties addresses that were asked for and never confirmed.
func sweepPendingAddresses(ctx context.Context, c *core, _ Date, dry bool) (int, error) {
	before := DateTimeOf(c.wall().Add(-addressKept))
	return sweep[Person]{of: PersonNoun, due: alone(func(p *Person) (fields []string) {
		if p.NewEmail != nil && p.NewEmail.ExpiresAt < before {
			emptied(&fields, "newEmail", &p.NewEmail)
		}
		return fields
	})}.run(ctx, c, dry)
}

// sweepFormerContacts empties the contacts of members that left, and the free reasons and evidence of their
// lifecycle.
func sweepFormerContacts(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	gone := store.Query{Any: []store.Where{{"status": texts([]MembershipStatus{Withdrawn, Excluded})}}, Sort: "name"}
	return sweep[Member]{of: MemberNoun, query: gone, due: alone(func(m *Member) (fields []string) {
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
			emptied(&fields, "events", &m.Events[i].Reason)
			if len(m.Events[i].Evidence) > 0 {
				m.Events[i].Evidence, fields = nil, append(fields, "events")
			}
		}
		return fields
	})}.run(ctx, c, dry)
}

// sweepInvitations empties whom invitations named that made no member.
func sweepInvitations(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	guests := store.Query{Any: []store.Where{{"outcome": {"GUEST"}}}, Sort: "invitedAt"}
	return sweep[EventInvitation]{of: InvitationNoun, query: guests, due: alone(func(i *EventInvitation) (fields []string) {
		if i.ExpiresOn < before {
			blotted(&fields, "organisation", &i.Organisation)
		}
		return fields
	})}.run(ctx, c, dry)
}

func sweepServiceFeedback(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	return sweep[ServiceFeedback]{
		of: ServiceFeedbackNoun, query: store.Query{Sort: "submittedAt"}, within: store.Bounds{Before: string(before)}, due: alone((*ServiceFeedback).erase),
	}.run(ctx, c, dry)
}
