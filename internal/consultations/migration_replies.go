package consultations

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// receiptLetters is how many letters of a reply's id the references of old receipts repeat.
const receiptLetters = 8

// RenameReplies gives a new, random id to each reply whose receipts repeat letters of its id. The id of an
// anonymised reply is public, so such a receipt would reveal whose reply it is. Receipts do not change. Records
// that name the reply by id change with it, in one transaction a reply.
func RenameReplies(ctx context.Context, s store.Store) error {
	if err := s.Prepare(ctx, respondingKinds); err != nil {
		return err
	}
	return store.EachID(ctx, s, ConsultationNoun.Kind, func(consultation string) error {
		var ids []string
		of := store.Query{Any: []store.Where{{"consultation": {consultation}}}, Sort: "at"}
		if err := kit.EachPage(ctx, FeedbackNoun.In(s), of, kit.MaxPage, func(page []*Feedback) error {
			ids = append(ids, kit.Map(page, func(x *Feedback) string { return string(x.ID) })...)
			return nil
		}); err != nil {
			return err
		}
		for _, id := range ids {
			if err := s.Tx(ctx, func(ctx context.Context) error { return renameReply(ctx, s, id) }); err != nil {
				return err
			}
		}
		return nil
	})
}

// respondingKinds are the nouns that the migrations in this file read and write.
var respondingKinds = []*store.Kind{
	ConsultationNoun.Kind, FeedbackNoun.Kind, CountedNoun.Kind, ParticipationNoun.Kind, SynthesisNoun.Kind, kit.AuditNoun.Kind,
}

// tellsID says whether a receipt of the reply repeats letters of its id.
func (x *Feedback) tellsID() bool {
	letters := string(x.ID)
	letters = letters[max(0, len(letters)-receiptLetters):]
	return slices.ContainsFunc(x.StoredSubmissions, func(h FeedbackSubmission) bool { return strings.Contains(h.StoredReceipt.Reference, "-"+letters+"-") })
}

func renameReply(ctx context.Context, s store.Store, id string) error {
	replies := FeedbackNoun.In(s)
	x, err := replies.Get(ctx, id)
	if err != nil || !x.tellsID() {
		return err
	}
	old := x.ID
	if err := replies.Delete(ctx, id, x.StoredVersion); err != nil {
		return err
	}
	fresh, err := kit.NewCore(kit.CoreOptions{Store: s, Entropy: rand.Reader})
	if err != nil {
		return err
	}
	for x.tellsID() {
		x.ID = fresh.RandomID(kit.FeedbackPrefix)
	}
	if err := replies.Insert(ctx, x); err != nil {
		return err
	}
	rename := func(ids []kit.ID) {
		if i := slices.Index(ids, old); i >= 0 {
			ids[i] = x.ID
		}
	}
	p, err := ParticipationNoun.In(s).Get(ctx, string(ParticipationID(x.ConsultationID, x.EntityID)))
	if err == nil && p.FeedbackID != nil && *p.FeedbackID == old {
		p.FeedbackID = &x.ID
		err = ParticipationNoun.In(s).Replace(ctx, p)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	y, err := SynthesisNoun.In(s).Get(ctx, string(SynthesisID(x.ConsultationID)))
	if err == nil {
		for _, p := range slices.Concat(y.StoredDraft, y.Published) {
			rename(p.StoredCitations)
		}
		err = SynthesisNoun.In(s).Replace(ctx, y)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return errors.Join(renameCounted(ctx, s, old, x.ID), renameAudited(ctx, s, old, x.ID))
}

func renameCounted(ctx context.Context, s store.Store, old, now kit.ID) error {
	counted := CountedNoun.In(s)
	return kit.EachPage(ctx, counted, store.Query{Any: []store.Where{{"feedback": {string(old)}}}}, store.MaxLimit-1, func(page []*CountedAnswer) error {
		for _, a := range page {
			if err := counted.Delete(ctx, a.ID, a.Version); err != nil {
				return err
			}
			a.ID, a.FeedbackID = string(now)+strings.TrimPrefix(a.ID, string(old)), now
		}
		return counted.Insert(ctx, page...)
	})
}

func renameAudited(ctx context.Context, s store.Store, old, now kit.ID) error {
	entries := kit.AuditNoun.In(s)
	return kit.EachPage(ctx, entries, store.Query{Any: []store.Where{{"target": {string(old)}}}, Sort: "at"}, kit.MaxPage, func(page []*kit.AuditEntry) error {
		for _, e := range page {
			e.TargetID = now
			if err := entries.Replace(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// SettleAnonymised sets, for consultations that are closed already, which anonymised replies are published, and
// counts the campaigns of their published syntheses.
func SettleAnonymised(ctx context.Context, s store.Store) error {
	if err := s.Prepare(ctx, respondingKinds); err != nil {
		return err
	}
	feedback := &FeedbackService{feedback: FeedbackNoun.In(s)}
	syntheses := &SynthesisService{syntheses: SynthesisNoun.In(s), feedback: feedback}
	return store.EachID(ctx, s, ConsultationNoun.Kind, func(id string) error {
		return s.Tx(ctx, func(ctx context.Context) error {
			c, err := ConsultationNoun.In(s).Get(ctx, id)
			if err != nil || c.StoredStatus != ConsultationClosed || c.Anonymous != nil {
				return err
			}
			if c.Anonymous, err = feedback.pools(ctx, c); err != nil {
				return err
			}
			if err := ConsultationNoun.In(s).Replace(ctx, c); err != nil {
				return err
			}
			y, err := SynthesisNoun.In(s).Get(ctx, string(SynthesisID(c.ID)))
			if errors.Is(err, store.ErrNotFound) || err == nil && y.Edition == 0 {
				return nil
			}
			if err == nil {
				err = syntheses.count(ctx, y, c, (*Feedback).campaign)
			}
			if err == nil {
				err = SynthesisNoun.In(s).Replace(ctx, y)
			}
			return err
		})
	})
}
