package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"memberportal/internal/auth"
	"memberportal/internal/config"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/store/mongostore"
	"memberportal/internal/store/sqlitestore"
)

// openTimeout bounds how long a command waits for a store.
const openTimeout = 20 * time.Second

// openStore opens the configured store, for writing under the command's name or for reading only.
func openStore(ctx context.Context, c config.Store, holder string, readOnly bool) (store.Store, error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	if !c.OnMongoDB() {
		return sqlitestore.Open(ctx, c.Path(), sqlitestore.Options{Holder: holder, ReadOnly: readOnly, Existing: !c.MayCreate()})
	}
	uri, err := mongoDBURI(c)
	if err != nil {
		return nil, err
	}
	s, err := mongostore.Open(ctx, mongostore.Options{URI: uri, ReadOnly: readOnly})
	if err != nil || readOnly || c.MayCreate() {
		return s, err
	}
	begun, err := store.Begun(ctx, s)
	if err == nil && !begun {
		err = fmt.Errorf("the database of --mongodb-uri: %w", store.ErrNone)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// mongoDBURI is the connection string of the database, from its flag or its file.
func mongoDBURI(c config.Store) (string, error) {
	if c.MongoDBURIFile == "" {
		return c.MongoDBURI, nil
	}
	uri, err := auth.LoadConnection(c.MongoDBURIFile)
	if err != nil {
		return "", err
	}
	if err := config.CheckMongoDBURI(uri); err != nil {
		return "", fmt.Errorf("--mongodb-uri-file: %s %w", c.MongoDBURIFile, err)
	}
	return uri, nil
}

// quickCheckTime bounds how long the embedded store is looked through at start. A file of 100 MB takes a fraction
// of a second once it is in memory; see docs/operations.md.
const quickCheckTime = 10 * time.Second

// lookThrough refuses to begin an embedded store whose pages do not fit together.
func lookThrough(ctx context.Context, s store.Store, log *slog.Logger) error {
	file, ok := s.(*sqlitestore.Store)
	if !ok {
		return nil
	}
	whole, err := file.QuickCheck(ctx, quickCheckTime)
	if err == nil && !whole {
		log.Warn("the database is too large to be looked through at start; memberportal check does so", "time", quickCheckTime)
	}
	return err
}

// begin migrates a store and joins those who use it on a day.
func begin(ctx context.Context, s store.Store, day string, fixed bool) (*store.Session, error) {
	if err := store.Migrate(ctx, s, portal.Migrations()); err != nil {
		return nil, err
	}
	return store.Begin(ctx, s, portal.Kinds(), day, fixed)
}
