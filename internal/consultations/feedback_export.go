package consultations

import (
	"context"
	"strconv"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// replyColumns are the columns of the table of replies that come before the answers. docs/operations.md documents
// them.
var replyColumns = []kit.Column{
	{Name: "reply"}, {Name: "respondent"}, {Name: "name"}, {Name: "kind"}, {Name: "region"}, {Name: "country"}, {Name: "capacity"}, {Name: "timeliness"}, {Name: "publication"},
	{Name: "language"}, {Name: "submitted_at", Kind: kit.TimeCell}, {Name: "submissions", Kind: kit.NumberCell}, {Name: "tags"}, {Name: "campaign"}, {Name: "dataset"},
}

// answerColumn is what CSV calls the column of a question.
const answerColumn = "answer_"

// Export writes the replies to a consultation that stand as a table, in the order of their first submission, with a
// column for each question. The rows have what the views of the replies show to SECRETARIAT, confidential replies
// included, as the column publication says, and never who submitted one. SECRETARIAT only. Who asks for it has to
// record that.
func (s *FeedbackService) Export(ctx context.Context, consultation kit.ID, to kit.Rows) error {
	if err := kit.Require(ctx, kit.ConsultationsSecretariat); err != nil {
		return err
	}
	c, err := s.consultations.storedOne(ctx, consultation)
	if err != nil {
		return err
	}
	branches, err := (&FeedbackFilter{Consultation: &c.ID}).all(kit.ActorOf(ctx))
	if err != nil {
		return err
	}
	columns := append([]kit.Column{}, replyColumns...)
	for _, q := range c.Questions {
		columns = append(columns, kit.Column{Name: answerColumn + q.Code, Title: q.Text.Text(ctx, nil)})
	}
	return kit.WriteTable(ctx, s.feedback, store.Query{Any: branches, Sort: "at"}, columns, to, s.cells)
}

// cells returns the rows of replies. Their members are read in one call.
func (s *FeedbackService) cells(ctx context.Context, page []*Feedback) ([]map[string]string, error) {
	if err := s.show(ctx, page); err != nil {
		return nil, err
	}
	var rows []map[string]string
	for _, x := range page {
		if x == nil {
			continue
		}
		entity, err := s.EntityOf(ctx, x)
		if err != nil {
			return nil, err
		}
		row := x.row()
		switch e := entity.(type) {
		case *membership.Member:
			row["name"] = e.Name
		case *country.Country:
			row["name"] = e.Name.Text(ctx, nil)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// row returns what the view of a reply shows, without the name of the respondent.
func (x *Feedback) row() map[string]string {
	row := map[string]string{
		"reply": string(x.ID), "capacity": string(x.Capacity), "publication": string(x.Publication()), "timeliness": string(kit.Deref(x.Timeliness())), "language": string(kit.Deref(x.Language())),
		"dataset": string(x.Dataset),
	}
	if r := x.Respondent(); r != nil {
		row["respondent"], row["kind"], row["region"] = string(x.EntityID), string(r.Kind), string(r.Region)
		row["country"] = strings.TrimPrefix(kit.Deref(r.CountryID), kit.CountryPrefix+"_")
	}
	if all := x.Submissions(); len(all) > 0 {
		row["submitted_at"], row["submissions"] = string(all[len(all)-1].StoredReceipt.At), strconv.Itoa(len(all))
	}
	if sorted := x.Classification(); sorted != nil {
		row["tags"], row["campaign"] = strings.Join(sorted.Tags, " "), kit.Deref(sorted.CampaignGroup)
	}
	for _, a := range x.Answers() {
		row[answerColumn+a.Question] = a.cell()
	}
	return row
}

// cell returns an answer by codes, numbers, or its text; several stand behind each other.
func (a FeedbackAnswer) cell() string {
	var parts []string
	if a.Text != nil {
		parts = append(parts, *a.Text)
	}
	if a.Position != nil {
		parts = append(parts, string(*a.Position))
	}
	if a.Priority != nil {
		parts = append(parts, strconv.Itoa(*a.Priority))
	}
	parts = append(parts, a.Options...)
	if e := a.Effect; e != nil && e.Members != nil {
		parts = append(parts, "members "+strconv.Itoa(*e.Members))
	}
	if e := a.Effect; e != nil && e.Amount != nil {
		parts = append(parts, string(e.Amount.Currency)+" "+e.Amount.Amount.String())
	}
	return strings.Join(append(parts, kit.Strings(a.Bodies)...), "; ")
}
