package files

import (
	"cmp"
	"context"
	"io"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// Prefix is the prefix of the ids of files.
const Prefix = "fil"

// File is what a record says of a file that it holds. The content of a file never changes, so the record keeps these
// facts beside its own and reads nothing to show them.
type File struct {
	ID   kit.ID `bson:"id"`
	Name string `bson:"name"`
	// Type is the media type, one of Types.
	Type string `bson:"type"`
	// Size is in bytes.
	Size   int64  `bson:"size"`
	SHA256 string `bson:"sha256"`
	// Public says that everybody may read it, at an address that is made from its content.
	Public bool `bson:"public"`
}

// Paths of HTTP, behind the portal's address: that of a file for whoever may read its record, and that of a public file
// by its SHA-256.
const (
	Path       = "/files/"
	PublicPath = "/files/sha256/"
)

// URL returns where the file is, behind the portal's address.
func (f *File) URL() string {
	if f.Public {
		return PublicPath + f.SHA256
	}
	return Path + string(f.ID)
}

// StoredFile is a file as it is stored. Its bytes are pieces of their own.
type StoredFile struct {
	ID      kit.ID `bson:"_id"`
	Version int64  `bson:"version"`
	Name    string `bson:"name"`
	Type    string `bson:"type"`
	Size    int64  `bson:"size"`
	// SHA256 is of the stored bytes; empty until all of them are there.
	SHA256 string `bson:"sha256"`
	// UploadedByID is the person; for an applicant, who is none, what its token calls it.
	UploadedByID kit.ID `bson:"uploadedBy"`
	// UploadedAt is the machine's time.
	UploadedAt kit.DateTime `bson:"uploadedAt"`
	// Attempt and Pieces name the pieces of the content. Whole says that they are there; nobody reads or takes the file
	// before.
	Attempt int  `bson:"attempt"`
	Pieces  int  `bson:"pieces"`
	Whole   bool `bson:"whole"`
	// OwnerID is the record that took the file, and TakenAt when; nil until one does.
	OwnerID *kit.ID       `bson:"owner,omitempty"`
	TakenAt *kit.DateTime `bson:"takenAt,omitempty"`
	// Public says that everybody may read it by its SHA-256. Permanent keeps it at that address when its record shows
	// another file in its place, because others may have cited it.
	Public    bool `bson:"public"`
	Permanent bool `bson:"permanent"`
}

// facts are what a record keeps of the file.
func (f *StoredFile) facts() *File {
	return &File{ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size, SHA256: f.SHA256, Public: f.Public}
}

// FileNoun declares how files are stored. Listings find those of a record and of an uploader, a public one by its
// SHA-256, those that no record took by age, and all.
var FileNoun = store.Declare(store.Noun[StoredFile]{
	Name:     "files",
	Identity: func(f *StoredFile) (string, *int64) { return string(f.ID), &f.Version },
	Keys: []store.Key[StoredFile]{
		store.One("uploadedBy", func(f *StoredFile, _ string) string { return string(f.UploadedByID) }),
		store.One("owner", func(f *StoredFile, _ string) string { return kit.Deref(f.OwnerID) }),
		store.One("at", func(f *StoredFile, _ string) string { return string(f.UploadedAt) }),
		store.One("waitsSince", func(f *StoredFile, _ string) string {
			if f.OwnerID != nil {
				return ""
			}
			return string(f.UploadedAt)
		}),
		store.One("publicHash", func(f *StoredFile, _ string) string {
			if !f.Public || !f.Whole {
				return ""
			}
			return f.SHA256
		}),
	},
	Listings: []store.Listing{
		{},
		{Equal: []string{"uploadedBy"}, Sort: "at"},
		{Equal: []string{"owner"}, Sort: "at"},
		{Equal: []string{"publicHash"}, Sort: "at"},
		{Sort: "waitsSince"},
	},
})

// pieceKey is the key of the file of a piece.
const pieceKey = "file"

// PieceNoun declares how the pieces of files are stored; they are erased with their file.
var PieceNoun = kit.DeclarePieces("filePieces", pieceKey)

// Limits bound what is kept. A zero field is the default.
type Limits struct {
	// Bytes is how large a file may be, and ImageBytes and Pixels an image, which is held whole while it is made anew.
	Bytes, ImageBytes int64
	Pixels            int
	// PerDay and BytesPerDay are how many files and bytes a person may upload in 24 hours.
	PerDay      int
	BytesPerDay int64
	// Total is how many bytes all files have together; each counts as whole pieces.
	Total int64
	// Types are the media types that are accepted, of those of Types; nil for all.
	Types []string
}

// DefaultLimits are the limits that hold where nothing else is said.
func DefaultLimits() Limits {
	return Limits{Bytes: 20 << 20, ImageBytes: 8 << 20, Pixels: 16_000_000, PerDay: 100, BytesPerDay: 200 << 20, Total: 20 << 30, Types: Types()}
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	l.Bytes, l.ImageBytes, l.Pixels = cmp.Or(l.Bytes, d.Bytes), cmp.Or(l.ImageBytes, d.ImageBytes), cmp.Or(l.Pixels, d.Pixels)
	l.PerDay, l.BytesPerDay, l.Total = cmp.Or(l.PerDay, d.PerDay), cmp.Or(l.BytesPerDay, d.BytesPerDay), cmp.Or(l.Total, d.Total)
	if l.Types == nil {
		l.Types = d.Types
	}
	return l
}

// Scan looks for malware in a file. clean is false for a file that has some; an error means that nobody knows.
type Scan func(ctx context.Context, file io.Reader) (clean bool, err error)

// Options are what the package needs from outside.
type Options struct {
	Core   *kit.Core
	Limits Limits
	// Scan is asked for each file before anybody can read it; nil if nobody scans.
	Scan Scan
	// Owners are the rooms that take files, by the prefix of the ids of their records.
	Owners func() map[string]Owner
}

// FileService takes files in, gives them to records and hands them out.
type FileService struct {
	core   *kit.Core
	files  store.Collection[StoredFile]
	blobs  kit.Blobs
	limits Limits
	scan   Scan
	owners func() map[string]Owner
	// decoding has room for one image, because an image in memory is much larger than its file.
	decoding chan struct{}
}

// New makes the service of files.
func New(o Options) *FileService {
	return &FileService{
		core: o.Core, files: FileNoun.In(o.Core.Store), blobs: kit.NewBlobs(PieceNoun, pieceKey, o.Core.Store), limits: o.Limits.orDefault(), scan: o.Scan,
		owners: o.Owners, decoding: make(chan struct{}, 1),
	}
}

// Kinds returns the nouns of this room.
func Kinds() []*store.Kind { return []*store.Kind{FileNoun.Kind, PieceNoun.Kind} }

// Largest is how many bytes a file may have.
func (s *FileService) Largest() int64 { return s.limits.Bytes }

// untaken is how long a file is kept that no record took.
const untaken = 24 * time.Hour
