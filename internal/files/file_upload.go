package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// Upload is a file that somebody sends. Size is what the sender says before the first byte, so that a file of another
// length is known to be cut off.
type Upload struct {
	Name, Type string
	Size       int64
	Body       io.Reader
}

// uploaders are the roles of those who may write something that takes a file.
var uploaders = []kit.Role{kit.RoleApplicant, kit.RoleFocalPoint, kit.RoleAdministration, kit.RoleReviewer, kit.RoleSecretariat}

// MayUpload refuses a visitor (UNAUTHENTICATED) and whoever writes nothing that takes a file (FORBIDDEN).
func (s *FileService) MayUpload(ctx context.Context) error { return kit.Require(ctx, uploaders...) }

// ErrCutOff says that a file ended before its time, or that its sender is gone.
var ErrCutOff = errors.New("the file is cut off")

// Receive takes a file in: APPLICANT, FOCAL_POINT, ADMINISTRATION, REVIEWER and SECRETARIAT. It looks at the type, has
// the file scanned, makes an image anew from its pixels, and computes the SHA-256 of what it stores. Until a record takes
// the file, only its uploader sees it, for a day. Faults are at name, type, size and content: REQUIRED, INVALID,
// TOO_LONG, OUT_OF_RANGE and FULL. ErrCutOff for a body that is shorter than its size. Nothing is left of a file that is
// refused.
func (s *FileService) Receive(ctx context.Context, u Upload) (*File, error) {
	if err := s.MayUpload(ctx); err != nil {
		return nil, err
	}
	f := kit.NewFaults(ctx)
	t := s.check(f, &u)
	if err := f.Err(); err != nil {
		return nil, err
	}
	file, err := s.begin(ctx, u)
	if err != nil {
		return nil, err
	}
	if err := s.fill(ctx, file, u, t); err != nil {
		// Whoever sent half a file is gone, and what is left of it goes all the same.
		left, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return nil, errors.Join(err, s.drop(left, file))
	}
	return file.facts(), nil
}

// check adds the faults of what is said of a file before it is read.
func (s *FileService) check(f *kit.Faults, u *Upload) *fileType {
	t := s.typeOf(u.Type)
	if t == nil {
		f.Add(kit.CodeInvalid, "type", "invalid.fileType", nil)
		t = &fileType{}
	} else {
		t.checkName(f, &u.Name)
	}
	most := s.limits.Bytes
	if t.image {
		most = min(most, s.limits.ImageBytes)
	}
	switch {
	case u.Size < 1:
		f.Add(kit.CodeRequired, "size", "required", nil)
	case u.Size > most:
		f.Add(kit.CodeOutOfRange, "size", "outOfRange.fileSize", map[string]string{"max": mebibytes(most)})
	}
	return t
}

// mebibytes writes a size for people.
func mebibytes(n int64) string { return strconv.FormatInt(n>>20, 10) }

// begin records that a file comes, if its uploader may send another one today and there is room. The record comes before
// the first piece, so that no piece is ever without one.
func (s *FileService) begin(ctx context.Context, u Upload) (*StoredFile, error) {
	actor, now := kit.ActorOf(ctx), s.core.Wall()
	pieces, err := s.blobs.Count(ctx)
	if err != nil {
		return nil, err
	}
	var file *StoredFile
	err = s.core.Transact(ctx, func(ctx context.Context) error {
		f := kit.NewFaults(ctx)
		if (pieces+(u.Size+kit.PieceSize-1)/kit.PieceSize)*kit.PieceSize > s.limits.Total {
			f.Add(kit.CodeFull, "content", "full.files", nil)
		}
		if err := s.core.Touch(ctx, "files", string(actor.Subject)); err != nil {
			return err
		}
		n, sum, err := s.sentSince(ctx, actor.Subject, kit.DateTimeOf(now.Add(-24*time.Hour)))
		if err != nil {
			return err
		}
		if n >= s.limits.PerDay || sum+u.Size > s.limits.BytesPerDay {
			f.Add(kit.CodeFull, "content", "full.filesOfDay", map[string]string{"files": strconv.Itoa(s.limits.PerDay), "max": mebibytes(s.limits.BytesPerDay)})
		}
		if err := f.Err(); err != nil {
			return err
		}
		file = &StoredFile{ID: s.core.RandomID(Prefix), Name: u.Name, Type: u.Type, Size: u.Size, UploadedByID: actor.Subject, UploadedAt: kit.DateTimeOf(now)}
		return s.files.Insert(ctx, file)
	})
	return file, err
}

