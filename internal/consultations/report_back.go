package consultations

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// ConsultationReport is what a group reports back on a closed consultation. It has only what everybody may read.
type ConsultationReport struct {
	Consultation *Consultation
	Statement    *LiaisonStatement
	Counts       *PublishedCounts
	// Synthesis is nil if none is published.
	Synthesis *Synthesis
	// Replies are the published replies, in the order in which everybody reads them.
	Replies []*Feedback
	// Respondents are the entities that sent the replies, in the same order; nil for an anonymised reply.
	Respondents []membership.Entity
}

// ReportBack collects the report on a consultation. ref is the code of the consultation, or the full reference of a
// statement with only one consultation. It reads as an anonymous caller, so the report can be handed on: it cannot
// contain what is not public. NOT_FOUND if there are only drafts.
func (s *Services) ReportBack(ctx context.Context, ref string) (*ConsultationReport, error) {
	ctx = kit.WithActor(ctx, kit.Actor{})
	c, err := s.Consultations.named(ctx, ref)
	if err != nil {
		return nil, err
	}
	if c.StoredStatus != ConsultationClosed {
		return nil, fmt.Errorf("the consultation %s is not closed: it is %s, and there is nothing to report before", c.Code, c.Status())
	}
	r := &ConsultationReport{Consultation: c.bare()}
	if r.Statement, err = s.Consultations.StatementOf(ctx, c); err != nil {
		return nil, err
	}
	if r.Counts, err = s.Feedback.PublishedCounts(ctx, c.ID, nil); err != nil {
		return nil, err
	}
	if err = s.published(ctx, r); err != nil {
		return nil, err
	}
	y, err := s.Synthesis.Of(ctx, c)
	if err == nil && y != nil {
		r.Synthesis = y.bare(r.Replies)
	}
	return r, err
}

// named reads the consultation with a code, or the one on the statement with a reference.
func (s *ConsultationService) named(ctx context.Context, ref string) (*Consultation, error) {
	c, err := s.ByCode(ctx, ref)
	if err != nil || c != nil {
		return c, err
	}
	l, err := s.statements.ByReference(ctx, ref)
	if err != nil {
		return nil, err
	}
	if l == nil {
		return nil, kit.Refuse(kit.NotFound, "notFound", nil)
	}
	found, err := s.List(ctx, &ConsultationFilter{Statement: &l.ID}, kit.PageArgs{First: new(kit.MaxPage)})
	if err != nil {
		return nil, err
	}
	switch all := found.Nodes(); len(all) {
	case 0:
		return nil, kit.Refuse(kit.NotFound, "notFound", nil)
	case 1:
		return all[0], nil
	default:
		codes := kit.Map(all, func(c *Consultation) string { return c.Code })
		slices.Sort(codes)
		return nil, fmt.Errorf("there is more than one consultation on %s, name one by its code: %s", ref, strings.Join(codes, ", "))
	}
}

// published reads all published replies, page by page, with the entities that are named.
func (s *Services) published(ctx context.Context, r *ConsultationReport) error {
	args := kit.PageArgs{First: new(kit.MaxPage)}
	for more := true; more; {
		page, err := s.Feedback.List(ctx, &FeedbackFilter{Consultation: &r.Consultation.ID}, args)
		if err != nil {
			return err
		}
		for _, x := range page.Nodes() {
			entity, err := s.Feedback.EntityOf(ctx, x)
			if err != nil {
				return err
			}
			r.Replies, r.Respondents = append(r.Replies, x.bare()), append(r.Respondents, entity)
		}
		more, args.After = page.PageInfo.HasNextPage, page.PageInfo.EndCursor
	}
	return nil
}

// bare is the consultation without the persons and reasons of its changes, which are internal to the secretariat.
func (c *Consultation) bare() *Consultation {
	shown := *c
	shown.Changes, shown.with = nil, nil
	return &shown
}

// bare is the reply with only its published part, so that no writer of a report can reveal the rest.
func (x *Feedback) bare() *Feedback {
	last := x.last()
	shown := &Feedback{
		ID: x.ID, ConsultationID: x.ConsultationID, Group: x.Group, Capacity: x.Capacity, Status: x.Status, Dataset: x.Dataset, view: x.view, textsWithheld: x.textsWithheld,
		StoredSubmissions: []FeedbackSubmission{{
			Publication: last.Publication, Language: last.Language, Answers: x.Answers(), StoredReceipt: FeedbackReceipt{Timeliness: last.StoredReceipt.Timeliness},
		}},
	}
	if x.view >= seesAttributed {
		shown.EntityID, shown.StoredRespondent = x.EntityID, x.StoredRespondent
		shown.StoredRespondent.StoredEventsAttended = nil
	}
	return shown
}

// bare is the synthesis without its draft and without the persons who recorded decisions. It cites only the given
// replies; otherwise the number of citations would reveal unpublished ones.
func (y *Synthesis) bare(replies []*Feedback) *Synthesis {
	shown := &Synthesis{
		ID: y.ID, Version: y.Version, ConsultationID: y.ConsultationID, Group: y.Group, Edition: y.Edition, PublishedAt: y.PublishedAt, Dataset: y.Dataset,
		Decisions: slices.Clone(y.Decisions), StoredCampaigns: y.StoredCampaigns, StoredCampaignCounts: y.StoredCampaignCounts,
	}
	for i := range shown.Decisions {
		shown.Decisions[i].RecordedBy = ""
	}
	for _, p := range y.Published {
		kept := &SynthesisParagraph{ID: p.ID, Topic: p.Topic, Kind: p.Kind, Text: p.Text}
		for _, x := range replies {
			if slices.Contains(p.StoredCitations, x.ID) {
				kept.StoredCitations = append(kept.StoredCitations, x.ID)
			}
		}
		shown.Published = append(shown.Published, kept)
	}
	return shown
}

// CSVCell is the text of a cell as all exports write it, so that a spreadsheet does not run it as a formula.
func CSVCell(text string) string { return kit.EscapeCell(text) }
