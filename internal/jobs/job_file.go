package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

const (
	// chunkSize is how many bytes of a file one document holds.
	chunkSize = 256 << 10
	// maxFile is how many bytes a file may have.
	maxFile = 64 << 20
)

// errTooLarge says that a file would outgrow its bounds.
var errTooLarge = errors.New("the file is too large")

// JobChunk is a piece of the file that a job made. It is erased with the job.
type JobChunk struct {
	// ID is made from the job, the attempt and the number, so that no two processes write the same piece.
	ID      string       `bson:"_id"`
	Version int64        `bson:"version"`
	JobID   kit.ID       `bson:"job"`
	At      kit.DateTime `bson:"at"`
	Bytes   []byte       `bson:"bytes" most:"262144"`
}

// ChunkNoun declares how the pieces of files are stored. They are in the store and not in files, so that every process
// hands them out and a backup has them. The listings find those of a job, and all by age, for removal.
var ChunkNoun = store.Declare(store.Noun[JobChunk]{
	Name:     "jobChunks",
	Identity: func(c *JobChunk) (string, *int64) { return c.ID, &c.Version },
	Keys: []store.Key[JobChunk]{
		store.One("job", func(c *JobChunk, _ string) string { return string(c.JobID) }),
		store.One("at", func(c *JobChunk, _ string) string { return string(c.At) }),
	},
	Listings: []store.Listing{{Equal: []string{"job"}, Sort: "at"}, {Sort: "at"}},
})

func chunkID(job kit.ID, attempt, number int) string {
	return fmt.Sprintf("%s/%d/%04d", job, attempt, number)
}

// chunkWriter keeps what is written to it in chunks. Close keeps the last one.
type chunkWriter struct {
	service *JobService
	ctx     context.Context
	job     *Job
	buffer  []byte
	// bytes and chunks are how many were kept; kept is called after each chunk.
	bytes  int64
	chunks int
	kept   func() error
}

// Write keeps whole chunks. It fails with errTooLarge once the file is larger than maxFile.
func (w *chunkWriter) Write(p []byte) (int, error) {
	n := len(p)
	if w.bytes+int64(len(w.buffer)+n) > maxFile {
		return 0, errTooLarge
	}
	for len(p) > 0 {
		take := min(chunkSize-len(w.buffer), len(p))
		w.buffer, p = append(w.buffer, p[:take]...), p[take:]
		if len(w.buffer) == chunkSize {
			if err := w.keep(); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

func (w *chunkWriter) keep() error {
	c := &JobChunk{ID: chunkID(w.job.ID, w.job.Attempts, w.chunks), JobID: w.job.ID, At: w.job.RequestedAt, Bytes: w.buffer}
	if err := w.service.keep(w.ctx, c); err != nil {
		return err
	}
	w.bytes += int64(len(w.buffer))
	w.chunks++
	w.buffer = make([]byte, 0, chunkSize)
	return w.kept()
}

// Close keeps what is left.
func (w *chunkWriter) Close() error {
	if len(w.buffer) == 0 {
		return nil
	}
	return w.keep()
}

// keep stores a chunk.
func (s *JobService) keep(ctx context.Context, c *JobChunk) error { return s.chunks.Insert(ctx, c) }

// chunk reads a piece of the file of a job.
func (s *JobService) chunk(ctx context.Context, j *Job, number int) (*JobChunk, error) {
	return s.chunks.Get(ctx, chunkID(j.ID, j.Attempts, number))
}

// attempt is the number of the attempt that kept the chunk, by its id.
func (c *JobChunk) attempt() (n int) {
	_, _ = fmt.Sscanf(strings.TrimPrefix(c.ID, string(c.JobID)), "/%d/", &n) // 0 is before all attempts
	return n
}

// anyAttempt is an upper bound of attempts that all chunks are within.
const anyAttempt = math.MaxInt

// discard removes the chunks of a job that an attempt and those before it kept. Those of later ones belong to another
// process.
func (s *JobService) discard(ctx context.Context, job kit.ID, attempt int) error {
	return s.discardOf(ctx, store.Query{Any: []store.Where{{"job": {string(job)}}}, Sort: "at"}, store.Bounds{}, attempt)
}

// discardOf removes chunks of attempts up to one, of which it reads few at once, because each is large.
func (s *JobService) discardOf(ctx context.Context, q store.Query, within store.Bounds, upTo int) error {
	return kit.EachWithin(ctx, s.chunks, q, within, discardBatch, func(page []*JobChunk) error {
		for _, c := range page {
			if c.attempt() > upTo {
				continue
			}
			if err := s.chunks.Delete(ctx, c.ID, c.Version); err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrConflict) {
				return err
			}
		}
		return nil
	})
}

// discardBatch is how many chunks are read at once to remove them.
const discardBatch = 16

// Download is a file that is handed out.
type Download struct {
	JobFile

	service *JobService
	job     *Job
}

// Download finds the file of a job for whoever asked for the job and may still take it out, nil for everybody else and
// if there is none.
func (s *JobService) Download(ctx context.Context, id kit.ID) (*Download, error) {
	j, err := kit.One(ctx, s.ByIDs, id)
	if err != nil || j == nil || j.ShownFile() == nil {
		return nil, err
	}
	return &Download{JobFile: *j.File, service: s, job: j}, nil
}

// Note records in the audit log that the file is handed out. It comes before WriteTo: what cannot be recorded is not
// handed out.
func (d *Download) Note(ctx context.Context) error {
	return d.service.core.Write(ctx, "downloadExport", func(_ context.Context, note func(kit.Change)) error {
		note(kit.Change{Noun: JobNoun.Kind.Name, Target: d.job.ID, Version: d.job.Version, Kind: kit.Updated, Fields: []string{}, Reason: new(d.job.summary())})
		return nil
	})
}

// WriteTo writes the file, a chunk at a time. before is called ahead of each chunk.
func (d *Download) WriteTo(ctx context.Context, w io.Writer, before func()) error {
	for n := range d.Chunks {
		c, err := d.service.chunk(ctx, d.job, n)
		if err != nil {
			return err
		}
		before()
		if _, err := w.Write(c.Bytes); err != nil {
			return err
		}
	}
	return nil
}
