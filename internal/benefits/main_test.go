package benefits_test

import (
	"os"
	"testing"

	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

func TestMain(m *testing.M) {
	code := m.Run()
	testkit.RemoveFixture()
	os.Exit(code)
}

// scene is a stage with what the tests of this room do with it.
type scene struct{ stage.Stage }
