package files

import (
	"path"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"memberportal/internal/kit"
)

// sniffed is how many bytes at the start of a file say what it is.
const sniffed = 64 << 10

// fileType is a type of files that may be accepted.
type fileType struct {
	// name is the media type.
	name string
	// endings are what the name of such a file ends with.
	endings []string
	// image says that the file is made anew from its pixels.
	image bool
	// found are what the content looks like; the media type itself if there are none.
	found []string
}

// plain is how text without markup looks.
var plain = []string{"text/plain", "text/csv", "text/tab-separated-values"}

// fileTypes are all types that may be accepted. Nothing is among them that a browser would run: no HTML, no SVG, no
// document with macros.
var fileTypes = []fileType{
	{name: "application/pdf", endings: []string{"pdf"}},
	{name: "image/png", endings: []string{"png"}, image: true},
	{name: "image/jpeg", endings: []string{"jpg", "jpeg"}, image: true},
	{name: "image/webp", endings: []string{"webp"}, image: true},
	{name: "text/plain", endings: []string{"txt", "md"}, found: plain},
	{name: "text/csv", endings: []string{"csv"}, found: plain},
	{name: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", endings: []string{"docx"}},
	{name: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", endings: []string{"xlsx"}},
	{name: "application/vnd.openxmlformats-officedocument.presentationml.presentation", endings: []string{"pptx"}},
	{name: "application/vnd.oasis.opendocument.text", endings: []string{"odt"}},
	{name: "application/vnd.oasis.opendocument.spreadsheet", endings: []string{"ods"}},
	{name: "application/vnd.oasis.opendocument.presentation", endings: []string{"odp"}},
}

// Types returns the media types that may be accepted.
func Types() []string { return kit.Map(fileTypes, func(t fileType) string { return t.name }) }

// Images returns the media types of images.
func Images() (all []string) {
	for _, t := range fileTypes {
		if t.image {
			all = append(all, t.name)
		}
	}
	return all
}

// typeOf returns the type with a media type, nil if it is not accepted.
func (s *FileService) typeOf(name string) *fileType {
	i := slices.IndexFunc(fileTypes, func(t fileType) bool { return t.name == name })
	if i < 0 || !slices.Contains(s.limits.Types, name) {
		return nil
	}
	return &fileTypes[i]
}

// is says whether a file that begins so is of the type.
func (t *fileType) is(head []byte) bool {
	looks := mimetype.Detect(head)
	return slices.ContainsFunc(append([]string{t.name}, t.found...), looks.Is)
}

func init() { mimetype.SetLimit(sniffed) }

// forbidden are characters of names that some system takes for more than a letter of a name.
const forbidden = `/\:*?"<>|`

// checkName adds a fault for a name that is none, leads out of a folder, hides, or belongs to another type of files.
// The name itself is never the name of anything on the server.
func (t *fileType) checkName(f *kit.Faults, name *string) {
	before := len(f.List)
	f.Line("name", name, 150, true)
	if len(f.List) > before {
		return
	}
	ending := strings.TrimPrefix(strings.ToLower(path.Ext(*name)), ".")
	if strings.ContainsAny(*name, forbidden) || strings.HasPrefix(*name, ".") || strings.HasPrefix(*name, "-") || !slices.Contains(t.endings, ending) {
		f.Add(kit.CodeInvalid, "name", "invalid.fileName", map[string]string{"endings": "." + strings.Join(t.endings, ", .")})
	}
}
