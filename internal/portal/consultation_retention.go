package portal

import (
	"context"

	"memberportal/internal/store"
)

// replyErasures erase what a person wrote as a delegate, in service feedback, views and drafts of views.
func replyErasures(p *Person) []erasure {
	all := []erasure{
		sweep[ServiceFeedback]{of: ServiceFeedbackNoun, query: ofThePerson(p.ID, "submittedAt"), due: alone((*ServiceFeedback).erase)}.run,
		sweep[FeedbackDraft]{of: DraftNoun, traceless: true, away: true, due: alone(func(d *FeedbackDraft) []string {
			if deref(d.PersonID) != string(p.ID) {
				return nil
			}
			return []string{"draft"}
		})}.run,
	}
	for _, entity := range p.Entities {
		all = append(all, sweep[Feedback]{of: FeedbackNoun, query: delegateViews(entity), due: alone(func(x *Feedback) []string {
			if deref(x.PersonID) != string(p.ID) {
				return nil
			}
			return x.eraseTexts()
		})}.run)
	}
	return all
}

// delegateViews asks for the views of the delegates of a member or State.
func delegateViews(entity ID) store.Query {
	views := []string{replyStanding(DelegateView, InTime), replyStanding(DelegateView, Late)}
	return store.Query{Any: []store.Where{{"entity": {string(entity)}, "standing": views}}, Sort: "at"}
}

func sweepFeedbackDrafts(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	return sweep[FeedbackDraft]{of: DraftNoun, traceless: true, away: true, due: alone(func(d *FeedbackDraft) []string {
		if d.ChangedAt >= DateTime(before) {
			return nil
		}
		return []string{"draft"}
	})}.run(ctx, c, dry)
}

func sweepServiceFeedback(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	return sweep[ServiceFeedback]{
		of: ServiceFeedbackNoun, query: store.Query{Sort: "submittedAt"}, within: store.Bounds{Before: string(before)}, due: alone((*ServiceFeedback).erase),
	}.run(ctx, c, dry)
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
