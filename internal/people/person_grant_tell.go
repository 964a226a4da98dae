package people

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// roleLabels are the names of the staff roles.
var roleLabels = map[kit.Role]kit.Label{
	kit.RoleSecretariat: "role.SECRETARIAT", kit.RoleReviewer: "role.REVIEWER", kit.RoleOperator: "role.OPERATOR",
}

// roleMessages are what a person is told of a role, and what the other operators are told.
type roleMessages struct{ person, others kit.Letter }

var (
	roleGiven = roleMessages{
		person: kit.Letter{Key: "mail.roleGranted", Path: "/sign-in", Action: "mail.action.signIn"},
		others: kit.Letter{Key: "mail.roleGranted.others", Path: "/sign-in", Action: "mail.action.signIn"},
	}
	roleEnded = roleMessages{
		person: kit.Letter{Key: "mail.roleEnded", Path: "/sign-in", Action: "mail.action.signIn"},
		others: kit.Letter{Key: "mail.roleEnded.others", Path: "/sign-in", Action: "mail.action.signIn"},
	}
)

// tellRole tells a person of a role that was given or ended, and the other operators. Whoever acts is not told of it.
func (s *PersonService) tellRole(ctx context.Context, p *Person, role kit.Role, say roleMessages) error {
	staff, err := s.OnDuty(store.Looking(ctx)) // a damaged record of somebody keeps nobody from a role
	if err != nil {
		return err
	}
	say.person.Params = map[string]any{"role": roleLabels[role]}
	say.others.Params = map[string]any{"role": roleLabels[role], "name": p.called()}
	say.others.Mentions = []kit.ID{p.ID}
	if err := s.tell(ctx, p, say.person); err != nil {
		return err
	}
	for _, other := range staff[kit.RoleOperator] {
		if other.ID == p.ID || other.ID == kit.ActorOf(ctx).Subject {
			continue
		}
		if err := s.tell(ctx, other, say.others); err != nil {
			return err
		}
	}
	return nil
}
