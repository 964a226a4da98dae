package kit

import (
	"strings"
	"testing"
	"testing/quick"
)

func TestImportTakesAwayExactlyTheEscapeThatExportAdds(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "a": "a", "'": "'", "''": "''", "'a": "'a", "''a": "''a", "a=": "a=", " =1": " =1", "\n=1": "\n=1", "1+1": "1+1", "’=": "’=", "＝1": "＝1",
		"=": "'=", "=1+1": "'=1+1", "+256": "'+256", "-1": "'-1", "@SUM": "'@SUM", "\tx": "'\tx", "\rx": "'\rx",
		"'=1": "''=1", "''=1": "'''=1", "'''''-": "''''''-", "'\t": "''\t", "' =": "' =", "'a=": "'a=",
	} {
		if got := EscapeCell(cell); got != want {
			t.Errorf("%q is escaped to %q, want %q", cell, got, want)
		}
		if got := unescape(want); got != cell {
			t.Errorf("%q is read as %q, want %q", want, got, cell)
		}
	}
}

func TestEscapingLosesNothing(t *testing.T) {
	inverse := func(prefix uint16, cell string) bool {
		// Arbitrary strings hardly ever begin with what is escaped.
		const special = "'=+-@\t\ra"
		for range prefix % 5 {
			cell = string(special[int(prefix)%len(special)]) + cell
			prefix /= 3
		}
		escaped := EscapeCell(cell)
		return unescape(escaped) == cell && !strings.ContainsAny(escaped[:min(1, len(escaped))], "=+-@\t\r")
	}
	if err := quick.Check(inverse, &quick.Config{MaxCount: 20_000}); err != nil {
		t.Error(err)
	}
}
