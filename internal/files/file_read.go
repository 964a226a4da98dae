package files

import (
	"context"
	"io"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// Owner is a room that takes files. Each function answers for files that records of the room hold, in their order.
type Owner struct {
	// Shown says which of the files the caller may read now, with its record.
	Shown func(ctx context.Context, held []*StoredFile) ([]bool, error)
	// Held says which of the files their records name, whoever asks. It must be called for a decision (store.Deciding), so
	// that a record that is damaged is an error and not one that names nothing.
	Held func(ctx context.Context, held []*StoredFile) ([]bool, error)
	// Each calls take for the files that each record of the room names.
	Each func(ctx context.Context, take func(owner kit.ID, held []*File) error) error
}

// OwnerNoun says how the files of one noun are found.
type OwnerNoun[T any] struct {
	// Seen reads records for the caller, nil for those that it may not see.
	Seen func(ctx context.Context, ids []kit.ID) ([]*T, error)
	// Shows returns the files that the caller may read with a record that it sees.
	Shows func(ctx context.Context, record *T) ([]*File, error)
	// Stored reads records whoever asks, nil for those that are not there, and Every walks all of them.
	Stored func(ctx context.Context, ids []string) ([]*T, error)
	Every  func(ctx context.Context, take func([]*T) error) error
	// Names returns the id of a record and the files that it names.
	Names func(*T) (kit.ID, []*File)
}

// OwnerOf makes the owner from the records of a noun.
func OwnerOf[T any](r OwnerNoun[T]) Owner {
	return Owner{
		Shown: func(ctx context.Context, held []*StoredFile) ([]bool, error) {
			return match(ctx, held, r.Seen, r.Shows)
		},
		Held: func(ctx context.Context, held []*StoredFile) ([]bool, error) {
			stored := func(ctx context.Context, ids []kit.ID) ([]*T, error) { return r.Stored(ctx, kit.Strings(ids)) }
			return match(ctx, held, stored, func(_ context.Context, record *T) ([]*File, error) {
				_, files := r.Names(record)
				return files, nil
			})
		},
		Each: func(ctx context.Context, take func(kit.ID, []*File) error) error {
			return r.Every(ctx, func(page []*T) error {
				for _, record := range page {
					if id, files := r.Names(record); len(files) > 0 {
						if err := take(id, files); err != nil {
							return err
						}
					}
				}
				return nil
			})
		},
	}
}

// match reads the records of files in one call and says for each file whether its record has it.
func match[T any](ctx context.Context, held []*StoredFile, read func(context.Context, []kit.ID) ([]*T, error), files func(context.Context, *T) ([]*File, error)) ([]bool, error) {
	var ids []kit.ID
	for _, f := range held {
		if !slices.Contains(ids, *f.OwnerID) {
			ids = append(ids, *f.OwnerID)
		}
	}
	records, err := read(ctx, ids)
	if err != nil {
		return nil, err
	}
	has := make([]bool, len(held))
	for i, record := range records {
		if record == nil {
			continue
		}
		named, err := files(ctx, record)
		if err != nil {
			return nil, err
		}
		for j, f := range held {
			has[j] = has[j] || *f.OwnerID == ids[i] && slices.ContainsFunc(named, func(n *File) bool { return n.ID == f.ID })
		}
	}
	return has, nil
}

// Content is a file that is handed out.
type Content struct {
	File

	service *FileService
	stored  *StoredFile
}

// Open finds a file for whoever may read it now: with the record that holds it, or its uploader until a record does. It
// returns nil for everybody else, and if there is none.
func (s *FileService) Open(ctx context.Context, id kit.ID) (*Content, error) {
	if id.Prefix() != Prefix {
		return nil, nil
	}
	found, err := s.files.Many(ctx, []string{string(id)})
	if err != nil {
		return nil, err
	}
	f := found[0]
	if f == nil || !f.Whole {
		return nil, nil
	}
	if f.OwnerID == nil {
		actor := kit.ActorOf(ctx)
		if actor.Anonymous() || actor.Subject != f.UploadedByID {
			return nil, nil
		}
		return s.download(f), nil
	}
	owner, known := s.owners()[f.OwnerID.Prefix()]
	if !known {
		return nil, nil
	}
	shown, err := owner.Shown(ctx, []*StoredFile{f})
	if err != nil || !shown[0] {
		return nil, err
	}
	return s.download(f), nil
}

// OpenPublic finds a public file by its SHA-256, whoever asks; nil if there is none.
func (s *FileService) OpenPublic(ctx context.Context, sha256 string) (*Content, error) {
	if sha256 == "" {
		return nil, nil
	}
	plan, err := s.files.Plan(store.Query{Any: []store.Where{{"publicHash": {sha256}}}, Sort: "at"})
	if err != nil {
		return nil, err
	}
	page, err := s.files.Page(ctx, plan, store.Range{Limit: 1})
	if err != nil || len(page.Docs) == 0 {
		return nil, err
	}
	return s.download(page.Docs[0]), nil
}

func (s *FileService) download(f *StoredFile) *Content { return &Content{*f.facts(), s, f} }

// WriteTo writes the file, a piece at a time. before is called ahead of each piece.
func (d *Content) WriteTo(ctx context.Context, w io.Writer, before func()) error {
	return d.service.blobs.Each(ctx, d.stored.ID, d.stored.Attempt, d.stored.Pieces, func(piece []byte) error {
		before()
		_, err := w.Write(piece)
		return err
	})
}
