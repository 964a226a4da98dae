package cli

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"memberportal/graph"
	"memberportal/internal/auth"
	"memberportal/internal/config"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/seed"
)

// readyTokens are, in development, one token for each role with its demonstration scope. They are
// what is printed at start and what the explorer's role switch sends.
func readyTokens(ctx context.Context, c config.Serve, p *portal.Portal, tokens auth.Tokens) ([]graph.ExplorerRole, error) {
	if c.Production() || c.NoTokens {
		return nil, nil
	}
	scene, err := newScene(ctx, p)
	if err != nil && !errors.Is(err, errNoMember) {
		return nil, err
	}
	var roles []graph.ExplorerRole
	for _, role := range kit.Roles {
		proof := scene.proof(role)
		if proof.Subject == "" { // nobody has the role
			continue
		}
		proof.AuthenticatedAt = time.Now()
		token, err := tokens.Issue(proof, auth.MaxLife)
		if err != nil {
			return nil, err
		}
		actor, err := p.Persons.Authority(ctx, proof)
		if err != nil {
			return nil, err
		}
		scope := string(actor.Application)
		switch {
		case role == kit.RoleReviewer:
			scope = strings.Join(actor.Groups, ", ")
		case len(actor.Mandates) > 0:
			scope = strings.Join(kit.Strings(actor.Entities()), ", ")
		}
		roles = append(roles, graph.ExplorerRole{Name: role, Scope: scope, Token: token})
	}
	return roles, nil
}

// newExplorer is the explorer if it is on, else nil.
func newExplorer(ctx context.Context, c config.Serve, p *portal.Portal, roles []graph.ExplorerRole) (http.Handler, error) {
	if !c.ShowExplorer() {
		return nil, nil
	}
	o := graph.ExplorerOptions{Roles: roles, Introspection: !c.Production()}
	if !c.Production() {
		o.StandIns = standIns(ctx, p)
	}
	return graph.NewExplorer(o)
}

// standIns are demonstration records for the explorer's examples; there may be none.
func standIns(ctx context.Context, p *portal.Portal) map[string]kit.ID {
	found := map[string]kit.ID{}
	if scene, err := newScene(ctx, p); err == nil {
		scene.standIn(found)
	}
	ctx = kit.WithActor(ctx, explorerActor)
	pending := &membership.MemberFilter{Statuses: []membership.MembershipStatus{membership.PendingActivation}}
	if page, err := p.Members.List(ctx, pending, nil, kit.PageArgs{First: new(kit.MaxPage)}); err == nil {
		for _, m := range page.Nodes() {
			if m.Dataset == kit.Demonstration { // real records are not for trying things out
				found["mem_PENDING"] = m.ID
				break
			}
		}
	}
	if briefing, err := p.Events.ByCode(ctx, seed.Briefing); err == nil && briefing != nil {
		found["evt_OPEN"], found["ser_TESTBED"] = briefing.ID, briefing.SeriesID
		asked := &events.RegistrationFilter{Event: &briefing.ID, Statuses: []events.RegistrationStatus{events.RegistrationRequested}}
		if page, err := p.Registrations.List(ctx, asked, kit.PageArgs{First: new(1)}); err == nil && len(page.Edges) > 0 {
			found["reg_ASKED"] = page.Edges[0].Node.ID
		}
	}
	for name, code := range map[string]string{"con_OPEN": seed.OpenConsultation, "con_CLOSED": seed.ClosedConsultation} {
		if c, err := p.Consultations.ByCode(ctx, code); err == nil && c != nil {
			found[name] = c.ID
			if name == "con_OPEN" {
				found["lia_TESTBED"] = c.StatementID
			}
		}
	}
	return found
}
