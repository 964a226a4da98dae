package events

import (
	"context"
	"testing"

	"memberportal/internal/kit"
)

// TestALetterSaysWhenAsExactlyAsItIsKnown has each precision, so that no letter says a day that is not known.
func TestALetterSaysWhenAsExactlyAsItIsKnown(t *testing.T) {
	want := map[EventPrecision]string{
		PrecisionTime: "10 June 2025, 09:00 – 12 June 2025, 17:00 (Africa/Kampala)", PrecisionDay: "10 June 2025 – 12 June 2025",
		PrecisionFirstDay: "from 10 June 2025; the last day is not known yet", PrecisionMonth: "the day is not known yet",
	}
	for _, p := range EventPrecisions {
		at := EventTime{Precision: p, StartsOn: "2025-06-10", EndsOn: new(kit.Date("2025-06-12"))}
		switch p {
		case PrecisionTime:
			at.LocalStart, at.LocalEnd, at.Zone = new(LocalDateTime("2025-06-10T09:00")), new(LocalDateTime("2025-06-12T17:00")), new("Africa/Kampala")
		case PrecisionFirstDay:
			at.EndsOn = nil
		}
		english := kit.English
		if got := (&registrantTeller{}).when(&Event{Time: at}).Text(context.Background(), &english); got != want[p] {
			t.Errorf("%s: %q, want %q", p, got, want[p])
		}
	}
}
