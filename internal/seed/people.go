package seed

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/portal"
)

// withPeople is how many of the active members have persons if nothing is said.
const withPeople = 40

// administrations are the countries with persons, at least one in each region.
var administrations = strings.Fields("UG SN CH BR JO KZ FJ")

// givenNames go with many languages and either sex; surnames are the words of the organisations, so
// that nobody is meant.
var givenNames = strings.Fields("Alex Ariel Blair Casey Dana Eden Ellis Jamie Jordan Kai Kim Lee Morgan Noa Quinn Remy Robin Rowan Sam Sasha Sidney Toby")

// person is somebody of a member or administration. It depends on the host and the number alone.
func person(host string, n int) (name, email string) {
	random := rand.New(rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, "person ", n, " of ", host))))
	name = givenNames[random.IntN(len(givenNames))] + " " + latin.words[random.IntN(len(latin.words))]
	return name, fmt.Sprintf("person%d@%s", n, host)
}

// host is where member number i has its addresses.
func host(i int) string { return fmt.Sprintf("member%03d.example", i+1) }

// active are the numbers of the first n members that are active on the last day and stay, fewer if there are
// not so many.
func (o Options) active(n int) []int {
	places := newPlaces(o.Countries)
	var numbers []int
	for i := 0; i < o.Members && len(numbers) < n; i++ {
		if places.record(i).stays() {
			numbers = append(numbers, i)
		}
	}
	return numbers
}

// people give the first active members a focal point and one or two delegates each, and some
// administrations a focal point and a delegate. Whoever has a mandate already gets nobody.
func (o Options) people(ctx context.Context) error {
	places, n := newPlaces(o.Countries), withPeople
	if o.People > 0 {
		n = max(o.People, registrants)
	}
	for nth, i := range o.active(n) {
		if err := o.once(ctx, fmt.Sprint("people of member ", i), func(ctx context.Context, p *portal.Portal, clock *time.Time) error {
			r := places.record(i)
			m, err := find(ctx, p, r)
			if err != nil || m == nil {
				return err
			}
			*clock = r.activated.AddDate(0, 0, 7)
			return appoint(ctx, p, m.ID, host(i), 1, 2-nth%2)
		}); err != nil {
			return err
		}
	}
	for _, iso := range administrations {
		if !slices.ContainsFunc(o.Countries, func(c *country.Country) bool { return c.ISO2 == iso }) {
			continue
		}
		if err := o.once(ctx, "people of "+iso, func(ctx context.Context, p *portal.Portal, clock *time.Time) error {
			*clock = time.Date(2024, 1, 15, 9, 0, 0, 0, time.UTC)
			return appoint(ctx, p, kit.CountryID(iso), "administration."+strings.ToLower(iso)+".example", 1, 1)
		}); err != nil {
			return err
		}
	}
	return nil
}

// Staff makes the persons of the demonstration with staff roles, unless somebody has one.
func Staff(ctx context.Context, o Options) error {
	return o.staff(kit.AsDemonstration(kit.Quietly(kit.WithActor(ctx, Actor))))
}

// staff are the persons of the demonstration with a staff role each. REVIEWER is one of the groups of the source.
func (o Options) staff(ctx context.Context) error {
	return o.once(ctx, "staff", func(ctx context.Context, p *portal.Portal, clock *time.Time) error {
		*clock = time.Date(1990, 1, 1, 9, 0, 0, 0, time.UTC) // so that they are there on whatever day it stands
		there, err := p.Persons.OnDuty(ctx)
		if err != nil || len(there) > 0 {
			return err
		}
		for n, role := range kit.StaffRoles {
			name, email := person("bureau.example", n+1)
			in := people.GrantRoleInput{Name: name, Email: email, Role: role}
			if role == kit.RoleReviewer {
				in.Groups = []string{"TDAG", "CWG-FHR"}
			}
			made, err := p.Persons.EnterGrant(kit.WithActor(ctx, kit.Actor{Subject: Actor.Subject, Roles: []kit.Role{kit.RoleOperator}}), in)
			if err == nil && len(made.UserErrors) > 0 {
				err = errors.New(fmt.Sprint(made.UserErrors))
			}
			if err != nil {
				return fmt.Errorf("granting %s: %w", role, err)
			}
		}
		return nil
	})
}

// appoint gives a member or country persons with mandates, unless it has any.
func appoint(ctx context.Context, p *portal.Portal, entity kit.ID, host string, focalPoints, delegates int) error {
	there, err := p.Mandates.List(ctx, entity, nil, kit.PageArgs{First: new(1)})
	if err != nil || len(there.Edges) > 0 {
		return err
	}
	for n := range focalPoints + delegates {
		name, email := person(host, n+1)
		role := people.MandateDelegate
		if n < focalPoints {
			role = people.MandateFocalPoint
		}
		_, faults, err := p.Mandates.Enter(ctx, role, people.AddDelegateInput{Entity: entity, Name: name, Email: email})
		if err != nil {
			return err
		}
		if len(faults) > 0 {
			return fmt.Errorf("appointing %s: %v", email, faults)
		}
	}
	return nil
}

// Shown is the member with which a demonstration is shown: the first one that has persons. It is nil
// in a store that has no demonstration data.
func Shown(ctx context.Context, p *portal.Portal, countries []*country.Country) (*membership.Member, error) {
	o := Options{Countries: countries, Members: Members}
	return find(ctx, p, newPlaces(countries).record(o.active(1)[0]))
}
