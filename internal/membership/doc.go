// Package membership says who the members are, what became of them and what they pay: members and the lifecycle of
// their memberships, changes and exemptions that are asked for, benefits, tariffs, fees and invoices, persons and
// the mandates by which they act for members and Member States.
//
// A membership on a day is a fold over the lifecycle events of the member (lifecycle_fold.go). What may be recorded,
// by whom and on what condition is one table (lifecycle_moves.go). An organisation that is about to become a member
// is the matter of package applications.
package membership
