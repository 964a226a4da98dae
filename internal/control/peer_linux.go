package control

import (
	"fmt"
	"net"
	"os"
	"syscall"
)

// mayAsk refuses an asker that is neither the server's own user nor root. The mode of the socket does the same;
// this holds also where somebody has changed the mode.
func mayAsk(conn *net.UnixConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var asker *syscall.Ucred
	var failed error
	err = raw.Control(func(fd uintptr) {
		asker, failed = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	switch {
	case err != nil:
		return err
	case failed != nil:
		return fmt.Errorf("asking the system who asks: %w", failed)
	}
	return allowed(int(asker.Uid), os.Geteuid())
}

// allowed says whether a user may have a server of another do something.
func allowed(asker, server int) error {
	if asker != server && asker != 0 {
		return fmt.Errorf("the server runs as user %d and does nothing for user %d", server, asker)
	}
	return nil
}
