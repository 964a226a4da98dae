package consultations

import (
	"context"
	"slices"
	"strconv"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// fewest is the least number of replies among which nobody can be recognised. It holds for anonymised texts in one
// language, and for the replies of a paragraph that cites a confidential one.
const fewest = 5

// pool is the pool of a capacity, nil if its anonymised replies are not published.
func (c *Consultation) pool(of FeedbackCapacity) *AnonymousPool {
	if i := slices.IndexFunc(c.Anonymous, func(p AnonymousPool) bool { return p.Capacity == of }); i >= 0 {
		return &c.Anonymous[i]
	}
	return nil
}

// publishes says whether everybody may read a reply: the consultation is closed, the reply is not withdrawn, and it
// is attributed, or anonymised among enough others. Everything that is public of replies follows from this.
func (c *Consultation) publishes(x *Feedback) bool {
	return c != nil && x.Status == FeedbackSubmitted && c.publishesAll(x.Capacity, x.Publication())
}

// publishesAll says whether everybody may read all replies of a capacity with a publication.
func (c *Consultation) publishesAll(of FeedbackCapacity, p Publication) bool {
	return c.StoredStatus == ConsultationClosed && (p == Attributed || p == Anonymised && c.pool(of) != nil)
}

// tells says whether the texts of a published anonymised reply are published too.
func (c *Consultation) tells(x *Feedback) bool {
	return slices.Contains(c.pool(x.Capacity).Languages, x.last().Language)
}

// anonymised reads the anonymised replies to a consultation that are not withdrawn.
func (s *FeedbackService) anonymised(ctx context.Context, c *Consultation) (all []*Feedback, err error) {
	where := store.Where{
		"consultation": {string(c.ID)}, "status": {string(FeedbackSubmitted)}, "publication": {string(Anonymised)}, "standing": replyStandings,
	}
	err = kit.EachPage(ctx, s.feedback, store.Query{Any: []store.Where{where}, Sort: "at"}, kit.MaxPage, func(page []*Feedback) error {
		all = append(all, page...)
		return nil
	})
	return all, err
}

// pools returns the capacities whose anonymised replies are published. If there are fewer than smallestCell, they
// are treated as confidential. Official replies and views are counted apart: readers can tell them apart, so one
// does not hide the other.
func (s *FeedbackService) pools(ctx context.Context, c *Consultation) ([]AnonymousPool, error) {
	replies, err := s.anonymised(ctx, c)
	pools := []AnonymousPool{}
	for _, of := range FeedbackCapacities {
		p, in := AnonymousPool{Capacity: of, Languages: []kit.Locale{}}, map[kit.Locale]int{}
		for _, x := range replies {
			if x.Capacity == of {
				p.Replies++
				in[x.last().Language]++
			}
		}
		if p.Replies == 0 || p.Replies < c.SmallestCell {
			continue
		}
		for _, l := range kit.Locales {
			if in[l] >= fewest {
				p.Languages = append(p.Languages, l)
			}
		}
		pools = append(pools, p)
	}
	return pools, err
}

// PublicationChoice explains to a respondent who will see what of the reply with this publication.
type PublicationChoice struct {
	Publication Publication

	of *Consultation
}

// PublicationChoices are the explanations that respondents read before they choose, the most open choice first.
func (c *Consultation) PublicationChoices() []PublicationChoice {
	return kit.Map(Publications, func(p Publication) PublicationChoice { return PublicationChoice{p, c} })
}

// Text is the explanation in a language, by default the caller's.
func (p PublicationChoice) Text(ctx context.Context, locale *kit.Locale) string {
	l := kit.LocaleOf(ctx)
	kit.Set(&l, locale)
	switch p.Publication {
	case Attributed:
		return kit.Message(l, "publication.ATTRIBUTED", map[string]string{"group": p.of.Group})
	case Anonymised:
		return kit.Message(l, "publication.ANONYMISED", map[string]string{
			"group": p.of.Group, "least": strconv.Itoa(p.of.SmallestCell), "fewest": strconv.Itoa(fewest),
		})
	}
	return kit.Message(l, "publication.CONFIDENTIAL", map[string]string{"group": p.of.Group, "fewest": strconv.Itoa(fewest)})
}
