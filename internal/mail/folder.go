package mail

import (
	"context"
	"errors"
	"net/mail"
	"os"
	"path/filepath"

	"memberportal/internal/kit"
)

// Folder keeps messages as files that mail programs open, for development.
type Folder struct {
	path string
	from *mail.Address
}

// OpenFolder makes the folder, which only its owner can look into, if there is none.
func OpenFolder(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	return &Folder{path, &mail.Address{Name: "Membership portal", Address: "portal@localhost"}}, nil
}

// Send writes a message to a file of its own, named after the instant at which it was queued and its
// id. The file appears whole or not at all.
func (f *Folder) Send(_ context.Context, m kit.Mail) error {
	message, err := compose(f.from, m)
	if err != nil {
		return &kit.MailError{Fault: kit.MailRefused, Detail: err.Error()}
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
