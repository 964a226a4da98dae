package consultations

import (
	"context"
	"slices"
	"strconv"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// fewest is below how many replies those who wrote them could be known: anonymised texts of one language,
// and the replies on which a paragraph with a confidential one rests.
const fewest = 5

// AnonymousPool says that the anonymised replies of a capacity are published. It is settled when the
// consultation is closed, because only then it is known how many there are.
type AnonymousPool struct {
	Capacity FeedbackCapacity `bson:"capacity"`
	// Replies is how many they are.
	Replies int `bson:"replies"`
	// Languages are those in which at least five of them are, so that a text betrays nobody by its
	// language. The texts of the others are not published.
	Languages []kit.Locale `bson:"languages" most:"6"`
}

// ConsultationErratum says that replies which were published are published no more.
type ConsultationErratum struct {
	At kit.DateTime `bson:"at"`
	// Was is how they were published.
	Was     Publication `bson:"was"`
	Replies int         `bson:"replies"`
}

// pool is that in which the anonymised replies of a capacity are published, nil if they are not.
func (c *Consultation) pool(of FeedbackCapacity) *AnonymousPool {
	if i := slices.IndexFunc(c.Anonymous, func(p AnonymousPool) bool { return p.Capacity == of }); i >= 0 {
		return &c.Anonymous[i]
	}
	return nil
}

// publishes says whether everybody may read a reply: the consultation is closed, the reply stands, and it
// is attributed, or anonymised among enough others. All that is public of replies follows from it.
func (c *Consultation) publishes(x *Feedback) bool {
	return c != nil && x.Status == FeedbackSubmitted && c.publishesAll(x.Capacity, x.Publication())
}

// publishesAll says whether everybody may read all replies of a capacity with a publication.
func (c *Consultation) publishesAll(of FeedbackCapacity, p Publication) bool {
	return c.StoredStatus == ConsultationClosed && (p == Attributed || p == Anonymised && c.pool(of) != nil)
}

// tells says whether the texts of an anonymised reply that is published are published as well.
func (c *Consultation) tells(x *Feedback) bool {
	return slices.Contains(c.pool(x.Capacity).Languages, x.last().Language)
}

// anonymised reads the anonymised replies to a consultation that stand.
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

// pools are those in which the anonymised replies to a consultation are published. Fewer than its
// smallestCell are not: they are treated as confidential. Official replies and delegates' views are told
// apart by everybody, so that neither hide among the others.
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

// PublicationChoice says who will see what of a reply that is to be published so.
type PublicationChoice struct {
	Publication Publication

	of *Consultation
}

// PublicationChoices are what respondents read before they choose, the most open one first.
func (c *Consultation) PublicationChoices() []PublicationChoice {
	return kit.Map(Publications, func(p Publication) PublicationChoice { return PublicationChoice{p, c} })
}

// Text says it in the language asked for (left out, the caller's).
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
