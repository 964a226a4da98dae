package kit

import (
	"math"
	"time"
)

// DayNumber counts days, so that a history holds and compares them cheaply.
type DayNumber int32

// Number is the day's; forever for none.
func (d Date) Number() DayNumber {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return Forever
	}
	return DayNumber(t.Unix() / secondsOfDay)
}

// DateOf is the date of an instant in the organisation's zone.
func (c Clock) DateOf(at DateTime) Date { return Date(at.Time().In(c.Zone).Format(time.DateOnly)) }

// Forever is behind all days.
const Forever DayNumber = math.MaxInt32

const secondsOfDay = 24 * 60 * 60

// Date is the day as a date.
func (n DayNumber) Date() Date {
	return Date(time.Unix(int64(n)*secondsOfDay, 0).UTC().Format(time.DateOnly))
}

// Year is the year of the day.
func (n DayNumber) Year() int { return time.Unix(int64(n)*secondsOfDay, 0).UTC().Year() }
