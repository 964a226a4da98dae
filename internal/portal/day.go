package portal

import (
	"math"
	"time"
)

// dayNumber counts days, so that a history holds and compares them cheaply.
type dayNumber int32

// number is the day's; forever for none.
func (d Date) number() dayNumber {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return forever
	}
	return dayNumber(t.Unix() / secondsOfDay)
}

// DateOf is the date of an instant in the organisation's zone.
func (c Clock) DateOf(at DateTime) Date { return Date(at.Time().In(c.zone).Format(time.DateOnly)) }

// forever is behind all days.
const forever dayNumber = math.MaxInt32

const secondsOfDay = 24 * 60 * 60

func (n dayNumber) date() Date {
	return Date(time.Unix(int64(n)*secondsOfDay, 0).UTC().Format(time.DateOnly))
}

func (n dayNumber) year() int { return time.Unix(int64(n)*secondsOfDay, 0).UTC().Year() }
