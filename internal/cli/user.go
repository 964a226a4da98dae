package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/portal"
)

// userFlags are the commands about those who sign in.
type userFlags struct {
	Grant   userGrant   `cmd:"" help:"Give a person the role SECRETARIAT, REVIEWER or OPERATOR, and print the person's id. A person that is not recorded is recorded."`
	List    userList    `cmd:"" help:"Print the persons with their roles and addresses."`
	Disable userDisable `cmd:"" help:"Shut a person out at once: no token of the person counts any more."`
	Enable  userEnable  `cmd:"" help:"Let a person in again who was shut out."`
}

type userGrant struct {
	onStore
	Name  string   `help:"The person's name." required:""`
	Email string   `help:"The person's e-mail address." required:""`
	Role  string   `help:"The role: ${enum}." enum:"SECRETARIAT,REVIEWER,OPERATOR" required:""`
	Group []string `help:"A group for which REVIEWER holds." placeholder:"TDAG"`
	Area  []string `help:"An area to which SECRETARIAT is limited: CONSULTATIONS, EVENTS, FINANCE, MEMBERSHIP; left out, it has all." enum:"CONSULTATIONS,EVENTS,FINANCE,MEMBERSHIP"`
}

// Run grants a role.
func (f userGrant) Run(ctx context.Context, stdout results) error {
	return writing(ctx, f.onStore, func(ctx context.Context, p *portal.Portal) error {
		made, err := p.Persons.Grant(ctx, people.GrantRoleInput{Name: f.Name, Email: f.Email, Role: kit.Role(f.Role), Groups: f.Group, Areas: kit.Map(f.Area, func(a string) kit.StaffArea { return kit.StaffArea(a) })})
		if err != nil {
			return err
		}
		if err := refused(made.UserErrors); err != nil {
			return err
		}
		_, err = fmt.Fprintln(stdout, made.Person.ID)
		return err
	})
}

// userSwitch are the flags of the commands that shut a person out and let it in.
type userSwitch struct {
	onStore
	ID string `arg:"" help:"The person (usr_…)."`
}

func (f userSwitch) disable(ctx context.Context, disabled bool) error {
	return writing(ctx, f.onStore, func(ctx context.Context, p *portal.Portal) error {
		return noSuch(p.Persons.Disable(ctx, kit.ID(f.ID), disabled), "person", f.ID)
	})
}

type userDisable struct{ userSwitch }

// Run shuts a person out.
func (f userDisable) Run(ctx context.Context) error { return f.disable(ctx, true) }

type userEnable struct{ userSwitch }

// Run lets a person in again.
func (f userEnable) Run(ctx context.Context) error { return f.disable(ctx, false) }

type userList struct {
	onStore
	Staff bool `help:"Only persons with a staff role."`
	JSON  bool `help:"One JSON object a line."`
}

// userLine is what is printed of a person.
type userLine struct {
	ID       kit.ID   `json:"id"`
	Name     string   `json:"name"`
	Email    string   `json:"email"`
	Roles    []string `json:"roles"`
	Disabled bool     `json:"disabled"`
}

// Run prints the persons in the order of their ids.
func (f userList) Run(ctx context.Context, stdout results) error {
	p, _, done, err := open(ctx, f.Store, f.Domain, "memberportal user", true)
	if err != nil {
		return err
	}
	err = p.Persons.Each(kit.WithActor(ctx, operator), func(person *people.Person, roles []string) error {
		if f.Staff && len(person.Grants) == 0 {
			return nil
		}
		line := userLine{ID: person.ID, Name: kit.Deref(person.Name), Email: kit.Deref(person.Email), Roles: roles, Disabled: person.DisabledAt != nil}
		if f.JSON {
			return json.NewEncoder(stdout).Encode(line)
		}
		state := ""
		if line.Disabled {
			state = " (disabled)"
		}
		_, err := fmt.Fprintf(stdout, "%s\t%s\t%s\t%s%s\n", line.ID, line.Name, line.Email, strings.Join(roles, ", "), state)
		return err
	})
	return errors.Join(err, done())
}

// writing opens a store for a command about persons that writes.
func writing(ctx context.Context, o onStore, f func(context.Context, *portal.Portal) error) error {
	p, _, done, err := open(ctx, o.Store, o.Domain, "memberportal user", false)
	if err != nil {
		return err
	}
	return errors.Join(f(kit.WithActor(ctx, operator), p), done())
}

// refused says in words what is wrong with an input.
func refused(faults []kit.UserError) error {
	var all []error
	for _, fault := range faults {
		all = append(all, fmt.Errorf("%s: %s", strings.TrimPrefix(strings.Join(fault.Field, "."), "input."), fault.Message))
	}
	return errors.Join(all...)
}
