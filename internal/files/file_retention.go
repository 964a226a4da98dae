package files

import (
	"context"
	"errors"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// waiting finds the files that no record took. The empty key is of those that one did.
func waiting(before kit.DateTime) (store.Query, store.Bounds) {
	return store.Query{Sort: "waitsSince"}, store.Bounds{After: "0", Before: string(before)}
}

// Tidy erases files that no record took in a day, and what is left of uploads that were cut off.
func (s *FileService) Tidy(ctx context.Context) error {
	query, within := waiting(kit.DateTimeOf(s.core.Wall().Add(-untaken)))
	_, err := s.eraseWithin(ctx, query, within, func(f *StoredFile) bool { return f.OwnerID == nil }, false)
	return err
}

// EraseOf erases at once the files of a person that no record took. What a record took is the record's.
func (s *FileService) EraseOf(ctx context.Context, person kit.ID) error {
	query := store.Query{Any: []store.Where{{"uploadedBy": {string(person)}}}, Sort: "at"}
	_, err := s.eraseWithin(ctx, query, store.Bounds{}, func(f *StoredFile) bool { return f.OwnerID == nil }, false)
	return err
}

// SweepUnnamed erases files that were taken before a day and whose record names them no more, because the record or what
// named the file in it was erased. It leaves permanent files, and those of records that are damaged or in the quarantine:
// these may come back. It does not check the caller's rights.
func (s *FileService) SweepUnnamed(ctx context.Context, before kit.Date, dry bool) (int, error) {
	kept, err := s.aside(ctx)
	if err != nil {
		return 0, err
	}
	total := 0
	err = kit.EachPage(store.Looking(ctx), s.files, store.Query{}, kit.EraseBatch, func(page []*StoredFile) error {
		var held []*StoredFile
		for _, f := range page {
			if f.OwnerID != nil && !f.Permanent && !kept[*f.OwnerID] && kit.Deref(f.TakenAt) < string(before) {
				held = append(held, f)
			}
		}
		unnamed, err := s.unnamed(ctx, held)
		if err != nil {
			return err
		}
		for _, f := range unnamed {
			if !dry {
				if err := s.erase(ctx, f); err != nil {
					return err
				}
			}
			total++
		}
		return nil
	})
	return total, err
}

// unnamed returns those of files that records took which their records do not name.
func (s *FileService) unnamed(ctx context.Context, taken []*StoredFile) (unnamed []*StoredFile, err error) {
	byRoom := map[string][]*StoredFile{}
	for _, f := range taken {
		byRoom[f.OwnerID.Prefix()] = append(byRoom[f.OwnerID.Prefix()], f)
	}
	for prefix, files := range byRoom {
		owner, known := s.owners()[prefix]
		if !known {
			continue // of a later program
		}
		held, err := owner.Held(store.Deciding(ctx), files)
		switch {
		case errors.Is(err, store.ErrCorrupt) && len(files) > 1:
			for _, f := range files { // all but those of the damaged record can be told
				one, err := s.unnamed(ctx, []*StoredFile{f})
				if err != nil {
					return nil, err
				}
				unnamed = append(unnamed, one...)
			}
			continue
		case errors.Is(err, store.ErrCorrupt):
			continue
		case err != nil:
			return nil, err
		}
		for i, f := range files {
			if !held[i] {
				unnamed = append(unnamed, f)
			}
		}
	}
	return unnamed, nil
}

// eraseWithin erases the files of a range that are due.
func (s *FileService) eraseWithin(ctx context.Context, q store.Query, within store.Bounds, due func(*StoredFile) bool, dry bool) (total int, err error) {
	err = kit.EachWithin(store.Looking(ctx), s.files, q, within, kit.EraseBatch, func(page []*StoredFile) error {
		for _, f := range page {
			if !due(f) {
				continue
			}
			if !dry {
				if err := s.erase(ctx, f); err != nil {
					return err
				}
			}
			total++
		}
		return nil
	})
	return total, err
}

// erase removes a file in three steps, each of which the next run takes up: nobody reads or takes it any more, its
// pieces go, its record goes. A file that somebody took meanwhile stays.
func (s *FileService) erase(ctx context.Context, f *StoredFile) error {
	whole := f.Whole
	f.Whole, f.OwnerID, f.TakenAt, f.Public, f.Permanent = false, nil, nil, false, false
	err := s.files.Replace(ctx, f)
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err == nil {
		err = s.blobs.Discard(ctx, f.ID, kit.AnyAttempt)
	}
	if err != nil {
		return err
	}
	return s.core.Write(ctx, "erase", func(ctx context.Context, note func(kit.Change)) error {
		now, err := s.files.Get(ctx, string(f.ID))
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err == nil {
			err = s.files.Delete(ctx, string(f.ID), now.Version)
		}
		if err == nil && whole { // one that never was whole has no entry of its upload either
			note(kit.Changed(FileNoun, now, kit.Deleted, "content"))
		}
		return err
	})
}
