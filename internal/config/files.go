package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Files bound what people upload.
type Files struct {
	FileSize       int64         `name:"file-size" help:"Bytes of a file that somebody uploads." default:"20971520" env:"MEMBERPORTAL_FILE_SIZE"`
	FileTypes      []string      `name:"file-types" help:"Media types that are accepted, of those that the portal knows; left out, all of them: PDF, PNG, JPEG, WebP, plain text, CSV, and documents of Office Open XML and OpenDocument without macros." placeholder:"TYPE,…" env:"MEMBERPORTAL_FILE_TYPES"`
	FilesPerDay    int           `name:"files-per-day" help:"Files that one person may upload in 24 hours." default:"100" env:"MEMBERPORTAL_FILES_PER_DAY"`
	FileBytesDaily int64         `name:"file-bytes-per-day" help:"Bytes that one person may upload in 24 hours." default:"209715200" env:"MEMBERPORTAL_FILE_BYTES_PER_DAY"`
	FileSpace      int64         `name:"file-space" help:"Bytes that all files have together in the store." default:"21474836480" env:"MEMBERPORTAL_FILE_SPACE"`
	ScanCommand    string        `name:"scan-command" help:"Program with arguments that looks for malware in each file: it reads the file from standard input and ends with 0 for clean and 1 for infected, such as «clamdscan --no-summary -». Left out, nobody looks." placeholder:"COMMAND" env:"MEMBERPORTAL_SCAN_COMMAND"`
	ScanTime       time.Duration `name:"scan-time" help:"How long that program may take for a file." default:"20s" env:"MEMBERPORTAL_SCAN_TIME"`
}

// Scanner returns the program that looks for malware and its arguments, none if nobody looks.
func (f Files) Scanner() []string { return strings.Fields(f.ScanCommand) }

// faults returns every fault at once.
func (f Files) faults() (errs []error) {
	for _, one := range []struct {
		flag  string
		value int64
	}{{"file-size", f.FileSize}, {"files-per-day", int64(f.FilesPerDay)}, {"file-bytes-per-day", f.FileBytesDaily}, {"file-space", f.FileSpace}} {
		if one.value < 1 {
			errs = append(errs, fmt.Errorf("--%s: must be at least 1", one.flag))
		}
	}
	if f.FileSize > maxFileSize {
		errs = append(errs, fmt.Errorf("--file-size: at most %d", int64(maxFileSize)))
	}
	if slices.Contains(f.FileTypes, "") {
		errs = append(errs, errors.New("--file-types: a type is empty"))
	}
	if f.ScanTime <= 0 || f.ScanTime > time.Minute {
		errs = append(errs, errors.New("--scan-time: must be more than 0 and at most 1m"))
	}
	return errs
}

// maxFileSize is how large a file may be at most: its pieces have numbers of four digits.
const maxFileSize = 1 << 30
