package config

import (
	"errors"
	"fmt"
	"time"
)

// Erasure says how long the persons and messages are kept for which no rule of their own says it.
type Erasure struct {
	PersonsAfterDays int `help:"Erase persons whose last mandate ended more than so many days ago." default:"366" env:"MEMBERPORTAL_PERSONS_AFTER_DAYS"`
	MailsAfterDays   int `help:"Remove files of development's outbox that are older than so many days." default:"30" env:"MEMBERPORTAL_MAILS_AFTER_DAYS"`
}

// Validate returns every fault at once.
func (e Erasure) Validate() error {
	if e.PersonsAfterDays < 0 || e.MailsAfterDays < 0 {
		return errors.New("--persons-after-days and --mails-after-days must be at least 0")
	}
	return nil
}

// EraseTime is the time of day at which the server erases; daily is false if it does not.
func (s Serve) EraseTime() (at time.Duration, daily bool, err error) {
	if s.EraseAt == "" {
		return 0, false, nil
	}
	t, err := time.Parse("15:04", s.EraseAt)
	if err != nil {
		return 0, false, fmt.Errorf("--erase-at: %q is no time of day such as 03:30", s.EraseAt)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, true, nil
}
