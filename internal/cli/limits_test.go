package cli

import (
	"errors"
	"reflect"
	"testing"

	"github.com/alecthomas/kong"

	"memberportal/graph"
	"memberportal/internal/config"
)

func TestFlagsHaveTheDefaultsOfTheGraph(t *testing.T) {
	var c config.Limits
	if err := kong.ApplyDefaults(&c); err != nil {
		t.Fatal(err)
	}
	got, err := graphLimits(c)
	if want := graph.DefaultLimits(); err != nil || !reflect.DeepEqual(*got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
	c.RoleCost = map[string]int{"EMPEROR": 1}
	if _, err := graphLimits(c); !errors.Is(err, errMisuse) {
		t.Errorf("got %v", err)
	}
}
