package mongostore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/store"
)

// restoringPrefix begins the names of the collections of a store that is to replace another.
const restoringPrefix = "restoring_"

// Replace puts a new store in the place of the one in this database. It is filled in collections of its own beside
// the old ones, which are then dropped and the new ones renamed, one by one. Until the last one is, no server begins
// the store; if it is interrupted meanwhile, the next Replace first ends what was begun. It returns
// store.ErrUnavailable if a process has the old store open.
func Replace(ctx context.Context, o Options, r store.Replacement) (err error) {
	s, err := Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.unused(ctx); err != nil {
		return err
	}
	switch err := store.Unfinished(ctx, s); {
	case errors.Is(err, store.ErrRestoring):
		if err := s.swap(ctx); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	if err := s.dropAll(ctx, restoringPrefix); err != nil {
		return err
	}
	begun, err := store.Begun(ctx, s)
	if err != nil || begun {
		err = r.Old(ctx, s, err)
	} else {
		err = r.Old(ctx, nil, nil)
	}
	if err != nil {
		return err
	}
	fresh := &Store{client: s.client, db: s.db, prefix: restoringPrefix, atomic: s.atomic, turn: make(chan struct{}, 1), password: s.password}
	fresh.day.Store("")
	if err := r.Fill(ctx, fresh); err != nil {
		return errors.Join(err, s.dropAll(context.WithoutCancel(ctx), restoringPrefix))
	}
	if err := s.unused(ctx); err != nil {
		return errors.Join(err, s.dropAll(ctx, restoringPrefix))
	}
	if err := store.MarkRestoring(ctx, s); err != nil {
		return err
	}
	return s.swap(ctx)
}

// unused is an error if a process has the store open.
func (s *Store) unused(ctx context.Context) error {
	names, err := store.Living(ctx, s)
	if err != nil || len(names) == 0 {
		return err
	}
	return fmt.Errorf("%w: the store is in use by %s (a process that was killed counts for half a minute)", store.ErrUnavailable, strings.Join(names, ", "))
}

// names are the collections with a prefix.
func (s *Store) names(ctx context.Context, prefix string) ([]string, error) {
	all, err := s.db.ListCollectionNames(ctx, bson.D{})
	if err != nil {
		return nil, s.translate(ctx, "listing collections", err)
	}
	return slices.DeleteFunc(all, func(name string) bool { return !strings.HasPrefix(name, prefix) }), nil
}

func (s *Store) dropAll(ctx context.Context, prefix string) error {
	names, err := s.names(ctx, prefix)
	for _, name := range names {
		if err == nil {
			err = s.translate(ctx, "dropping "+name, s.db.Collection(name).Drop(ctx))
		}
	}
	return err
}

// swap puts the new collections in the place of the old ones. Those that are in their place already are no longer
// among the new ones, so that it may be run again.
func (s *Store) swap(ctx context.Context) error {
	fresh, err := s.names(ctx, restoringPrefix)
	if err != nil {
		return err
	}
	last := restoringPrefix + store.KeyStateName
	if !slices.Contains(fresh, last) {
		return fmt.Errorf("the new store lacks %s", store.KeyStateName)
	}
	for _, from := range append(slices.DeleteFunc(fresh, func(name string) bool { return name == last }), last) {
		to := strings.TrimPrefix(from, restoringPrefix)
		if err := s.translate(ctx, "dropping "+to, s.db.Collection(to).Drop(ctx)); err != nil {
			return err
		}
		rename := bson.D{{Key: "renameCollection", Value: s.db.Name() + "." + from}, {Key: "to", Value: s.db.Name() + "." + to}}
		if err := s.translate(ctx, "renaming "+from, s.client.Database("admin").RunCommand(ctx, rename).Err()); err != nil {
			return err
		}
	}
	return nil
}
