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

// holdingsPage is how many documents are read at once.
const holdingsPage = 100

// reading calls take for each document of a noun about a member or country.
type reading func(ctx context.Context, h *inventory, take func(doc any) error) error

// holding says how to read what a noun has about a member or country, or why it has nothing.
type holding struct {
	kind    *store.Kind
	read    reading
	nothing string
}

// holdings has an entry for every noun, in the order in which Holdings writes them. The audit log comes last,
// because it is searched for every record that was found before.
var holdings = []holding{
	{kind: membership.MemberNoun.Kind, read: record},
	{kind: people.MandateNoun.Kind, read: heldBy(people.MandateNoun, "entity", "from")},
	{kind: people.PersonInvitationNoun.Kind, read: heldBy(people.PersonInvitationNoun, "entity", "invitedAt")},
	{kind: people.PersonNoun.Kind, read: mandated},
	{kind: events.RegistrationNoun.Kind, read: registered},
	{kind: events.InvitationNoun.Kind, read: invited},
	{kind: events.ContributionNoun.Kind, read: heldBy(events.ContributionNoun, "entity", "submittedAt")},
	{kind: events.CalendarLinkNoun.Kind, read: heldBy(events.CalendarLinkNoun, "entity", "createdAt")},
	{kind: consultations.ParticipationNoun.Kind, read: heldBy(consultations.ParticipationNoun, "entity", "openedAt")},
	{kind: consultations.FeedbackNoun.Kind, read: heldBy(consultations.FeedbackNoun, "entity", "at")},
	{kind: consultations.DraftNoun.Kind, read: drafted},
	{kind: applications.ApplicationNoun.Kind, read: heldBy(applications.ApplicationNoun, "member", "submittedOn")},
	{kind: membership.InvoiceNoun.Kind, read: heldBy(membership.InvoiceNoun, "member", "dueOn")},
	{kind: membership.FeeExemptionNoun.Kind, read: heldBy(membership.FeeExemptionNoun, "member", "requestedOn")},
	{kind: membership.MembershipChangeRequestNoun.Kind, read: heldBy(membership.MembershipChangeRequestNoun, "member", "requestedOn")},
	{kind: files.FileNoun.Kind, read: heldBy(files.FileNoun, "owner", "at")},
	{kind: consultations.ServiceFeedbackNoun.Kind, read: heldBy(consultations.ServiceFeedbackNoun, "entity", "submittedAt")},
	{kind: kit.AuditNoun.Kind, read: audited},

	{kind: benefits.BenefitNoun.Kind, nothing: "benefits are for categories of members"},
	{kind: reference.EntryNoun.Kind, nothing: "tariffs, rules and statuses of countries are for all members; the list of countries has those of one"},
	{kind: events.SeriesNoun.Kind, nothing: "series are of events"},
	{kind: events.EventNoun.Kind, nothing: "events are for kinds of members and countries; who came is in registrations"},
	{kind: events.SeatNoun.Kind, nothing: "seats count places"},
	{kind: consultations.LiaisonNoun.Kind, nothing: "statements are addressed to groups"},
	{kind: consultations.ConsultationNoun.Kind, nothing: "consultations are of kinds and regions; who is consulted is in participations"},
	{kind: consultations.SynthesisNoun.Kind, nothing: "syntheses name replies by their ids"},
	{kind: consultations.CountedNoun.Kind, nothing: "counted answers are those of replies"},
	{kind: kit.ChangeRecordNoun.Kind, nothing: "change records say for a day that a record changed"},
	{kind: kit.RepeatNoun.Kind, nothing: "idempotency keys are hashes, kept for a day"},
	{kind: applications.ChallengeNoun.Kind, nothing: "codes are for addresses that apply, for a quarter of an hour"},
	{kind: people.SessionNoun.Kind, nothing: "sessions are of persons"},
	{kind: people.PasskeyNoun.Kind, nothing: "passkeys are of persons"},
	{kind: people.NotificationNoun.Kind, nothing: "notifications are of persons"},
	{kind: people.SignInChallengeNoun.Kind, nothing: "codes are for addresses of persons, for a quarter of an hour"},
	{kind: kit.CodeRecipientNoun.Kind, nothing: "it holds hashes of what is counted or used up, for a day"},
	{kind: kit.OutboxNoun.Kind, nothing: "messages are to persons, and emptied once they are sent"},
	{kind: jobs.JobNoun.Kind, nothing: "jobs are of the secretariat"},
	{kind: jobs.ChunkNoun.Kind, nothing: "files of exports repeat what other nouns have, for a day"},
	{kind: files.PieceNoun.Kind, nothing: "the content of a file is at its address; what is held says which files there are"},
	{kind: kit.SecretNoun.Kind, nothing: "it is the portal's own"},
}

