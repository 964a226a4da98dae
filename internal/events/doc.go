// Package events has the calendar: events and their series, who may find them, registrations and places, guests,
// attendance, documents, contributions, and the secret links to the calendar of a member or State.
package events
