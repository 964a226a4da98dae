package stage

import (
	"memberportal/internal/benefits"
	"memberportal/internal/consultations"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// Search searches as somebody and gives one page and the ids on it.
func (s Stage) Search(a kit.Actor, query string, types []kit.SearchType, first int, after *string) (*kit.SearchConnection, []kit.ID) {
	s.Helper()
	found, err := s.Portal.Search.Search(By(a), query, types, &first, after)
	s.Must(err)
	ids := []kit.ID{}
	for _, hit := range found.Nodes() {
		switch n := hit.Node.(type) {
		case *membership.Member:
			ids = append(ids, n.ID)
		case *benefits.Benefit:
			ids = append(ids, n.ID)
		case *events.Event:
			ids = append(ids, n.ID)
		case *consultations.LiaisonStatement:
			ids = append(ids, n.ID)
		case *consultations.Consultation:
			ids = append(ids, n.ID)
		}
	}
	return found, ids
}