// inventory is one run of Holdings.
type inventory struct {
	core   *kit.Core
	entity kit.ID
	// targets are the ids of the records found so far, for which the audit log is searched.
	targets []string
}

// Holdings writes all that is stored about a member or country as one JSON document: for each noun, a list of
// records as they are stored. Other persons and entities appear as ids only, except the persons who act for the
// member or country, whose records are included. Secrets are left out, and so are drafts of delegates' own views,
// which nobody else may know of. Documents are read page by page and not as of one instant. It writes an audit
// entry. SECRETARIAT or OPERATOR; NOT_FOUND if there is no such member or country.
func (p *Portal) Holdings(ctx context.Context, id kit.ID, w io.Writer) error {
	if err := kit.Require(ctx, kit.WholeSecretariat, kit.RoleOperator); err != nil {
		return err
	}
	if p.Countries.Get(id) == nil {
		if _, err := membership.MemberNoun.In(p.core.Store).Get(ctx, string(id)); errors.Is(err, store.ErrNotFound) {
			return kit.Refuse(kit.NotFound, "notFound", nil)
		} else if err != nil {
			return err
		}
	}
	if err := p.core.RecordCommand(ctx, "exportEntity", id, "all that is held about it"); err != nil {
		return err
	}
	h, out := &inventory{core: p.core, entity: id, targets: []string{string(id)}}, bufio.NewWriter(w)
	if _, err := fmt.Fprintf(out, "{\n\"entity\": %q,\n\"writtenAt\": %q", id, kit.DateTimeOf(p.core.Clock.Now())); err != nil {
		return err
	}
	for _, one := range holdings {
		if one.read == nil {
			continue
		}
		if err := h.write(ctx, out, one); err != nil {
			return fmt.Errorf("writing %s: %w", one.kind.Name, err)
		}
	}
	if _, err := out.WriteString("\n}\n"); err != nil {
		return err
	}
	return out.Flush()
}

// write writes the records of a noun as one list, with a line for each record.
func (h *inventory) write(ctx context.Context, out *bufio.Writer, one holding) error {
	if _, err := fmt.Fprintf(out, ",\n%q: [", one.kind.Name); err != nil {
		return err
	}
	separator := "\n"
	err := one.read(ctx, h, func(doc any) error {
		// Audit entries about a person may concern other entities for which it acts, so that they are not read.
		if one.kind != people.PersonNoun.Kind && one.kind != kit.AuditNoun.Kind {
			id, _ := one.kind.Identity(doc)
			h.targets = append(h.targets, id)
		}
		_, err := out.WriteString(separator)
		separator = ",\n"
		return errors.Join(err, kit.WriteStored(out, doc))
	})
	if err != nil {
		return err
	}
	_, err = out.WriteString("\n]")
	return err
}

// heldBy reads by a listing in which a key is the id of the member or country.
func heldBy[T any](d store.Declared[T], key, sort string) reading {
	return func(ctx context.Context, h *inventory, take func(any) error) error {
		return pagesOf(ctx, h, d, store.Query{Any: []store.Where{{key: {string(h.entity)}}}, Sort: sort}, take)
	}
}

