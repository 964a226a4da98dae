package portal

import "memberportal/internal/store"

// consultationServices are what answers for liaison statements, consultations and what is replied to them.
type consultationServices struct {
	LiaisonStatements *LiaisonService
	Consultations     *ConsultationService
	Participations    *ParticipationService
	Feedback          *FeedbackService
	Synthesis         *SynthesisService
	ServiceFeedback   *ServiceFeedbackService
}

func newConsultationServices(c *core, countries *CountryService, m *membershipServices, e *eventServices) *consultationServices {
	consultations, feedback := new(ConsultationService), new(FeedbackService)
	statements := &LiaisonService{core: c, statements: LiaisonNoun.In(c.store)}
	participations := &ParticipationService{
		core: c, countries: countries, participations: ParticipationNoun.In(c.store), consultations: consultations, members: m.Members, persons: m.Persons,
		mandates: m.Mandates, events: e.Events, registrations: e.Registrations,
	}
	synthesis := &SynthesisService{core: c, syntheses: SynthesisNoun.In(c.store), consultations: consultations, feedback: feedback}
	*consultations = ConsultationService{
		core: c, consultations: ConsultationNoun.In(c.store), statements: statements, audience: participations, replies: feedback,
	}
	*feedback = FeedbackService{
		core: c, feedback: FeedbackNoun.In(c.store), drafts: DraftNoun.In(c.store), counted: CountedNoun.In(c.store),
		consultations: consultations, participations: participations, mandates: m.Mandates, members: m.Members, persons: m.Persons, editions: synthesis,
	}
	return &consultationServices{
		LiaisonStatements: statements,
		Consultations:     consultations,
		Participations:    participations,
		Feedback:          feedback,
		Synthesis:         synthesis,
		ServiceFeedback:   &ServiceFeedbackService{core: c, feedback: ServiceFeedbackNoun.In(c.store), members: m.Members, persons: m.Persons},
	}
}

// consultationKinds are the nouns of consultations.
func consultationKinds() []*store.Kind {
	return []*store.Kind{
		LiaisonNoun.Kind, ConsultationNoun.Kind, ParticipationNoun.Kind, DraftNoun.Kind, FeedbackNoun.Kind, CountedNoun.Kind, SynthesisNoun.Kind, ServiceFeedbackNoun.Kind,
	}
}

// Nodes are the readers of what has a global id, by its prefix.
func (s *consultationServices) Nodes() map[string]reader {
	return map[string]reader{
		liaisonPrefix:         s.LiaisonStatements.nodes,
		consultationPrefix:    s.Consultations.nodes,
		participationPrefix:   s.Participations.nodes,
		draftPrefix:           s.Feedback.draftNodes,
		feedbackPrefix:        s.Feedback.nodes,
		synthesisPrefix:       s.Synthesis.nodes,
		serviceFeedbackPrefix: s.ServiceFeedback.nodes,
	}
}
