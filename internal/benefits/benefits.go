package benefits

import (
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// Services are the services for benefits.
type Services struct {
	Benefits    *BenefitService
	Comparisons *ComparisonService
}

// New makes the services of this room. Series are those in which benefits are used.
func New(c *kit.Core, m *membership.Services, series *events.EventSeriesService) *Services {
	benefits := &BenefitService{core: c, benefits: BenefitNoun.In(c.Store), series: series}
	return &Services{
		Benefits:    benefits,
		Comparisons: &ComparisonService{core: c, tariffs: m.Tariffs, members: m.Members, benefits: benefits},
	}
}

// Kinds returns the nouns of this package.
func Kinds() []*store.Kind { return []*store.Kind{BenefitNoun.Kind} }

// Nodes returns the readers of records with a global id, by the prefix of the id.
func (s *Services) Nodes() map[string]kit.NodeReader {
	return map[string]kit.NodeReader{benefitPrefix: s.Benefits.nodes}
}
