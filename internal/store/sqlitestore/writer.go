package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"memberportal/internal/store"
)

// writer is the one connection that writes. It is a plain connection and not a pool, so that
// statements prepared on it stay usable inside a transaction.
type writer struct {
	db    *sql.DB
	conn  *sql.Conn
	turn  chan struct{} // whoever has put something in may use conn and stmts
	gone  chan struct{} // closed when nobody may any more
	stmts map[string]*sql.Stmt
}

func openWriter(ctx context.Context, dsn string) (*writer, error) {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &writer{db: db, conn: conn, turn: make(chan struct{}, 1), gone: make(chan struct{}), stmts: map[string]*sql.Stmt{}}, nil
}

func (w *writer) close() error {
	w.turn <- struct{}{} // waits for the running write, and is never given back
	close(w.gone)
	var errs []error
	for _, stmt := range w.stmts {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, w.conn.Close(), w.db.Close())...)
}

// prepared is called by whoever has the turn.
func (w *writer) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt := w.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := w.conn.PrepareContext(ctx, query)
	if err == nil {
		w.stmts[query] = stmt
	}
	return stmt, err
}

type txKey struct{ s *Store }

// tx is a running transaction. undo puts back what it changed in memory.
type tx struct{ undo []func() }

func (s *Store) tx(ctx context.Context) *tx {
	t, _ := ctx.Value(txKey{s}).(*tx)
	return t
}

func (s *Store) inTx(ctx context.Context) bool { return s.tx(ctx) != nil }

// Tx runs f between BEGIN IMMEDIATE and COMMIT on the writing connection. f runs once: nothing else
// writes meanwhile, so there is no transient fault to repeat it for.
func (s *Store) Tx(ctx context.Context, f func(ctx context.Context) error) (err error) {
	if s.inTx(ctx) {
		return f(ctx)
	}
	if s.writer == nil {
		return fmt.Errorf("%w: %s was opened for reading", store.ErrReadOnly, s.path)
	}
	if err := s.present(); err != nil {
		return err
	}
	select {
	case s.writer.turn <- struct{}{}:
	case <-s.writer.gone:
		return fmt.Errorf("%w: closed", store.ErrUnavailable)
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.writer.turn }()
	if _, err := s.writer.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return translate(err)
	}
	t, done := &tx{}, false
	defer func() {
		if !done {
			for _, undo := range t.undo {
				undo()
			}
			// The caller's context may be over; the rollback must happen all the same.
			if _, e := s.writer.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK"); e != nil && err == nil {
				err = translate(e)
			}
		}
	}()
	if err := f(context.WithValue(ctx, txKey{s}, t)); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := s.writer.conn.ExecContext(context.WithoutCancel(ctx), "COMMIT"); err != nil {
		return translate(err)
	}
	done = true
	// Nothing is acknowledged that went into a file which is no longer there.
	return s.present()
}

// stmt gives a prepared statement: on the writing connection inside a transaction, else on the
// readers.
func (s *Store) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s.inTx(ctx) {
		return s.writer.prepared(ctx, query)
	}
	s.mu.RLock()
	stmt := s.stmts[query]
	s.mu.RUnlock()
	if stmt != nil {
		return stmt, nil
	}
	stmt, err := s.reader.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if other := s.stmts[query]; other != nil {
		return other, stmt.Close()
	}
	if len(s.stmts) >= maxStmts {
		return stmt, nil // for this once; query closes it
	}
	s.stmts[query] = stmt
	return stmt, nil
}

// maxStmts bounds the statements that are kept, because callers choose the widths of filters: the
// common ones come first and stay.
var maxStmts = 256

// releaseStmt closes a statement that is not kept.
func (s *Store) releaseStmt(ctx context.Context, query string, stmt *sql.Stmt) {
	if s.inTx(ctx) {
		return
	}
	s.mu.RLock()
	kept := s.stmts[query] == stmt
	s.mu.RUnlock()
	if !kept {
		_ = stmt.Close()
	}
}

// query runs a prepared reading statement and hands each row to scan.
func (s *Store) query(ctx context.Context, query string, args []any, scan func(*sql.Rows) error) error {
	if err := s.present(); err != nil {
		return err
	}
	stmt, err := s.stmt(ctx, query)
	if err != nil {
		return translate(err)
	}
	defer s.releaseStmt(ctx, query, stmt)
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return translate(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return translate(rows.Err())
}

// exec runs a prepared writing statement inside a transaction and says how many rows it changed.
func (s *Store) exec(ctx context.Context, query string, args ...any) (int64, error) {
	stmt, err := s.writer.prepared(ctx, query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
