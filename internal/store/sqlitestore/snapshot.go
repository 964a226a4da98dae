package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/store"
)

// Snapshot reads all tables in one transaction on a connection of its own, which sees one state however long it
// takes and whoever writes meanwhile.
func (s *Store) Snapshot(ctx context.Context, kinds []*store.Kind, each func(k *store.Kind, id string, raw []byte, sound bool) error) (oneState bool, err error) {
	if err := s.present(); err != nil {
		return false, err
	}
	conn, err := s.reader.Conn(ctx)
	if err != nil {
		return false, translate(err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return false, translate(err)
	}
	defer func() {
		if _, e := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK"); e != nil && err == nil {
			err = translate(e)
		}
	}()
	for _, k := range kinds {
		if err := snapshotOf(ctx, conn, k, each); err != nil {
			return false, fmt.Errorf("reading %s: %w", k.Name, spoilt(err))
		}
	}
	return true, s.present()
}

func snapshotOf(ctx context.Context, conn *sql.Conn, k *store.Kind, each func(k *store.Kind, id string, raw []byte, sound bool) error) (err error) {
	var tables int
	if err := conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = ?", k.Name).Scan(&tables); err != nil || tables == 0 {
		return err
	}
	rows, err := conn.QueryContext(ctx, "SELECT id, version, doc FROM "+quote(k.Name)+" ORDER BY id")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id string
		var version int64
		var raw sql.RawBytes
		if err := rows.Scan(&id, &version, &raw); err != nil {
			return err
		}
		if err := each(k, id, raw, isDocument(bson.Raw(raw), id, version)); err != nil {
			return err
		}
	}
	return rows.Err()
}

// isDocument says whether bytes are the document of a row.
func isDocument(raw bson.Raw, id string, version int64) bool {
	if raw.Validate() != nil {
		return false
	}
	has, ok := raw.Lookup("_id").StringValueOK()
	v, numbered := raw.Lookup("version").Int64OK()
	return ok && numbered && has == id && v == version
}

// Load stores documents in one transaction.
func (s *Store) Load(ctx context.Context, k *store.Kind, raws [][]byte) (rejected []store.Rejected, err error) {
	err = s.Tx(ctx, func(ctx context.Context) error {
		rejected = nil
		for _, raw := range raws {
			doc := k.Blank()
			id, _ := bson.Raw(raw).Lookup("_id").StringValueOK()
			if err := bson.Unmarshal(raw, doc); err != nil {
				rejected = append(rejected, store.Rejected{Damaged: store.Damaged{Noun: k.Name, ID: id, Reason: err.Error()}, Raw: raw})
				continue
			}
			values, ok := k.TryDerive(doc, s.Day())
			if !ok {
				rejected = append(rejected, store.Rejected{Damaged: store.Damaged{Noun: k.Name, ID: id, Reason: "its keys cannot be derived"}, Raw: raw})
				continue
			}
			if err := s.insertRow(ctx, k, doc, raw, values); err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
		}
		return nil
	})
	return rejected, err
}
