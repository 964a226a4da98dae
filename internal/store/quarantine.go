package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Quarantined is a damaged document that Repair took out of its collection: its bytes as they were.
type Quarantined struct {
	ID       string    `bson:"_id" json:"id"`
	Version  int64     `bson:"version" json:"-"`
	Noun     string    `bson:"noun" json:"noun"`
	Document string    `bson:"document" json:"document"`
	Reason   string    `bson:"reason" json:"reason"`
	At       time.Time `bson:"at" json:"at"`
	Bytes    []byte    `bson:"bytes" json:"-"`
}

var quarantine = Declare(Noun[Quarantined]{
	Name:     "_quarantine",
	Identity: func(q *Quarantined) (string, *int64) { return q.ID, &q.Version },
	Listings: []Listing{{}},
})

// Repair moves the bytes of every damaged document of the kinds into the quarantine, each in a transaction
// of its own, and returns what it moved. What somebody mended meanwhile stays. PutBack undoes it. An error
// ends it; what was moved before is returned with it.
func Repair(ctx context.Context, s Store, kinds []*Kind) (moved []*Quarantined, err error) {
	if err := s.Prepare(ctx, kindsOf(quarantine.Kind)); err != nil {
		return nil, err
	}
	for _, k := range kinds {
		var broken []*Damaged
		if err := reindexAll(ctx, s, k, false, func(r Reindexed) { broken = append(broken, r.Broken...) }); err != nil {
			return moved, err
		}
		for _, d := range broken {
			q, err := setAside(ctx, s, k, d)
			if err != nil {
				return moved, fmt.Errorf("setting %s %s aside: %w", d.Noun, d.ID, err)
			}
			if q != nil {
				moved = append(moved, q)
			}
		}
	}
	return moved, nil
}

// setAside moves one document, nil if it is damaged no longer.
func setAside(ctx context.Context, s Store, k *Kind, d *Damaged) (moved *Quarantined, err error) {
	err = s.Tx(ctx, func(ctx context.Context) error {
		moved = nil
		found, err := s.Get(ctx, k, []string{d.ID})
		if err != nil || len(found) == 0 || k.Accept(found[0]) == nil {
			return err
		}
		raw, err := s.Raw(ctx, k, d.ID)
		if err != nil {
			return err
		}
		moved = &Quarantined{ID: k.Name + "/" + d.ID + "/" + rand.Text()[:8], Noun: k.Name, Document: d.ID, Reason: d.Reason, At: now(), Bytes: raw}
		if err := quarantine.In(s).Insert(ctx, moved); err != nil {
			return err
		}
		return s.Remove(ctx, k, d.ID)
	})
	if err == nil {
		s.Damage().forget(k.Name, d.ID)
	}
	return moved, err
}

// InQuarantine lists what Repair has set aside, by noun and id. A store that has no quarantine yet has
// nothing in it.
func InQuarantine(ctx context.Context, s Store) (all []*Quarantined, err error) {
	plan, err := quarantine.Kind.Plan(Query{})
	if err != nil {
		return nil, err
	}
	for r := (Range{Limit: 100}); ; {
		page, err := quarantine.In(s).Page(ctx, plan, r)
		if err != nil {
			return nil, err
		}
		if all = append(all, page.Docs...); !page.More {
			return all, nil
		}
		r.After = page.Tokens[len(page.Tokens)-1]
	}
}

// PutBack returns documents from the quarantine to their collections, byte for byte and with their keys
// derived anew for the day of the others: those with these ids of the quarantine, all of it if none is
// given. What cannot be read still, or has lost its place or a unique key to another document, stays and is
// returned with the reason; so does everything if that day cannot be known.
func PutBack(ctx context.Context, s Store, kinds []*Kind, ids ...string) (back []*Quarantined, stay []*Damaged, err error) {
	all, err := InQuarantine(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range ids {
		if !slices.ContainsFunc(all, func(q *Quarantined) bool { return q.ID == id }) {
			stay = append(stay, &Damaged{Noun: quarantine.Kind.Name, ID: id, Reason: "there is no such document in the quarantine"})
		}
	}
	unknown := toDayOfKeys(ctx, s)
	for _, q := range all {
		if len(ids) > 0 && !slices.Contains(ids, q.ID) {
			continue
		}
		err := unknown
		if err == nil {
			err = putBack(ctx, s, kinds, q)
		}
		if ctx.Err() != nil {
			return back, stay, ctx.Err()
		}
		damaged, bad := errors.AsType[*Damaged](err)
		switch {
		case err == nil:
			back = append(back, q)
		case bad && damaged.ID == q.Document:
			stay = append(stay, &Damaged{q.Noun, q.Document, damaged.Reason})
		default:
			stay = append(stay, &Damaged{q.Noun, q.Document, err.Error()})
		}
	}
	return back, stay, nil
}

// putBack returns one document. It stays in the quarantine until it is in its place.
func putBack(ctx context.Context, s Store, kinds []*Kind, q *Quarantined) error {
	at := slices.IndexFunc(kinds, func(k *Kind) bool { return k.Name == q.Noun })
	if at < 0 {
		return &Damaged{q.Noun, q.Document, "the program has no such noun"}
	}
	return s.Tx(ctx, func(ctx context.Context) error {
		if err := s.Restore(ctx, kinds[at], q.Document, q.Bytes); err != nil {
			return err
		}
		return quarantine.In(s).Delete(ctx, q.ID, q.Version)
	})
}

// toDayOfKeys sets the store's day to the one for which its keys were derived. A store that records none
// derives all of them at its next start.
func toDayOfKeys(ctx context.Context, s Store) error {
	state, err := keyStates.In(s).Get(ctx, "keys")
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("the day of the keys cannot be read, start the server first: %w", err)
	}
	s.SetDay(state.Day)
	return nil
}
