// Package events has the calendar: events and their series, who may find them, who registers and gets a place, guests,
// attendance, documents, contributions, and the calendar links by which a programme of a member's people is read.
package events
