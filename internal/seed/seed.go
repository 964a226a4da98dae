// Package seed fills an empty store with demonstration data. It goes through the domain's services,
// so that every rule applies, and moves its own clock through history.
package seed

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"memberportal/internal/portal"
	"memberportal/internal/store"
)

// Last is the day after which the seed records nothing.
const Last portal.Date = "2025-03-31"

// Actor is who the demonstration data says recorded it.
var Actor = portal.Actor{Subject: "usr_demonstration", Roles: []portal.Role{portal.RoleSecretariat}}

// Options say where the seed writes.
type Options struct {
	Store     store.Store
	Countries []*portal.Country
	Zone      *time.Location
	// Wall is the time of the machine, for notices.
	Wall func() time.Time
}

// Load fills the store if it holds no member, as one transaction: a seed that was interrupted left
// nothing. It says how many members it made. Two stores get the same documents.
func Load(ctx context.Context, o Options) (made int, err error) {
	now := time.Date(2010, 1, 1, 12, 0, 0, 0, time.UTC)
	p, err := portal.New(portal.Options{
		Store: o.Store, Clock: portal.NewClock(func() time.Time { return now }, o.Zone), Wall: o.Wall,
		Entropy: entropy("ids"), Countries: o.Countries,
	})
	if err != nil {
		return 0, err
	}
	ctx = portal.AsDemonstration(portal.WithActor(ctx, Actor))
	err = o.Store.Tx(ctx, func(ctx context.Context) error {
		made = 0
		some, err := p.Members.List(ctx, nil, nil, portal.PageArgs{First: new(1)})
		if err != nil || len(some.Edges) > 0 {
			return err
		}
		for _, r := range records() {
			now = r.admitted
			if err := r.load(ctx, p, func(at time.Time) { now = at }); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			made++
		}
		return nil
	})
	return made, err
}

// entropy is a stream of bytes that is the same at every run.
func entropy(name string) io.Reader { return rand.NewChaCha8(sha256.Sum256([]byte(name))) }

// record is one demonstration member.
type record struct {
	name      string
	category  portal.MembershipCategory
	country   string
	group     portal.StudyGroup
	admitted  time.Time
	activated time.Time // zero: still pending
}

// places are countries of every region, and none for regional and international organisations.
var places = []string{
	"UG", "KE", "NG", "SN", "ZA", "RW", "BR", "US", "CA", "JM", "AR", "MX", "EG", "SA", "MA", "JO",
	"FJ", "IN", "JP", "NP", "TH", "CN", "UZ", "KZ", "AM", "CH", "FR", "DE", "IT", "NO", "MD", "",
}

var names = []string{
	"Amber", "Basalt", "Cedar", "Delta", "Ember", "Fjord", "Granite", "Harbour", "Indigo", "Juniper", "Krill", "Lagoon", "Mistral",
	"Nimbus", "Ochre", "Petrel", "Quartz", "Reef", "Sienna", "Tundra", "Umber", "Vega", "Willow", "Xenon", "Yarrow", "Zephyr",
}

// kinds are names that say what an organisation is, by category.
var kinds = map[portal.MembershipCategory][]string{
	portal.SectorMember: {"Telecom", "Networks", "Satellite", "Broadcasting"},
	portal.Associate:    {"Software", "Consulting", "Analytics"},
	portal.Academia:     {"University", "Institute of Technology", "Research Centre"},
}

// records are 40 members: every category in every region, two of them pending.
func records() []record {
	random := rand.New(rand.NewChaCha8(sha256.Sum256([]byte("members"))))
	day := time.Date(2012, 1, 10, 9, 0, 0, 0, time.UTC)
	var all []record
	for i := range 40 {
		category := []portal.MembershipCategory{portal.SectorMember, portal.SectorMember, portal.Associate, portal.Academia}[i%4]
		r := record{category: category, country: places[i%len(places)], admitted: day}
		if r.country == "" && category == portal.Academia {
			r.category = portal.SectorMember
		}
		if r.category == portal.Associate {
			r.group = portal.StudyGroups[i/4%2]
		}
		kind := kinds[r.category]
		r.name = fmt.Sprintf("Demo %s %s %02d", names[random.IntN(len(names))], kind[random.IntN(len(kind))], i+1)
		if i < 38 {
			r.activated = r.admitted.AddDate(0, 0, 10+random.IntN(60))
		}
		all = append(all, r)
		day = day.AddDate(0, 0, 90+random.IntN(55))
	}
	return all
}

func (r record) load(ctx context.Context, p *portal.Portal, clock func(time.Time)) error {
	in := portal.AdmitMemberInput{
		Name: r.name, Category: r.category, EffectiveOn: dateOf(r.admitted), Reason: new("Demonstration record"),
	}
	if r.country == "" {
		in.Region = new(portal.RegionREGINTORG)
	} else {
		in.Country = new(portal.CountryID(r.country))
	}
	if r.group != "" {
		in.StudyGroup = &r.group
	}
	admitted, err := p.Members.Admit(ctx, in)
	if err != nil || len(admitted.UserErrors) > 0 {
		return fmt.Errorf("admitting: %w %v", err, admitted)
	}
	if r.activated.IsZero() {
		return nil
	}
	clock(r.activated)
	activated, err := p.Members.Activate(ctx, portal.ActivateMemberInput{
		ID: admitted.Member.ID, ExpectedVersion: int(admitted.Member.Version), EffectiveOn: dateOf(r.activated),
	})
	if err != nil || len(activated.UserErrors) > 0 {
		return fmt.Errorf("activating: %w %v", err, activated)
	}
	return nil
}

func dateOf(t time.Time) portal.Date { return portal.Date(t.Format(time.DateOnly)) }
