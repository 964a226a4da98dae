package kit

import (
	"math"
	"time"
)

// DayNumber counts days from 1970-01-01, so that histories store and compare them cheaply.
type DayNumber int32

// Number returns the number of the day, Forever for an empty date.
func (d Date) Number() DayNumber {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return Forever
	}
	return DayNumber(t.Unix() / secondsOfDay)
}

// DateOf returns the date of an instant in the organisation's time zone.
func (c Clock) DateOf(at DateTime) Date { return Date(at.Time().In(c.Zone).Format(time.DateOnly)) }

// Forever is later than every day.
const Forever DayNumber = math.MaxInt32

const secondsOfDay = 24 * 60 * 60

// Date returns the day as a date.
func (n DayNumber) Date() Date {
	return Date(time.Unix(int64(n)*secondsOfDay, 0).UTC().Format(time.DateOnly))
}

// Year returns the calendar year of the day.
func (n DayNumber) Year() int { return time.Unix(int64(n)*secondsOfDay, 0).UTC().Year() }
