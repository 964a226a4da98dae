package kit_test

import (
	"context"
	"errors"
	"testing"

	"memberportal/internal/kit"
)

func TestARequestReadsOnce(t *testing.T) {
	reads := 0
	read := func(context.Context) (int, error) {
		if reads++; reads == 1 {
			return 0, errors.New("not now")
		}
		return reads, nil
	}
	ctx := kit.Remembering(t.Context())
	if _, err := kit.Remember(ctx, "key", read); err == nil {
		t.Error("an error is kept as a value")
	}
	for range 2 {
		if n, err := kit.Remember(ctx, "key", read); err != nil || n != 2 {
			t.Errorf("read %d, %v", n, err)
		}
	}
	if kit.Forget(ctx, "key"); reads != 2 {
		t.Errorf("%d reads", reads)
	}
	if n, _ := kit.Remember(ctx, "key", read); n != 3 {
		t.Errorf("read %d after it was forgotten", n)
	}
	if n, _ := kit.Remember(t.Context(), "key", read); n != 4 {
		t.Errorf("read %d outside of a request", n)
	}
}
