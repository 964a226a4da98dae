package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"

	"memberportal/internal/auth"
	"memberportal/internal/config"
	"memberportal/internal/portal"
)

// firstOperator writes the code that makes the first operator to its file while there is no operator, and removes the
// file when there is one. Where the output is a terminal the code is printed too. A file that cannot be written is
// logged: then the command user grant makes the operator.
func firstOperator(ctx context.Context, c config.Serve, p *portal.Portal, code string, log *slog.Logger, stdout io.Writer) error {
	operated, err := p.Sessions.Operated(ctx)
	if err != nil {
		return err
	}
	file := c.OperatorCodeFile(c.Store, c.Tokens)
	if operated {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			log.Warn("the file with the code of the first operator cannot be removed; its code is void", "file", file, "error", err)
		}
		return nil
	}
	if err := auth.WritePrivate(file, []byte(code+"\n")); err != nil {
		log.Warn("nobody is operator, and the code that makes the first one cannot be written: set --operator-code-file, or use memberportal user grant", "file", file, "error", err)
		return nil
	}
	log.Warn("nobody is operator: becomeOperator makes the first one, by the code in the file", "file", file)
	if f, ok := stdout.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			_, _ = fmt.Fprintf(stdout, "code for the first operator: %s\n", code)
		}
	}
	return nil
}

// operatorCode is a new code for the first operator; empty where none is made.
func operatorCode(c config.Serve) string {
	if !c.Production() || c.ReadOnly {
		return ""
	}
	return rand.Text()
}
