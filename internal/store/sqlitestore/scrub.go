package sqlitestore

import (
	"context"
	"fmt"

	"memberportal/internal/store"
)

// Scrub leaves no byte of what was deleted or overwritten in the file and its log: the file is written anew
// (SQLite may leave copies when it moves rows from page to page), and the log is cut to nothing.
func (s *Store) Scrub(ctx context.Context) error {
	if s.writer == nil {
		return fmt.Errorf("%w: %s was opened for reading", store.ErrReadOnly, s.path)
	}
	select {
	case s.writer.turn <- struct{}{}:
	case <-s.writer.gone:
		return fmt.Errorf("%w: closed", store.ErrUnavailable)
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.writer.turn }()
	if err := s.present(); err != nil {
		return err
	}
	s.watch.mayShrink(true) // until the log is cut: the pages are moved only then
	if _, err := s.writer.conn.ExecContext(ctx, "VACUUM"); err != nil {
		return translate(err)
	}
	var busy, frames, moved int
	if err := s.writer.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved); err != nil {
		return translate(err)
	}
	if busy != 0 {
		return fmt.Errorf("%w: somebody reads the store, so that its log could not be cut; run it again", store.ErrUnavailable)
	}
	s.watch.mayShrink(false)
	return s.present()
}
