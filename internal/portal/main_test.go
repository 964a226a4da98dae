package portal_test

import (
	"os"
	"testing"

	"memberportal/internal/testkit"
)

func TestMain(m *testing.M) {
	code := m.Run()
	testkit.RemoveFixture()
	os.Exit(code)
}

func TestProbe(t *testing.T) {
	for _, e := range testkit.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			for range 3 {
				t.Run("fresh", func(t *testing.T) { e.Fresh(t) })
			}
			t.Run("shared", func(t *testing.T) { e.Shared(t) })
		})
	}
}
