package consultations

import (
	"context"

	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// Services are the services of liaison statements, consultations and replies.
type Services struct {
	LiaisonStatements *LiaisonService
	Consultations     *ConsultationService
	Participations    *ParticipationService
	Feedback          *FeedbackService
	Synthesis         *SynthesisService
	ServiceFeedback   *ServiceFeedbackService
}

// New makes the services of this room.
func New(c *kit.Core, countries *country.CountryService, m *membership.Services, p *people.Services, e *events.Services, kept *files.FileService) *Services {
	consultations, feedback := new(ConsultationService), new(FeedbackService)
	statements := &LiaisonService{core: c, statements: LiaisonNoun.In(c.Store), files: kept, persons: p.Persons, notifications: p.Notifications}
	participations := &ParticipationService{
		core: c, countries: countries, participations: ParticipationNoun.In(c.Store), consultations: consultations, members: m.Members, persons: p.Persons,
		mandates: p.Mandates, events: e.Events, registrations: e.Registrations,
	}
	synthesis := &SynthesisService{core: c, syntheses: SynthesisNoun.In(c.Store), consultations: consultations, feedback: feedback}
	*consultations = ConsultationService{
		core: c, consultations: ConsultationNoun.In(c.Store), statements: statements, audience: participations, replies: feedback, mandates: p.Mandates,
	}
	*feedback = FeedbackService{
		core: c, feedback: FeedbackNoun.In(c.Store), drafts: DraftNoun.In(c.Store), counted: CountedNoun.In(c.Store),
		consultations: consultations, participations: participations, mandates: p.Mandates, members: m.Members, persons: p.Persons, notifications: p.Notifications, editions: synthesis,
	}
	return &Services{
		LiaisonStatements: statements,
		Consultations:     consultations,
		Participations:    participations,
		Feedback:          feedback,
		Synthesis:         synthesis,
		ServiceFeedback: &ServiceFeedbackService{
			core: c, feedback: ServiceFeedbackNoun.In(c.Store), members: m.Members, persons: p.Persons, mandates: p.Mandates, notifications: p.Notifications,
		},
	}
}

// Kinds are the nouns that this room stores.
func Kinds() []*store.Kind {
	return []*store.Kind{
		LiaisonNoun.Kind, ConsultationNoun.Kind, ParticipationNoun.Kind, DraftNoun.Kind, FeedbackNoun.Kind, CountedNoun.Kind, SynthesisNoun.Kind, ServiceFeedbackNoun.Kind,
	}
}

// FileOwners says what records of this room show and name of files, by the prefix of their ids.
func (s *Services) FileOwners() map[string]files.Owner {
	return map[string]files.Owner{liaisonPrefix: s.LiaisonStatements.fileOwner()}
}

// Nodes are the readers of records with a global id, by the prefix of the id.
func (s *Services) Nodes() map[string]kit.NodeReader {
	return map[string]kit.NodeReader{
		liaisonPrefix:           s.LiaisonStatements.nodes,
		consultationPrefix:      s.Consultations.nodes,
		kit.ParticipationPrefix: s.Participations.nodes,
		kit.DraftPrefix:         s.Feedback.draftNodes,
		kit.FeedbackPrefix:      s.Feedback.nodes,
		synthesisPrefix:         s.Synthesis.nodes,
		serviceFeedbackPrefix:   s.ServiceFeedback.nodes,
	}
}

// Exports returns the table of replies.
func (s *Services) Exports() []kit.Export {
	return []kit.Export{{
		Kind: kit.ExportReplies, Area: kit.AreaConsultations, OfConsultation: true,
		There: func(ctx context.Context, scope kit.ExportScope) (bool, error) {
			c, err := s.Consultations.Get(ctx, *scope.ConsultationID)
			return c != nil, err
		},
		Write: func(ctx context.Context, scope kit.ExportScope, to kit.Rows) error {
			return s.Feedback.Export(ctx, *scope.ConsultationID, to)
		},
	}}
}
