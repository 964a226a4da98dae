package portal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"memberportal/internal/benefits"

	"memberportal/internal/applications"
	"memberportal/internal/consultations"
	"memberportal/internal/events"
	"memberportal/internal/files"
	"memberportal/internal/jobs"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/reference"
	"memberportal/internal/store"
)

// personHolding says how to read what a noun has about a person, or why nothing of it is handed out.
type personHolding struct {
	kind    *store.Kind
	read    func(ctx context.Context, c *kit.Core, p *people.Person, take func(doc any) error) error
	nothing string
}

// byAudit is why records are left out that name a person only as the author of a change.
const byAudit = "who changed it is in the audit entries of that person"

// personHoldings has an entry for every noun, in the order in which PersonHoldings writes them.
var personHoldings = []personHolding{
	{kind: people.PersonNoun.Kind, read: func(_ context.Context, _ *kit.Core, p *people.Person, take func(any) error) error { return take(p) }},
	{kind: people.MandateNoun.Kind, read: mandatesNaming},
	{kind: people.PersonInvitationNoun.Kind, read: invitedTo},
	{kind: events.RegistrationNoun.Kind, read: ofPerson(events.RegistrationNoun, "person", "registeredAt")},
	{kind: consultations.ServiceFeedbackNoun.Kind, read: ofPerson(consultations.ServiceFeedbackNoun, "person", "submittedAt")},
	{kind: events.CalendarLinkNoun.Kind, read: ofPerson(events.CalendarLinkNoun, "madeBy", "createdAt")},
	{kind: consultations.FeedbackNoun.Kind, read: viewsOf},
	{kind: consultations.DraftNoun.Kind, read: draftsOf},
	{kind: people.SessionNoun.Kind, read: ofPerson(people.SessionNoun, "person", "lastSeenAt")},
	{kind: people.PasskeyNoun.Kind, read: ofPerson(people.PasskeyNoun, "person", "createdAt")},
	{kind: people.NotificationNoun.Kind, read: notificationsOf},
	{kind: jobs.JobNoun.Kind, read: ofPerson(jobs.JobNoun, "startedBy", "at")},
	{kind: files.FileNoun.Kind, read: ofPerson(files.FileNoun, "uploadedBy", "at")},
	{kind: kit.AuditNoun.Kind, read: ofPerson(kit.AuditNoun, "actor", "at")},

	{kind: membership.MemberNoun.Kind, nothing: byAudit + "; contacts are the member's own entries, by addresses"},
	{kind: membership.FeeExemptionNoun.Kind, nothing: byAudit},
	{kind: membership.MembershipChangeRequestNoun.Kind, nothing: byAudit},
	{kind: events.EventNoun.Kind, nothing: byAudit + "; the programme is public"},
	{kind: consultations.ConsultationNoun.Kind, nothing: byAudit},
	{kind: consultations.SynthesisNoun.Kind, nothing: byAudit},
	{kind: membership.InvoiceNoun.Kind, nothing: byAudit},
	{kind: applications.ApplicationNoun.Kind, nothing: byAudit + "; an applicant is no person of the store, and reads its application itself"},
	{kind: events.ContributionNoun.Kind, nothing: byAudit},
	{kind: consultations.LiaisonNoun.Kind, nothing: byAudit},
	{kind: benefits.BenefitNoun.Kind, nothing: byAudit},
	{kind: reference.EntryNoun.Kind, nothing: byAudit},
	{kind: events.SeriesNoun.Kind, nothing: byAudit},
	{kind: events.InvitationNoun.Kind, nothing: byAudit + "; invitations are for organisations, and the address of one goes when the guest answers"},
	{kind: events.SeatNoun.Kind, nothing: "seats count places"},
	{kind: consultations.ParticipationNoun.Kind, nothing: "participations are of members and States"},
	{kind: consultations.CountedNoun.Kind, nothing: "counted answers name nobody"},
	{kind: kit.ChangeRecordNoun.Kind, nothing: "change records say for a day that a record changed"},
	{kind: kit.RepeatNoun.Kind, nothing: "idempotency keys are hashes, kept for a day"},
	{kind: applications.ChallengeNoun.Kind, nothing: "codes are for addresses that apply, for a quarter of an hour"},
	{kind: people.SignInChallengeNoun.Kind, nothing: "codes are for a quarter of an hour; they went to the person's own address"},
	{kind: kit.CodeRecipientNoun.Kind, nothing: "it holds hashes of what is counted or used up, for a day"},
	{kind: kit.OutboxNoun.Kind, nothing: "messages may hold codes, and are emptied once they are sent"},
	{kind: jobs.ChunkNoun.Kind, nothing: "files of exports repeat what other nouns have, for a day"},
	{kind: files.PieceNoun.Kind, nothing: "the content of a file is at its address; what is held says which files there are"},
	{kind: kit.SecretNoun.Kind, nothing: "it is the portal's own"},
}

func ofPerson[T any](d store.Declared[T], key, sort string) func(context.Context, *kit.Core, *people.Person, func(any) error) error {
	return func(ctx context.Context, c *kit.Core, p *people.Person, take func(any) error) error {
		query := store.Query{Any: []store.Where{{key: {string(p.ID)}}}, Sort: sort}
		return kit.EachPage(ctx, d.In(c.Store), query, holdingsPage, func(docs []*T) error { return takeAll(docs, take) })
	}
}

