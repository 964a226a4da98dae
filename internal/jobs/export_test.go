package jobs

import (
	"context"
	"io"

	"memberportal/internal/kit"
)

// What tests of the package need of its inside.
const (
	Lease        = lease
	Kept         = kept
	MostAttempts = mostAttempts
	MostOpen     = mostOpen
	MostOfPerson = mostOfPerson
	ChunkSize    = kit.PieceSize
	MaxFile      = maxFile
)

// Titles are the titles of columns.
var Titles = titles

// Sheet is a workbook that is being written.
type Sheet interface {
	kit.Rows
	io.Closer
}

// NewSheet begins a workbook.
func NewSheet(w io.Writer, l kit.Locale) (Sheet, error) { return newSheet(w, l) }

// Claim begins the next job and leaves it, as a process does that dies.
func (s *JobService) Claim() (*Job, error) { return s.claim(context.Background()) }
