package files

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// Lost is something of a file that does not fit the rest.
type Lost struct {
	// ID is the file, or the record that names one.
	ID kit.ID
	// Text says in English, for the operator, what is wrong.
	Text string
	// Removable says that RemoveLost takes it away. What is left is for a person: a record that names a file that is gone,
	// which a backup may have.
	Removable bool

	file *StoredFile
}

// Lost finds files that no record took in time, that their record does not name, or of which pieces are missing;
// records that name a file that is not there; and pieces without a file. It reads everything, and leaves out what is
// damaged, which is found otherwise.
func (s *FileService) Lost(ctx context.Context) (all []Lost, err error) {
	ctx = store.Looking(ctx)
	pieces, err := s.pieces(ctx)
	if err != nil {
		return nil, err
	}
	aside, err := s.aside(ctx)
	if err != nil {
		return nil, err
	}
	there := map[kit.ID]bool{}
	now := s.core.Wall()
	// A running server has an hour to erase what is due.
	due := kit.DateTimeOf(now.Add(-untaken - untaken/12))
	err = kit.EachPage(ctx, s.files, store.Query{}, kit.MaxPage, func(page []*StoredFile) error {
		var taken []*StoredFile
		for _, f := range page {
			there[f.ID] = f.Whole
			got := pieces[f.ID]
			delete(pieces, f.ID)
			switch {
			case f.OwnerID == nil && f.UploadedAt < due:
				all = append(all, Lost{f.ID, "no record took the file, and its day is over", true, f})
			case f.Whole && got[f.Attempt] != f.Pieces:
				all = append(all, Lost{f.ID, fmt.Sprintf("of the file's %d pieces %d are there", f.Pieces, got[f.Attempt]), false, f})
			case f.OwnerID != nil && !f.Permanent && !aside[*f.OwnerID]:
				taken = append(taken, f)
			}
		}
		unnamed, err := s.unnamed(ctx, taken)
		for _, f := range unnamed {
			all = append(all, Lost{f.ID, fmt.Sprintf("%s took the file and does not name it", *f.OwnerID), true, f})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(pieces)) {
		if _, err := s.files.Get(store.Deciding(ctx), string(id)); !errors.Is(err, store.ErrNotFound) || aside[id] {
			continue // its record is damaged or in the quarantine, and may come back
		}
		all = append(all, Lost{id, "there are pieces of the file, and no record of it", true, nil})
	}
	owners := s.owners()
	for _, prefix := range slices.Sorted(maps.Keys(owners)) {
		err := owners[prefix].Each(ctx, func(owner kit.ID, held []*File) error {
			for _, f := range held {
				if !there[f.ID] {
					all = append(all, Lost{owner, fmt.Sprintf("it names the file %s, which is not there", f.ID), false, nil})
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// aside are the documents in the quarantine.
func (s *FileService) aside(ctx context.Context) (map[kit.ID]bool, error) {
	held, err := store.InQuarantine(ctx, s.core.Store)
	all := map[kit.ID]bool{}
	for _, q := range held {
		all[kit.ID(q.Document)] = true
	}
	return all, err
}

// pieces counts the pieces of each attempt of each file.
func (s *FileService) pieces(ctx context.Context) (map[kit.ID]map[int]int, error) {
	all := map[kit.ID]map[int]int{}
	err := s.blobs.Walk(ctx, func(page []*kit.Piece) error {
		for _, p := range page {
			if all[p.Of()] == nil {
				all[p.Of()] = map[int]int{}
			}
			all[p.Of()][p.Attempt()]++
		}
		return nil
	})
	return all, err
}

// RemoveLost removes what Lost calls removable, and returns it. It does not check the caller's rights.
func (s *FileService) RemoveLost(ctx context.Context) (removed []Lost, err error) {
	all, err := s.Lost(ctx)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		if !one.Removable {
			continue
		}
		if one.file != nil {
			err = s.erase(ctx, one.file)
		} else {
			err = s.blobs.Discard(ctx, one.ID, kit.AnyAttempt)
		}
		if err != nil {
			return removed, err
		}
		removed = append(removed, one)
	}
	return removed, nil
}