// notificationsOf reads what a person was told.
func notificationsOf(ctx context.Context, c *kit.Core, p *people.Person, take func(any) error) error {
	return kit.EachPage(ctx, people.NotificationNoun.In(c.Store), people.NotificationsOf(p.ID), holdingsPage, func(docs []*people.Notification) error { return takeAll(docs, take) })
}

// ofEntities reads, page by page, the documents of each entity for which a person has or had a mandate.
func ofEntities[T any](ctx context.Context, c *kit.Core, p *people.Person, d store.Declared[T], query func(entity kit.ID) store.Query, take func([]*T) error) error {
	for _, entity := range p.Entities {
		if err := kit.EachPage(ctx, d.In(c.Store), query(entity), holdingsPage, take); err != nil {
			return err
		}
	}
	return nil
}

// mandatesNaming reads the mandates of a person. Of mandates of others it reads the parts that name the person: a
// hand-over to it or by it, and what it did with the mandate.
func mandatesNaming(ctx context.Context, c *kit.Core, p *people.Person, take func(any) error) error {
	if err := ofPerson(people.MandateNoun, "person", "from")(ctx, c, p, take); err != nil {
		return err
	}
	return ofEntities(ctx, c, p, people.MandateNoun, people.MandatesOf, func(docs []*people.Mandate) error {
		for _, m := range docs {
			if m.Person == p.ID {
				continue
			}
			m.History = slices.DeleteFunc(m.History, func(e people.MandateEvent) bool { return e.By != p.ID })
			if !m.HandOver.Names(p.ID) {
				m.HandOver = nil
			}
			if m.HandOver == nil && len(m.History) == 0 {
				continue
			}
			m.Reason = nil
			if err := take(m); err != nil {
				return err
			}
		}
		return nil
	})
}

// invitedTo reads the invitations to the address of a person that are not closed.
func invitedTo(ctx context.Context, c *kit.Core, p *people.Person, take func(any) error) error {
	if p.Email == nil {
		return nil
	}
	return kit.EachPage(ctx, people.PersonInvitationNoun.In(c.Store), people.InvitationsTo(*p.Email), holdingsPage, func(docs []*people.PersonInvitation) error {
		return takeAll(docs, take)
	})
}

// viewsOf reads the views that a person submitted as a delegate.
func viewsOf(ctx context.Context, c *kit.Core, p *people.Person, take func(any) error) error {
	return ofEntities(ctx, c, p, consultations.FeedbackNoun, consultations.DelegateViews, func(docs []*consultations.Feedback) error {
		return takeAll(slices.DeleteFunc(docs, func(x *consultations.Feedback) bool { return kit.Deref(x.PersonID) != string(p.ID) }), take)
	})
}

// draftsOf reads the drafts of a person's own views and, in drafts of official replies, the answers that it
// edited last.
func draftsOf(ctx context.Context, c *kit.Core, p *people.Person, take func(any) error) error {
	return kit.EachPage(ctx, consultations.DraftNoun.In(c.Store), store.Query{}, holdingsPage, func(docs []*consultations.FeedbackDraft) error {
		for _, d := range docs {
			if d.PersonID == nil {
				d.Answers = slices.DeleteFunc(d.Answers, func(a *consultations.DraftAnswer) bool { return a.EditorID != p.ID })
			}
			if kit.Deref(d.PersonID) != string(p.ID) && (d.PersonID != nil || len(d.Answers) == 0) {
				continue
			}
			if err := take(d); err != nil {
				return err
			}
		}
		return nil
	})
}

// PersonHoldings writes all that is stored about a person as one JSON document, for that person: its record with an
// address that is not confirmed yet, mandates, hand-overs that name it, invitations to its address, registrations,
// service feedback, calendar links that it made, its passkeys, what it was told, jobs that it asked for, files that it
// uploaded, views that it submitted as a
// delegate and drafts of them, answers
// that it wrote in drafts of official replies, and the audit entries of what it did. The export itself writes an audit
// entry. SECRETARIAT or OPERATOR; NOT_FOUND if there is no such person.
func (p *Portal) PersonHoldings(ctx context.Context, id kit.ID, w io.Writer) error {
	if err := kit.Require(ctx, kit.WholeSecretariat, kit.RoleOperator); err != nil {
		return err
	}
	person, err := p.Persons.Named(ctx, id)
	if err != nil {
		return err
	}
	if err := p.core.RecordCommand(ctx, "exportPerson", id, "all that is held about the person"); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	if _, err := fmt.Fprintf(out, "{\n\"person\": %q,\n\"writtenAt\": %q", id, kit.DateTimeOf(p.core.Clock.Now())); err != nil {
		return err
	}
	for _, one := range personHoldings {
		if one.read == nil {
			continue
		}
		if _, err := fmt.Fprintf(out, ",\n%q: [", one.kind.Name); err != nil {
			return err
		}
		separator := "\n"
		err := one.read(ctx, p.core, person, func(doc any) error {
			_, err := out.WriteString(separator)
			separator = ",\n"
			return errors.Join(err, kit.WriteStored(out, doc))
		})
		if err != nil {
			return fmt.Errorf("writing %s: %w", one.kind.Name, err)
		}
		if _, err := out.WriteString("\n]"); err != nil {
			return err
		}
	}
	if _, err := out.WriteString("\n}\n"); err != nil {
		return err
	}
	return out.Flush()
}
