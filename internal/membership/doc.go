// Package membership has the members, the lifecycle of their memberships and what they pay: requests for changes
// and exemptions, tariffs, fees and invoices. What a membership gives is in package benefits, who acts for a member in
// package people.
//
// The membership on a day is a fold over the lifecycle events of the member (lifecycle_fold.go). One table says
// which event may be recorded, by whom and on what condition (lifecycle_moves.go). Organisations that apply for
// membership are in package applications.
package membership
