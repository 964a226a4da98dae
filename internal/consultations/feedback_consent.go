package consultations

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// CitationAgreement records that a respondent lets a paragraph of the synthesis cite its confidential reply even if
// the paragraph rests on few replies.
type CitationAgreement struct {
	At kit.DateTime `bson:"at"`
	By kit.ID       `bson:"by"`
}

// MakeFeedbackConfidentialInput makes a reply confidential after its consultation was closed.
type MakeFeedbackConfidentialInput struct {
	ID              kit.ID
	ExpectedVersion int
	Reason          string
}

// MakeFeedbackConfidentialPayload has the reply with its new receipt; it is nil if there are UserErrors.
type MakeFeedbackConfidentialPayload struct {
	Feedback   *Feedback
	UserErrors []kit.UserError
}

// AgreeToCitationInput gives or takes back the agreement that a paragraph on few replies may cite this one.
type AgreeToCitationInput struct {
	ID              kit.ID
	ExpectedVersion int
	Agrees          bool
}

// AgreeToCitationPayload has the reply after the change; it is nil if there are UserErrors.
type AgreeToCitationPayload struct {
	Feedback   *Feedback
	UserErrors []kit.UserError
}

// consent changes what a respondent agreed to for a submitted reply. Those who may submit the reply may call it,
// and SECRETARIAT if onBehalf is set. It is NOT_FOUND if the caller may not see the reply, FORBIDDEN if the caller
// may see it only. The membership need not be active: a respondent may ask for less publicity at any time.
func (s *FeedbackService) consent(ctx context.Context, operation string, id kit.ID, expected int, onBehalf bool, alter func(ctx context.Context, f *kit.Faults, x *Feedback, c *Consultation) error) (*Feedback, error) {
	err := s.core.Write(ctx, operation, func(ctx context.Context, note func(kit.Change)) error {
		x, err := kit.One(ctx, s.ByIDs, id)
		if err != nil {
			return err
		}
		if x == nil {
			return kit.Refuse(kit.NotFound, "notFound", nil)
		}
		f := kit.NewFaults(ctx)
		if !onBehalf || x.view != seesRecord {
			if x.view != seesOwn || x.PersonID != nil && *x.PersonID != kit.ActorOf(ctx).Subject {
				return kit.Refuse(kit.Forbidden, "forbidden", nil)
			}
			if err := (&replying{entity: x.EntityID, capacity: x.Capacity}).speaks(ctx); err != nil {
				return err
			}
		}
		c, err := s.consultations.storedOne(ctx, x.ConsultationID)
		if err != nil {
			return err
		}
		f.Version(expected, x.StoredVersion)
		if x.Status != FeedbackSubmitted {
			f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState", map[string]string{"status": string(x.Status), "allowed": string(FeedbackSubmitted)})
		}
		if err := alter(ctx, f, x, c); err != nil {
			return err
		}
		p, err := s.participations.storedOne(ctx, x.ConsultationID, x.EntityID)
		if err == nil {
			note(kit.Changed(ParticipationNoun, p, kit.Updated, "feedback")) // as for a submission, and without the reason
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return kit.One(ctx, s.ByIDs, id)
}

// MakeConfidential makes a reply confidential after its consultation was closed. Anonymous is no longer a choice,
// because everybody may have read the reply with its respondent's name. The reply is no longer published, and an
// erratum of the consultation says so. If too few anonymised replies are left, these are no longer published
// either. Before closing it is NOT_ALLOWED_IN_STATE: the reply can be amended instead.
func (s *FeedbackService) MakeConfidential(ctx context.Context, in MakeFeedbackConfidentialInput) (*MakeFeedbackConfidentialPayload, error) {
	if err := kit.Require(ctx, kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration, kit.ConsultationsSecretariat); err != nil {
		return nil, err
	}
	x, err := s.consent(ctx, "makeFeedbackConfidential", in.ID, in.ExpectedVersion, true, func(ctx context.Context, f *kit.Faults, x *Feedback, c *Consultation) error {
		f.Text("input.reason", &in.Reason, 1000, true)
		if is := c.at(s.core.Clock.Now()); is != ConsultationClosed {
			checkConsultationState(f, "input.id", is, ConsultationClosed)
		}
		if x.Publication() == Confidential {
			f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.confidential", nil)
		}
		if err := f.Err(); err != nil {
			return err
		}
		was, public, now := x.Publication(), c.publishes(x), kit.DateTimeOf(s.core.Clock.Now())
		h := *x.last()
		h.By, h.Publication, h.Reason = kit.ActorOf(ctx).Subject, Confidential, &in.Reason
		if err := handIn(s.core, x, c, h, now); err != nil {
			return err
		}
		if err := s.feedback.Replace(ctx, x); err != nil {
			return err
		}
		if err := s.recount(ctx, x, c); err != nil {
			return err
		}
		if err := s.tellConfidential(ctx, c, x); err != nil || !public {
			return err
		}
		return s.retract(ctx, c, x.Capacity, ConsultationErratum{At: now, Was: was, Replies: 1})
	})
	faults, err := kit.UserErrorsOf(err)
	return &MakeFeedbackConfidentialPayload{x, faults}, err
}

// retract adds an erratum that a reply is no longer published. If too few anonymised replies of its capacity are
// left, the erratum covers all of them. The replies also leave the counts of the published synthesis.
func (s *FeedbackService) retract(ctx context.Context, c *Consultation, of FeedbackCapacity, e ConsultationErratum) (err error) {
	before := c.pool(of)
	if c.Anonymous, err = s.pools(ctx, c); err != nil {
		return err
	}
	if e.Was == Anonymised && c.pool(of) == nil {
		e.Replies = before.Replies
	}
	c.Errata = append(c.Errata, e)
	if err := s.consultations.keep(ctx, c); err != nil {
		return err
	}
	return s.editions.correct(ctx, c)
}

// AgreeToCitation records, or takes back, that a paragraph of the synthesis may cite this reply even if it rests on
// fewer than five. What is already published stays published.
func (s *FeedbackService) AgreeToCitation(ctx context.Context, in AgreeToCitationInput) (*AgreeToCitationPayload, error) {
	if err := kit.Require(ctx, kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration); err != nil {
		return nil, err
	}
	x, err := s.consent(ctx, "agreeToCitation", in.ID, in.ExpectedVersion, false, func(ctx context.Context, f *kit.Faults, x *Feedback, c *Consultation) error {
		if err := f.Err(); err != nil {
			return err
		}
		key := "mail.reply.notCited"
		x.StoredCitationAgreement = nil
		if in.Agrees {
			key = "mail.reply.mayBeCited"
			x.StoredCitationAgreement = &CitationAgreement{kit.DateTimeOf(s.core.Clock.Now()), kit.ActorOf(ctx).Subject}
		}
		if err := s.feedback.Replace(ctx, x); err != nil {
			return err
		}
		return s.tellReply(ctx, c, x, kit.Letter{Key: key}, false)
	})
	faults, err := kit.UserErrorsOf(err)
	return &AgreeToCitationPayload{x, faults}, err
}

// betrays returns the indexes of citations that could reveal what a respondent said: the paragraph rests on fewer
// than five replies, the cited one is not published, and its respondent did not agree.
func (c *Consultation) betrays(cites []*Feedback) (places []int) {
	if len(cites) >= fewest {
		return nil
	}
	for i, x := range cites {
		if !c.publishes(x) && x.StoredCitationAgreement == nil {
			places = append(places, i)
		}
	}
	return places
}

// publishedTo reads the official replies to a closed consultation that are published.
func (s *FeedbackService) publishedTo(ctx context.Context, c *Consultation) (all []*Feedback, err error) {
	official := FeedbackFilter{Consultation: &c.ID, Capacities: []FeedbackCapacity{OfficialReply}}
	err = kit.EachPage(ctx, s.feedback, store.Query{Any: official.published(c)}, kit.MaxPage, func(page []*Feedback) error {
		all = append(all, page...)
		return nil
	})
	return all, err
}
