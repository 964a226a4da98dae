// Package applications is the road from an organisation without an account to a member: an address that is confirmed
// by a code, a draft, its submission, the decision of the administration or the secretariat, and what falls due
// meanwhile. An approved application makes its member in the same transaction.
package applications
