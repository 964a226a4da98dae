package consultations

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// ReplyErasures erase what a person wrote as a delegate: service feedback, views and drafts of views.
func ReplyErasures(p *people.Person) []kit.Erasure {
	all := []kit.Erasure{
		kit.Sweep[ServiceFeedback]{Of: ServiceFeedbackNoun, Query: people.OfThePerson(p.ID, "submittedAt"), Due: kit.Alone((*ServiceFeedback).erase)}.Run,
		kit.Sweep[FeedbackDraft]{Of: DraftNoun, Traceless: true, Away: true, Due: kit.Alone(func(d *FeedbackDraft) []string {
			if kit.Deref(d.PersonID) != string(p.ID) {
				return nil
			}
			return []string{"draft"}
		})}.Run,
	}
	for _, entity := range p.Entities {
		all = append(all, kit.Sweep[Feedback]{Of: FeedbackNoun, Query: DelegateViews(entity), Due: kit.Alone(func(x *Feedback) []string {
			if kit.Deref(x.PersonID) != string(p.ID) {
				return nil
			}
			return x.eraseTexts()
		})}.Run)
	}
	return all
}

// DelegateViews is the query for the views of the delegates of a member or State.
func DelegateViews(entity kit.ID) store.Query {
	views := []string{replyStanding(DelegateView, InTime), replyStanding(DelegateView, Late)}
	return store.Query{Any: []store.Where{{"entity": {string(entity)}, "standing": views}}, Sort: "at"}
}

// SweepFeedbackDrafts deletes drafts of replies whose last change was before a day.
func SweepFeedbackDrafts(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	return kit.Sweep[FeedbackDraft]{Of: DraftNoun, Traceless: true, Away: true, Due: kit.Alone(func(d *FeedbackDraft) []string {
		if d.ChangedAt >= kit.DateTime(before) {
			return nil
		}
		return []string{"draft"}
	})}.Run(ctx, c, dry)
}

// SweepConsultationReasons erases the reasons for which consultations were closed, and those for which replies were
// made confidential after closing.
func SweepConsultationReasons(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (erased int, err error) {
	closed := store.Query{Any: []store.Where{{"status": {string(ConsultationClosed)}}}, Sort: "deadline"}
	old := func(x *Consultation) bool { return x.ClosedAt != nil && *x.ClosedAt < kit.DateTime(before) }
	erased, err = kit.Sweep[Consultation]{Of: ConsultationNoun, Query: closed, Due: kit.Alone(func(x *Consultation) (fields []string) {
		for i := range x.Changes {
			if old(x) {
				kit.Emptied(&fields, "changes", &x.Changes[i].Reason)
			}
		}
		return fields
	})}.Run(ctx, c, dry)
	if err != nil {
		return erased, err
	}
	err = kit.EachPage(store.Looking(ctx), ConsultationNoun.In(c.Store), closed, kit.EraseBatch, func(page []*Consultation) error {
		for _, x := range page {
			if !old(x) {
				continue
			}
			replies := store.Query{Any: []store.Where{{"consultation": {string(x.ID)}}}, Sort: "at"}
			n, err := kit.Sweep[Feedback]{Of: FeedbackNoun, Query: replies, Due: kit.Alone(func(x *Feedback) (fields []string) {
				for i := range x.StoredSubmissions {
					kit.Emptied(&fields, "submissions", &x.StoredSubmissions[i].Reason)
				}
				return fields
			})}.Run(ctx, c, dry)
			if erased += n; err != nil {
				return err
			}
		}
		return nil
	})
	return erased, err
}
