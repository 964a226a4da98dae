package testkit

import (
	"strconv"

	"memberportal/internal/files"
	"memberportal/internal/kit"
)

// Files are files that no record took: fil_PAPER of the secretary, fil_LOGO (an image) and fil_STATUTES of the focal point
// of mem_ACTIVE, fil_FORM and fil_EVIDENCE of an applicant, and fil_HALF of the secretary, of which the second half never came.
func Files() []*files.StoredFile {
	file := func(id, mediaType string, by kit.ID, minute int) *files.StoredFile {
		text := FileText(id)
		return &files.StoredFile{
			ID: kit.ID("fil_" + id), Name: "testbed" + map[string]string{"application/pdf": ".pdf", "image/png": ".png"}[mediaType], Type: mediaType, Size: int64(len(text)), SHA256: kit.Hash(text),
			UploadedByID: by, UploadedAt: kit.DateTime("2025-03-31T09:" + strconv.Itoa(minute) + ":00.000Z"), Attempt: 1, Pieces: 1, Whole: true,
		}
	}
	half := file("HALF", "application/pdf", "usr_secretariat", 14)
	half.SHA256, half.Attempt, half.Pieces, half.Whole = "", 0, 0, false
	return []*files.StoredFile{
		file("PAPER", "application/pdf", "usr_secretariat", 10), file("LOGO", "image/png", "usr_FOCAL", 11), file("STATUTES", "application/pdf", "usr_FOCAL", 12),
		file("FORM", "application/pdf", "usr_applicant", 13), file("EVIDENCE", "application/pdf", "usr_applicant", 15), half,
	}
}

// FileText is the content of a file of the fixture.
func FileText(id string) string { return "%PDF-1.7\n% " + id + "\n%%EOF\n" }

// FilePieces are the pieces of Files.
func FilePieces() (all []*kit.Piece) {
	for _, f := range Files() {
		if f.Whole {
			all = append(all, &kit.Piece{ID: kit.PieceID(f.ID, 1, 0), At: f.UploadedAt, Bytes: []byte(FileText(string(f.ID[len("fil_"):])))})
		}
	}
	return all
}
