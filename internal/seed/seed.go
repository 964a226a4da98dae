// Package seed fills an empty store with demonstration data. It goes through the domain's services,
// so that every rule applies, and moves its own clock through history.
package seed

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/store"
)

// Last is the day after which the seed records nothing.
const Last kit.Date = "2025-03-31"

// Members is how many members a full demonstration has: 450 Sector Members and Associates and 160
// Academia.
const Members = 610

// chunk is how many members one transaction makes.
const chunk = 25

// together is how many members have ids that depend on the other members of their chunk: those of a small
// demonstration, whose ids are in documents. All others are the same wherever an earlier load stopped.
const together = 40

// Actor is who the demonstration data says recorded it.
var Actor = kit.Actor{Subject: "usr_demonstration", Roles: []kit.Role{kit.RoleSecretariat}}

// Options say where the seed writes, and how much.
type Options struct {
	Store     store.Store
	Countries []*country.Country
	Zone      *time.Location
	// Members is how many there shall be; member n is the same whatever this is.
	Members int
	// People is how many of the active members have persons; 40 if it is 0, and never fewer than
	// register for the briefing.
	People int
	// Wall is the time of the machine, for change records.
	Wall func() time.Time
	// Progress is told after every chunk how many are there; nil for nobody.
	Progress func(done int)
}

// Load makes series of events, benefits, members, the calendar, persons, consultations, exemptions and applications that are not there yet, and
// says how many members it made. A chunk of members is made whole or not at all, and so is each event,
// the persons of each member and each consultation with its replies, so that a load that was
// interrupted is finished by another. Two stores get the same documents.
func Load(ctx context.Context, o Options) (made int, err error) {
	if _, err := histories(); err != nil {
		return 0, err
	}
	facts := kit.Quietly(kit.WithActor(ctx, Actor))
	ctx = kit.AsDemonstration(facts)
	if err := o.series(facts); err != nil {
		return 0, fmt.Errorf("series: %w", err)
	}
	if err := o.benefits(ctx); err != nil {
		return 0, fmt.Errorf("benefits: %w", err)
	}
	for from := 0; from < o.Members; from += chunk {
		n, err := o.chunk(ctx, from)
		if err != nil {
			return made, fmt.Errorf("members from %d: %w", from, err)
		}
		if made += n; o.Progress != nil {
			o.Progress(min(from+chunk, o.Members))
		}
	}
	if err := o.calendar(facts); err != nil {
		return made, fmt.Errorf("calendar: %w", err)
	}
	if err := o.documents(ctx); err != nil {
		return made, fmt.Errorf("documents: %w", err)
	}
	if err := o.staff(ctx); err != nil {
		return made, err
	}
	if err := o.people(ctx); err != nil {
		return made, err
	}
	if err := o.consultations(facts); err != nil {
		return made, err
	}
	if err := o.exemptions(facts); err != nil {
		return made, err
	}
	if err := o.applications(facts); err != nil {
		return made, err
	}
	if err := o.applicant(ctx); err != nil {
		return made, err
	}
	if err := o.openings(ctx); err != nil {
		return made, err
	}
	return made, o.briefing(ctx)
}

// Wanted says whether a store needs the demonstration data: it is empty, a load was interrupted, or an
// earlier release filled it, which made no consultations, no applications or no actions of benefits.
func Wanted(ctx context.Context, o Options) (bool, error) {
	ctx = kit.WithActor(ctx, Actor)
	if _, err := histories(); err != nil {
		return false, err
	}
	p, _, err := o.portal("wanted")
	if err != nil {
		return false, err
	}
	some, err := p.Members.List(ctx, nil, nil, kit.PageArgs{First: new(1)})
	if err != nil || len(some.Edges) == 0 {
		return err == nil, err
	}
	places := newPlaces(o.Countries)
	first, err := find(ctx, p, places.record(0))
	if err != nil || first == nil {
		return false, err
	}
	last, err := find(ctx, p, places.record(o.Members-1))
	if err != nil || last == nil {
		return err == nil, err
	}
	briefing, err := p.Events.ByCode(ctx, Briefing)
	if err != nil || briefing == nil {
		return err == nil, err
	}
	closed, err := p.Consultations.ByCode(ctx, ClosedConsultation)
	if err != nil || closed == nil {
		return err == nil, err
	}
	pending, err := p.Applications.List(ctx, nil, kit.PageArgs{First: new(1)})
	if err != nil || len(pending.Edges) == 0 {
		return err == nil, err
	}
	return wantsActions(ctx, p)
}

// portal is the domain over the store, with a clock that the caller moves. The ids that it makes
// depend on the name alone.
func (o Options) portal(name string) (p *portal.Portal, clock *time.Time, err error) {
	clock = new(time.Date(2010, 1, 1, 12, 0, 0, 0, time.UTC))
	p, err = portal.New(portal.Options{
		Store: o.Store, Clock: kit.NewClock(func() time.Time { return *clock }, o.Zone), Wall: o.Wall,
		Entropy: entropy(name), Countries: o.Countries,
	})
	return p, clock, err
}

// entropy is a stream of bytes that is the same at every run.
func entropy(name string) io.Reader { return rand.NewChaCha8(sha256.Sum256([]byte(name))) }

// chunk makes the members from a number on, unless they are there.
func (o Options) chunk(ctx context.Context, from int) (made int, err error) {
	places := newPlaces(o.Countries)
	err = o.Store.Tx(ctx, func(ctx context.Context) error {
		made = 0
		p, clock, err := o.portal(fmt.Sprint("members ", from))
		if err != nil {
			return err
		}
		for i := from; i < min(from+chunk, o.Members); i++ {
			r := places.record(i)
			there, err := find(ctx, p, r)
			if err != nil {
				return err
			}
			if there != nil {
				continue
			}
			if i >= together {
				if p, clock, err = o.portal(fmt.Sprint("member ", i)); err != nil {
					return err
				}
			}
			if err := r.load(ctx, p, clock); err != nil {
				return fmt.Errorf("%s: %w", r.in.Name, err)
			}
			if err := o.goOn(ctx, i, r, places); err != nil {
				return fmt.Errorf("%s: %w", r.in.Name, err)
			}
			made++
		}
		return nil
	})
	return made, err
}

func find(ctx context.Context, p *portal.Portal, r record) (*membership.Member, error) {
	return p.Members.Find(ctx, r.in.Name, r.in.Country)
}

// translations put English first, so that it is the original.
func translations(t texts) []kit.TranslationInput {
	list := []kit.TranslationInput{{Locale: kit.English, Text: new(t[kit.English])}}
	for _, l := range kit.Locales {
		if text, ok := t[l]; ok && l != kit.English {
			list = append(list, kit.TranslationInput{Locale: l, Text: &text, Provenance: new(kit.Machine)})
		}
	}
	return list
}
