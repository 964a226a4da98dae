package kit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"memberportal/internal/store"
)

// PieceSize is how many bytes of a file one document holds.
const PieceSize = 256 << 10

// ErrTooLarge says that a file would outgrow its bound.
var ErrTooLarge = errors.New("the file is too large")

// Piece is a part of a file: bytes, and nothing that says what they are.
type Piece struct {
	// ID is the id of the record that the file belongs to, the attempt at writing it, and the number of the piece, so that
	// no two writers make the same one.
	ID      string   `bson:"_id"`
	Version int64    `bson:"version"`
	At      DateTime `bson:"at"`
	Bytes   []byte   `bson:"bytes" most:"262144"`
}

// Of is the record that the file belongs to.
func (p *Piece) Of() ID {
	of, _, _ := strings.Cut(p.ID, "/")
	return ID(of)
}

// Attempt is the attempt at writing the file that made the piece.
func (p *Piece) Attempt() (n int) {
	_, _ = fmt.Sscanf(strings.TrimPrefix(p.ID, string(p.Of())), "/%d/", &n) // 0 is before all attempts
	return n
}

// PieceID is the id of a piece.
func PieceID(of ID, attempt, number int) string {
	return fmt.Sprintf("%s/%d/%04d", of, attempt, number)
}

// DeclarePieces declares how the pieces of some files are stored. They are in the store and not in files beside it, so
// that every process hands them out, both engines hold them alike, and a backup has them. The listings find those of a
// record, under the key that the room names, and all by age.
func DeclarePieces(noun, key string) store.Declared[Piece] {
	return store.Declare(store.Noun[Piece]{
		Name:     noun,
		Identity: func(p *Piece) (string, *int64) { return p.ID, &p.Version },
		Keys: []store.Key[Piece]{
			store.One(key, func(p *Piece, _ string) string { return string(p.Of()) }),
			store.One("at", func(p *Piece, _ string) string { return string(p.At) }),
		},
		Listings: []store.Listing{{Equal: []string{key}, Sort: "at"}, {Sort: "at"}},
	})
}

// Blobs keeps files of one sort in pieces.
type Blobs struct {
	pieces store.Collection[Piece]
	key    string
}

// NewBlobs makes the keeper of the files whose pieces DeclarePieces declared under the key.
func NewBlobs(d store.Declared[Piece], key string, s store.Store) Blobs { return Blobs{d.In(s), key} }

// BlobWriter keeps what is written to it in pieces. Close keeps the last one.
type BlobWriter struct {
	// Kept is called after each piece; nil if nobody wants to know.
	Kept func() error
	// Bytes and Pieces are how many were kept.
	Bytes  int64
	Pieces int

	ctx     context.Context
	blobs   Blobs
	of      ID
	attempt int
	at      DateTime
	most    int64
	buffer  []byte
}

// Writer writes the file of a record. It refuses a byte beyond most with ErrTooLarge.
func (b Blobs) Writer(ctx context.Context, of ID, attempt int, at DateTime, most int64) *BlobWriter {
	return &BlobWriter{ctx: ctx, blobs: b, of: of, attempt: attempt, at: at, most: most}
}

// Write keeps whole pieces.
func (w *BlobWriter) Write(p []byte) (int, error) {
	n := len(p)
	if w.Bytes+int64(len(w.buffer)+n) > w.most {
		return 0, ErrTooLarge
	}
	for len(p) > 0 {
		take := min(PieceSize-len(w.buffer), len(p))
		w.buffer, p = append(w.buffer, p[:take]...), p[take:]
		if len(w.buffer) == PieceSize {
			if err := w.keep(); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

func (w *BlobWriter) keep() error {
	piece := &Piece{ID: PieceID(w.of, w.attempt, w.Pieces), At: w.at, Bytes: w.buffer}
	if err := w.blobs.keep(w.ctx, piece); err != nil {
		return err
	}
	w.Bytes += int64(len(w.buffer))
	w.Pieces++
	w.buffer = make([]byte, 0, PieceSize)
	if w.Kept == nil {
		return nil
	}
	return w.Kept()
}

// Close keeps what is left.
func (w *BlobWriter) Close() error {
	if len(w.buffer) == 0 {
		return nil
	}
	return w.keep()
}

func (b Blobs) keep(ctx context.Context, p *Piece) error { return b.pieces.Insert(ctx, p) }

// Piece reads a piece; store.ErrNotFound if it is not there.
func (b Blobs) Piece(ctx context.Context, of ID, attempt, number int) (*Piece, error) {
	return b.pieces.Get(ctx, PieceID(of, attempt, number))
}

// Each calls take for the pieces of a file in their order, one at a time.
func (b Blobs) Each(ctx context.Context, of ID, attempt, pieces int, take func([]byte) error) error {
	for n := range pieces {
		p, err := b.Piece(ctx, of, attempt, n)
		if err != nil {
			return err
		}
		if err := take(p.Bytes); err != nil {
			return err
		}
	}
	return nil
}

// Reader reads a file. It holds one piece at a time.
func (b Blobs) Reader(ctx context.Context, of ID, attempt, pieces int) io.Reader {
	return &blobReader{ctx: ctx, blobs: b, of: of, attempt: attempt, pieces: pieces}
}

type blobReader struct {
	ctx                   context.Context
	blobs                 Blobs
	of                    ID
	attempt, pieces, next int
	rest                  []byte
}

// Read reads on. It is io.EOF only at the end of the last piece.
func (r *blobReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.next == r.pieces {
			return 0, io.EOF
		}
		piece, err := r.blobs.Piece(r.ctx, r.of, r.attempt, r.next)
		if err != nil {
			return 0, err
		}
		r.rest, r.next = piece.Bytes, r.next+1
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// AnyAttempt is an upper bound of attempts that all pieces are within.
const AnyAttempt = math.MaxInt

// Discard removes the pieces of a record that an attempt and those before it made. Those of later ones may belong to
// another process.
func (b Blobs) Discard(ctx context.Context, of ID, upTo int) error {
	return b.discard(ctx, store.Query{Any: []store.Where{{b.key: {string(of)}}}, Sort: "at"}, store.Bounds{}, upTo)
}

// DiscardAll removes all pieces that were made before a time; all, if it is empty.
func (b Blobs) DiscardAll(ctx context.Context, before DateTime) error {
	return b.discard(ctx, store.Query{Sort: "at"}, store.Bounds{Before: string(before)}, AnyAttempt)
}

// pieceBatch is how many pieces are read at once, because each is large.
const pieceBatch = 16

func (b Blobs) discard(ctx context.Context, q store.Query, within store.Bounds, upTo int) error {
	return EachWithin(ctx, b.pieces, q, within, pieceBatch, func(page []*Piece) error {
		for _, p := range page {
			if p.Attempt() > upTo {
				continue
			}
			if err := b.pieces.Delete(ctx, p.ID, p.Version); err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrConflict) {
				return err
			}
		}
		return nil
	})
}

// Count counts the pieces of all files.
func (b Blobs) Count(ctx context.Context) (int64, error) {
	plan, err := b.pieces.Plan(store.Query{Sort: "at"})
	if err != nil {
		return 0, err
	}
	return b.pieces.Count(ctx, plan, store.Bounds{})
}

// Walk calls take for all pieces, a few at a time.
func (b Blobs) Walk(ctx context.Context, take func([]*Piece) error) error {
	return EachWithin(ctx, b.pieces, store.Query{Sort: "at"}, store.Bounds{}, pieceBatch, take)
}
