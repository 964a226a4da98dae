package mail

import (
	"context"
	"errors"
	"net/mail"
	"os"
	"path/filepath"

	gomail "github.com/wneessen/go-mail"

	"memberportal/internal/kit"
)

// Folder keeps messages as files that mail programs open, for development.
type Folder struct {
	path   string
	from   *mail.Address
	layout Layout
}

// OpenFolder makes the folder, which only its owner can look into, if there is none.
func OpenFolder(path string, l Layout) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	return &Folder{path, &mail.Address{Name: "Membership portal", Address: "portal@localhost"}, l}, nil
}

// Send writes a message to a file of its own, named after the instant at which it was queued and its
// id. The file appears whole or not at all. It is what a server would get, but neither text nor HTML is encoded, so that
// a developer reads codes and links in any editor.
func (f *Folder) Send(_ context.Context, m kit.Mail) error {
	message, err := compose(f.from, f.layout, gomail.NoEncoding, m)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(f.path, ".writing-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = message.WriteTo(file)
	if err = errors.Join(err, file.Close()); err == nil {
		name := m.At.Time().Format("20060102T150405.000Z") + "-" + string(m.ID) + ".eml"
		err = os.Rename(file.Name(), filepath.Join(f.path, name))
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}
