package cli

import (
	"context"
	"time"

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
	if c.MongoDBURI != "" {
		return mongostore.Open(ctx, mongostore.Options{URI: c.MongoDBURI})
	}
	return sqlitestore.Open(ctx, c.Path(), sqlitestore.Options{Holder: holder, ReadOnly: readOnly})
}

// begin migrates a store and joins those who use it on a day.
func begin(ctx context.Context, s store.Store, day string, fixed bool) (*store.Session, error) {
	if err := store.Migrate(ctx, s, portal.Migrations()); err != nil {
		return nil, err
	}
	return store.Begin(ctx, s, portal.Kinds(), day, fixed)
}