func pagesOf[T any](ctx context.Context, h *inventory, d store.Declared[T], q store.Query, take func(any) error) error {
	return kit.EachPage(ctx, d.In(h.core.Store), q, holdingsPage, func(docs []*T) error { return takeAll(docs, take) })
}

// takeAll calls take for the documents that are not nil.
func takeAll[T any](docs []*T, take func(any) error) error {
	for _, d := range docs {
		if d == nil {
			continue
		}
		if err := take(d); err != nil {
			return err
		}
	}
	return nil
}

// record reads the member. Countries are not in the store and give nothing.
func record(ctx context.Context, h *inventory, take func(any) error) error {
	docs, err := membership.MemberNoun.In(h.core.Store).Many(ctx, []string{string(h.entity)})
	return errors.Join(err, takeAll(docs, take))
}

// mandated reads the persons of all mandates for the entity, each person once.
func mandated(ctx context.Context, h *inventory, take func(any) error) error {
	seen := map[kit.ID]bool{}
	query := store.Query{Any: []store.Where{{"entity": {string(h.entity)}}}, Sort: "from"}
	return kit.EachPage(ctx, people.MandateNoun.In(h.core.Store), query, holdingsPage, func(page []*people.Mandate) error {
		var ids []string
		for _, m := range page {
			if m.Person != "" && !seen[m.Person] {
				seen[m.Person], ids = true, append(ids, string(m.Person))
			}
		}
		persons, err := people.PersonNoun.In(h.core.Store).Many(ctx, ids)
		return errors.Join(err, takeAll(persons, take))
	})
}

// invited reads the invitations that a member got before it became one.
func invited(ctx context.Context, h *inventory, take func(any) error) error {
	query := store.Query{Any: []store.Where{{"outcome": {"MEMBER"}}}, Sort: "invitedAt"}
	return kit.EachPage(ctx, events.InvitationNoun.In(h.core.Store), query, holdingsPage, func(page []*events.EventInvitation) error {
		return takeAll(slices.DeleteFunc(page, func(i *events.EventInvitation) bool { return *i.MemberID != h.entity }), take)
	})
}

// registered reads the registrations for the entity. Answers that somebody else gave for a person stay out until the
// person accepted them.
func registered(ctx context.Context, h *inventory, take func(any) error) error {
	query := store.Query{Any: []store.Where{{"entity": {string(h.entity)}}}, Sort: "registeredAt"}
	return pagesOf(ctx, h, events.RegistrationNoun, query, func(doc any) error { return take(doc.(*events.Registration).ForExport()) })
}

// drafted reads the entity's drafts of official replies.
func drafted(ctx context.Context, h *inventory, take func(any) error) error {
	query := store.Query{Any: []store.Where{{"entity": {string(h.entity)}}}, Sort: "openedAt"}
	return kit.EachPage(ctx, consultations.ParticipationNoun.In(h.core.Store), query, holdingsPage, func(page []*consultations.Participation) error {
		docs, err := consultations.DraftNoun.In(h.core.Store).Many(ctx, kit.Map(page, func(p *consultations.Participation) string {
			return string(consultations.DraftID(p.ConsultationID, h.entity, ""))
		}))
		return errors.Join(err, takeAll(docs, take))
	})
}

// audited reads the audit entries about the member or country and about all of its records that were found.
func audited(ctx context.Context, h *inventory, take func(any) error) error {
	slices.Sort(h.targets)
	for targets := range slices.Chunk(slices.Compact(h.targets), store.MaxStreams) {
		if err := pagesOf(ctx, h, kit.AuditNoun, store.Query{Any: []store.Where{{"target": targets}}, Sort: "at"}, take); err != nil {
			return err
		}
	}
	return nil
}
