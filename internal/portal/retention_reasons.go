package portal

import (
	"context"

	"memberportal/internal/store"
)

func sweepMandateReasons(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	return sweep[Mandate]{of: MandateNoun, due: alone(func(m *Mandate) []string {
		if m.Until == nil || *m.Until >= before {
			return nil
		}
		return m.eraseReasons()
	})}.run(ctx, c, dry)
}

// sweepEventReasons empties why events were put off or cancelled, and why their documents were withdrawn.
func sweepEventReasons(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	all := store.Query{Any: []store.Where{{"keepsPersons": {"yes", "no"}}}, Sort: "retainUntil"}
	return sweep[Event]{of: EventNoun, query: all, within: store.Bounds{Before: string(before)}, due: alone(func(e *Event) (fields []string) {
		for i := range e.Changes {
			emptied(&fields, "changes", &e.Changes[i].Reason)
		}
		for i := range e.AllDocuments {
			emptied(&fields, "documents", &e.AllDocuments[i].Reason)
		}
		return fields
	})}.run(ctx, c, dry)
}

func sweepContributionReasons(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	old := store.Bounds{Before: string(before)}
	return sweep[Contribution]{of: ContributionNoun, query: store.Query{Sort: "submittedAt"}, within: old, due: alone(func(x *Contribution) (fields []string) {
		if n := len(x.Changes); n > 0 && x.Changes[n-1].At >= DateTime(before) {
			return nil
		}
		for i := range x.Changes {
			emptied(&fields, "changes", &x.Changes[i].Reason)
		}
		return fields
	})}.run(ctx, c, dry)
}

// sweepConsultationReasons empties why consultations were closed, and why replies to them were made
// confidential afterwards.
func sweepConsultationReasons(ctx context.Context, c *core, before Date, dry bool) (erased int, err error) {
	closed := store.Query{Any: []store.Where{{"status": {string(ConsultationClosed)}}}, Sort: "deadline"}
	old := func(x *Consultation) bool { return x.ClosedAt != nil && *x.ClosedAt < DateTime(before) }
	erased, err = sweep[Consultation]{of: ConsultationNoun, query: closed, due: alone(func(x *Consultation) (fields []string) {
		for i := range x.Changes {
			if old(x) {
				emptied(&fields, "changes", &x.Changes[i].Reason)
			}
		}
		return fields
	})}.run(ctx, c, dry)
	if err != nil {
		return erased, err
	}
	err = eachPage(store.Looking(ctx), ConsultationNoun.In(c.store), closed, eraseBatch, func(page []*Consultation) error {
		for _, x := range page {
			if !old(x) {
				continue
			}
			replies := store.Query{Any: []store.Where{{"consultation": {string(x.ID)}}}, Sort: "at"}
			n, err := sweep[Feedback]{of: FeedbackNoun, query: replies, due: alone(func(x *Feedback) (fields []string) {
				for i := range x.Handed {
					emptied(&fields, "submissions", &x.Handed[i].Reason)
				}
				return fields
			})}.run(ctx, c, dry)
			if erased += n; err != nil {
				return err
			}
		}
		return nil
	})
	return erased, err
}

// sweepExemptionReasons empties what was said for and against exemptions that do not hold any more.
func sweepExemptionReasons(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	over := store.Query{Any: []store.Where{{"state": texts([]ExemptionState{ExemptionRefused, ExemptionOver})}}, Sort: "requestedOn"}
	return sweep[FeeExemption]{of: FeeExemptionNoun, query: over, due: alone(func(x *FeeExemption) (fields []string) {
		if x.Decision == nil || max(x.Decision.On, x.until()) >= before {
			return nil
		}
		for i := range x.Criteria {
			emptied(&fields, "criteria", &x.Criteria[i].Note)
		}
		emptied(&fields, "decision", &x.Decision.Reason)
		if len(x.Evidence) > 0 {
			x.Evidence, fields = []string{}, append(fields, "evidence")
		}
		return fields
	})}.run(ctx, c, dry)
}

// sweepRequestReasons empties why changes of memberships were asked for, decided or not.
func sweepRequestReasons(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	closed := store.Query{Any: []store.Where{{"state": texts([]ChangeRequestState{ChangeAccepted, ChangeRefused, ChangeWithdrawn})}}, Sort: "requestedOn"}
	old := store.Bounds{Before: string(before)}
	return sweep[MembershipChangeRequest]{of: MembershipChangeRequestNoun, query: closed, within: old, due: alone(func(x *MembershipChangeRequest) (fields []string) {
		blotted(&fields, "reason", &x.Reason)
		if x.Decision != nil {
			emptied(&fields, "decision", &x.Decision.Reason)
		}
		return fields
	})}.run(ctx, c, dry)
}

// sweepInvoiceTexts empties why invoices were cancelled, and under what payments stand in the accounts.
func sweepInvoiceTexts(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	return sweep[Invoice]{of: InvoiceNoun, query: store.Query{Sort: "dueOn"}, due: alone(func(i *Invoice) (fields []string) {
		if i.IssuedOn >= before {
			return nil
		}
		for p := range i.Payments {
			blotted(&fields, "payments", &i.Payments[p].Reference)
		}
		if i.Cancelled != nil {
			blotted(&fields, "cancelled", &i.Cancelled.Reason)
		}
		return fields
	})}.run(ctx, c, dry)
}

func sweepAuditReasons(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	old := store.Bounds{Before: string(before)}
	return sweep[AuditEntry]{of: auditNoun, query: store.Query{Sort: "at"}, within: old, due: alone(func(e *AuditEntry) (fields []string) {
		emptied(&fields, "reason", &e.Reason)
		return fields
	})}.run(ctx, c, dry)
}
