package mail_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/kit"
	sender "memberportal/internal/mail"
)

func TestAFolderKeepsEachMessageInAFileThatOthersCannotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "outbox")
	folder, err := sender.OpenFolder(path, sender.Layout{})
	must(t, err)
	for range 2 { // tried again, it is the same file
		must(t, folder.Send(t.Context(), hello("ada@example.org")))
	}
	failed(t, folder.Send(t.Context(), hello("../../ada")), kit.MailAddressRefused)
	entries, err := os.ReadDir(path)
	if err != nil || len(entries) != 1 || entries[0].Name() != "20250331T120000.007Z-out_1.eml" {
		t.Fatalf("%v, %v", entries, err)
	}
	for name, want := range map[string]fs.FileMode{path: 0o700, filepath.Join(path, entries[0].Name()): 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	text, err := os.ReadFile(filepath.Join(path, entries[0].Name()))
	must(t, err)
	if m := read(t, string(text)); m.Header.Get("To") != "<ada@example.org>" {
		t.Errorf("to %q", m.Header.Get("To"))
	}
	if !strings.Contains(string(text), "\nvoici le code 1234.\n.\nÀ bientôt\n") { // a developer reads it in an editor
		t.Errorf("kept %s", text)
	}
	must(t, os.RemoveAll(path))
	if err := folder.Send(t.Context(), hello("ada@example.org")); err == nil {
		t.Error("a message was kept in no folder")
	}
}
