package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"memberportal/internal/config"
)

// TestTheScannerIsBelievedAndNothingElse runs a program that finds something, one that finds nothing, one that fails, one
// that reads nothing, one that takes too long, and none.
func TestTheScannerIsBelievedAndNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		program      string
		clean, known bool
	}{
		"it finds something":  {"grep -q EICAR && exit 1; exit 0", false, true},
		"it finds nothing":    {"grep -q OTHER && exit 1; exit 0", true, true},
		"it fails":            {"exit 2", false, false},
		"it reads nothing":    {"exit 0", true, true},
		"it takes too long":   {"sleep 30", false, false},
		"it is killed":        {"kill -9 $$", false, false},
		"there is no program": {"", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			at := filepath.Join(t.TempDir(), "scan")
			if c.program != "" {
				if err := os.WriteFile(at, []byte("#!/bin/sh\n"+c.program+"\n"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			scan := scanner(config.Files{ScanCommand: at + " -", ScanTime: 2 * time.Second})
			clean, err := scan(t.Context(), strings.NewReader(strings.Repeat("x", 1<<20)+"EICAR\n"))
			if clean != c.clean || (err == nil) != c.known {
				t.Errorf("clean: %v, %v", clean, err)
			}
		})
	}
	if scanner(config.Files{}) != nil {
		t.Error("without a program something scans")
	}
}

func TestATypeThatThePortalDoesNotKnowIsMisuse(t *testing.T) {
	if err := checkFileTypes(config.Files{FileTypes: []string{"application/pdf", "text/html"}}); err == nil || !strings.Contains(err.Error(), "text/html") {
		t.Errorf("%v", err)
	}
	if err := checkFileTypes(config.Files{FileTypes: []string{"application/pdf"}}); err != nil {
		t.Error(err)
	}
}
