package jobs

import (
	"context"
	"io"

	"memberportal/internal/kit"
)

// maxFile is how many bytes a file may have.
const maxFile = 64 << 20

// chunkKey is the key of the pieces' job.
const chunkKey = "job"

// ChunkNoun declares how the pieces of files are stored; they are erased with their job.
var ChunkNoun = kit.DeclarePieces("jobChunks", chunkKey)

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

// WriteTo writes the file, a piece at a time. before is called ahead of each piece.
func (d *Download) WriteTo(ctx context.Context, w io.Writer, before func()) error {
	return d.service.files.Each(ctx, d.job.ID, d.job.Attempts, d.Chunks, func(piece []byte) error {
		before()
		_, err := w.Write(piece)
		return err
	})
}
