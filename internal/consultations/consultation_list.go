package consultations

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// ConsultationConnection and ConsultationEdge page through consultations.
type (
	ConsultationConnection = kit.Connection[*Consultation]
	ConsultationEdge       = kit.Edge[*Consultation]
)

// ConsultationFilter narrows consultations. A nil field does not narrow.
type ConsultationFilter struct {
	Statement *kit.ID
	Group     *string
	Status    *ConsultationStatus
}

// List pages through consultations by deadline, latest first. SECRETARIAT sees all, REVIEWER all except drafts of
// other groups, everybody else all except drafts.
func (s *ConsultationService) List(ctx context.Context, filter *ConsultationFilter, args kit.PageArgs) (*ConsultationConnection, error) {
	var f ConsultationFilter
	kit.Set(&f, filter)
	states, within := consultationStates, store.Bounds{}
	if f.Status != nil {
		states, within = f.stretch(kit.DateTimeOf(s.core.Clock.Now()))
	}
	found, err := kit.PageOf(ctx, s.core.Sealer, s.consultations, store.Query{Any: f.branches(kit.ActorOf(ctx), states), Sort: "deadline"}, within, true, args)
	if err != nil {
		return nil, err
	}
	s.show(ctx, found.Nodes())
	return found, nil
}

// stretch maps a status to the stored statuses and the range of deadlines in which consultations have it.
func (f ConsultationFilter) stretch(now kit.DateTime) ([]ConsultationStatus, store.Bounds) {
	switch *f.Status {
	case ConsultationOpen: // a deadline at this instant has passed; its token begins with it and is longer
		return []ConsultationStatus{ConsultationOpen}, store.Bounds{After: string(now) + "\x20"}
	case ConsultationDeadlinePassed:
		return []ConsultationStatus{ConsultationOpen}, store.Bounds{Before: string(now) + "\x20"}
	}
	return []ConsultationStatus{*f.Status}, store.Bounds{}
}

// branches are the queries for the consultations in these statuses that the actor may see.
func (f ConsultationFilter) branches(actor kit.Actor, states []ConsultationStatus) []store.Where {
	where := func(group *string, states []ConsultationStatus) store.Where {
		w := store.Where{"status": kit.Strings(states)}
		if f.Statement != nil {
			w["statement"] = []string{string(*f.Statement)}
		}
		if group != nil {
			w["group"] = []string{*group}
		}
		return w
	}
	if actor.Has(kit.ConsultationsSecretariat) || f.Group != nil && actor.Reviews(*f.Group) {
		return []store.Where{where(f.Group, states)}
	}
	var open []ConsultationStatus
	draft := false
	for _, st := range states {
		if st == ConsultationDraft {
			draft = true
		} else {
			open = append(open, st)
		}
	}
	branches := []store.Where{where(f.Group, open)}
	if draft && f.Group == nil && actor.Has(kit.RoleReviewer) {
		for _, g := range actor.Groups {
			branches = append(branches, where(&g, []ConsultationStatus{ConsultationDraft}))
		}
	}
	return branches
}
