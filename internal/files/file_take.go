package files

import (
	"context"
	"slices"
	"strconv"

	"memberportal/internal/kit"
)

// DocumentSourceInput says where a document is: in a file that was uploaded, or behind a link. Exactly one is given.
type DocumentSourceInput struct {
	File *kit.ID
	Link *string
}

// Audience says who may read a file that a record takes.
type Audience int

// The reaches. OfRecord is for whoever may see it with the record. Public is everybody, as long as the record holds the
// file. Permanent is everybody, also after the record shows another one in its place.
const (
	OfRecord Audience = iota
	Public
	Permanent
)

// Offers are the files that an input names for a record.
type Offers struct {
	service *FileService
	owner   kit.ID
	found   map[kit.ID]*StoredFile
	taken   []*StoredFile
}

// Offered reads, in one call, the files that an input names for a record: those that the caller uploaded and no record
// took, and those that this record holds already. Call it in the transaction that writes the record.
func (s *FileService) Offered(ctx context.Context, owner kit.ID, sources ...DocumentSourceInput) (*Offers, error) {
	o := &Offers{service: s, owner: owner, found: map[kit.ID]*StoredFile{}}
	var ids []string
	for _, source := range sources {
		if source.File != nil && !slices.Contains(ids, string(*source.File)) {
			ids = append(ids, string(*source.File))
		}
	}
	if len(ids) == 0 {
		return o, nil
	}
	found, err := s.files.Many(ctx, ids)
	if err != nil {
		return nil, err
	}
	actor := kit.ActorOf(ctx)
	for _, f := range found {
		own := f != nil && f.OwnerID == nil && !actor.Anonymous() && f.UploadedByID == actor.Subject
		if f != nil && f.Whole && (own || kit.Deref(f.OwnerID) == string(owner)) {
			o.found[f.ID] = f
		}
	}
	return o, nil
}

// Take gives the record what a source names: a link, or the facts of a file. It adds UNKNOWN_REFERENCE for a file that
// the caller cannot give the record, INVALID for one that is none of some types, and the faults of a link. Keep then
// makes the files the record's.
func (o *Offers) Take(f *kit.Faults, path string, in DocumentSourceInput, reach Audience, types ...string) (link string, file *File) {
	if in.Link != nil {
		link = *in.Link
		f.Link(path+".link", &link)
		return link, nil
	}
	return "", o.TakeFile(f, path+".file", kit.ID(kit.Deref(in.File)), reach, types...)
}

// TakeFile is Take for an input that can only name a file. It never returns nil.
func (o *Offers) TakeFile(f *kit.Faults, path string, id kit.ID, reach Audience, types ...string) *File {
	stored := o.found[id]
	switch {
	case stored == nil:
		f.Add(kit.CodeUnknownReference, path, "unknownReference.file", nil)
		return &File{}
	case len(types) > 0 && !slices.Contains(types, stored.Type):
		f.Add(kit.CodeInvalid, path, "invalid.fileType", nil)
	}
	if stored.OwnerID == nil {
		stored.OwnerID, stored.TakenAt = &o.owner, new(kit.DateTimeOf(o.service.core.Clock.Now()))
	}
	stored.Public, stored.Permanent = reach >= Public, reach == Permanent
	if !slices.Contains(o.taken, stored) {
		o.taken = append(o.taken, stored)
	}
	return stored.facts()
}

// Sources are the sources of an input that can only name files.
func Sources(ids []kit.ID) []DocumentSourceInput {
	return kit.Map(ids, func(id kit.ID) DocumentSourceInput { return DocumentSourceInput{File: &id} })
}

// TakeFiles is TakeFile for a list; nil for none.
func (o *Offers) TakeFiles(f *kit.Faults, path string, ids []kit.ID, reach Audience, types ...string) (taken []File) {
	for i, id := range ids {
		taken = append(taken, *o.TakeFile(f, path+"."+strconv.Itoa(i), id, reach, types...))
	}
	return taken
}

// Keep makes the files that were taken the record's, in the transaction that writes the record.
func (o *Offers) Keep(ctx context.Context) error {
	for _, f := range o.taken {
		if err := o.service.keep(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

func (s *FileService) keep(ctx context.Context, f *StoredFile) error { return s.files.Replace(ctx, f) }

// Hide takes the address by hash from a file that its record does not show any more, in the transaction that writes the
// record. The record still holds the file.
func (s *FileService) Hide(ctx context.Context, file *File) error {
	return s.settle(ctx, file, func(f *StoredFile) { f.Public, f.Permanent = false, false })
}

// Release gives up a file that its record has another one for, in the transaction that writes the record. Unless it is
// permanent, nobody but its uploader sees it from now on, and Tidy erases it a day after it was uploaded.
func (s *FileService) Release(ctx context.Context, file *File) error {
	return s.settle(ctx, file, func(f *StoredFile) {
		if !f.Permanent {
			f.Public, f.OwnerID, f.TakenAt = false, nil, nil
		}
	})
}

// Pass makes a file another record's, in the transaction that writes both records. If file.Public is set, everybody may read
// it from now on, and keeps its address by content.
func (s *FileService) Pass(ctx context.Context, file *File, to kit.ID) error {
	return s.settle(ctx, file, func(f *StoredFile) { f.OwnerID, f.Public, f.Permanent = &to, file.Public, file.Public })
}

// settle changes the record of a file; it does nothing for no file, and for one that is gone.
func (s *FileService) settle(ctx context.Context, file *File, change func(*StoredFile)) error {
	if file == nil {
		return nil
	}
	found, err := s.files.Many(ctx, []string{string(file.ID)})
	if err != nil || found[0] == nil {
		return err
	}
	change(found[0])
	return s.keep(ctx, found[0])
}
