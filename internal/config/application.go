package config

import (
	"errors"
	"fmt"
	"regexp"
)

// Applications says how long administrations have to answer an application for membership.
type Applications struct {
	FirstMonths     int      `name:"application-reminder-months" help:"Months without an answer after which an administration is reminded of an application; 0 for what the table of rules says." default:"0" env:"MEMBERPORTAL_APPLICATION_REMINDER_MONTHS"`
	SecondMonths    int      `name:"application-second-months" help:"Months after that until the second reminder, or, where direct application is allowed, until an application is deemed approved; 0 for what the table of rules says." default:"0" env:"MEMBERPORTAL_APPLICATION_SECOND_MONTHS"`
	Provision       string   `name:"application-provision" help:"The provision that these terms come from, as it is shown; left out, that of the table of rules." env:"MEMBERPORTAL_APPLICATION_PROVISION"`
	DirectCountries []string `name:"direct-application" help:"Countries (ISO 3166 alpha-2) that let organisations apply directly, so that no answer within both terms is approval; none if left out." placeholder:"UG,…" env:"MEMBERPORTAL_DIRECT_APPLICATION"`
}

var countryForm = regexp.MustCompile(`^[A-Z]{2}$`)

// Validate returns every fault at once.
func (a Applications) Validate() error {
	var errs []error
	if a.FirstMonths < 0 || a.SecondMonths < 0 || a.FirstMonths > 120 || a.SecondMonths > 120 {
		errs = append(errs, errors.New("--application-reminder-months and --application-second-months: must be between 1 and 120, or 0 for the default"))
	}
	for _, code := range a.DirectCountries {
		if !countryForm.MatchString(code) {
			errs = append(errs, fmt.Errorf("--direct-application: %q is not two capital letters", code))
		}
	}
	return errors.Join(errs...)
}
