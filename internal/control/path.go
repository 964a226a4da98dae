package control

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// longest is how many bytes the path of a socket may have on this system.
var longest = len(syscall.RawSockaddrUnix{}.Path) - 1

// PathError says that the path of a socket is too long for the system.
type PathError struct{ Path string }

func (e *PathError) Error() string {
	return fmt.Sprintf("the path of the control socket has %d bytes, and the system takes %d: %s; move the store, or start in a folder near it", len(e.Path), longest, e.Path)
}

// short is a path by which the system can name a socket: the path itself, or the way to it from the working
// folder if that is shorter.
func short(path string) (string, error) {
	if len(path) <= longest {
		return path, nil
	}
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	if here, err = filepath.EvalSymlinks(here); err != nil {
		return "", err
	}
	if way, err := filepath.Rel(here, path); err == nil && len(way) <= longest {
		return way, nil
	}
	return "", &PathError{path}
}