// sentSince counts the files of an uploader since a time, and their bytes. A record that is damaged counts for nothing.
func (s *FileService) sentSince(ctx context.Context, by kit.ID, since kit.DateTime) (n int, sum int64, err error) {
	query := store.Query{Any: []store.Where{{"uploadedBy": {string(by)}}}, Sort: "at"}
	err = kit.EachWithin(store.Looking(ctx), s.files, query, store.Bounds{After: string(since)}, kit.MaxPage, func(page []*StoredFile) error {
		for _, f := range page {
			n++
			sum += f.Size
		}
		return nil
	})
	return n, sum, err
}

// fill reads the content of a file and makes the file whole.
func (s *FileService) fill(ctx context.Context, file *StoredFile, u Upload, t *fileType) error {
	f := kit.NewFaults(ctx)
	body, head := sender{u.Body}, make([]byte, min(u.Size, sniffed))
	if _, err := io.ReadFull(body, head); err != nil {
		return fmt.Errorf("%w: %w", ErrCutOff, err)
	}
	if !t.is(head) {
		f.Add(kit.CodeInvalid, "type", "invalid.fileContent", nil)
		return f
	}
	w, sum := s.blobs.Writer(ctx, file.ID, 1, file.UploadedAt, u.Size), sha256.New()
	got, err := io.Copy(io.MultiWriter(w, sum), io.MultiReader(bytes.NewReader(head), body))
	switch {
	case errors.Is(err, kit.ErrTooLarge):
		f.Add(kit.CodeInvalid, "size", "invalid.fileLonger", nil)
		return f
	case err != nil:
		return err
	case got < u.Size:
		return ErrCutOff
	}
	if err := w.Close(); err != nil {
		return err
	}
	file.Attempt, file.Pieces, file.SHA256 = 1, w.Pieces, hex.EncodeToString(sum.Sum(nil))
	if err := s.scanned(ctx, file); err != nil {
		return err
	}
	if t.image {
		if err := s.redraw(ctx, file); err != nil {
			return err
		}
	}
	if err := s.finish(ctx, file); err != nil {
		return err
	}
	return s.blobs.Discard(ctx, file.ID, file.Attempt-1)
}

// sender reads what is sent, and tells its faults from those of the store.
type sender struct{ io.Reader }

// Read fails with ErrCutOff where the sender does.
func (r sender) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", ErrCutOff, err)
	}
	return n, err
}

// scanned has a file looked at for malware. What nobody could look at is refused too, as UNAVAILABLE.
func (s *FileService) scanned(ctx context.Context, file *StoredFile) error {
	if s.scan == nil {
		return nil
	}
	clean, err := s.scan(ctx, s.blobs.Reader(ctx, file.ID, file.Attempt, file.Pieces))
	switch {
	case err != nil:
		return fmt.Errorf("%w: scanning: %w", store.ErrUnavailable, err)
	case !clean:
		f := kit.NewFaults(ctx)
		f.Add(kit.CodeInvalid, "content", "invalid.malware", nil)
		return f
	}
	return nil
}

// finish makes a file whole, with an audit entry that does not name it: what a file is called may be confidential.
func (s *FileService) finish(ctx context.Context, file *StoredFile) error {
	whole := *file
	err := s.core.Write(ctx, "uploadFile", func(ctx context.Context, note func(kit.Change)) error {
		whole = *file
		whole.Whole = true
		if err := s.files.Replace(ctx, &whole); err != nil {
			return err
		}
		note(kit.Changed(FileNoun, &whole, kit.Created, "content"))
		return nil
	})
	if err == nil {
		*file = whole
	}
	return err
}

// drop removes what is left of a file that did not become whole. A process that ends before leaves it to Tidy.
func (s *FileService) drop(ctx context.Context, file *StoredFile) error {
	if err := s.blobs.Discard(ctx, file.ID, kit.AnyAttempt); err != nil {
		return err
	}
	if err := s.files.Delete(ctx, string(file.ID), file.Version); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil
}
