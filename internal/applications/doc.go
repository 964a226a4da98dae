// Package applications is how an organisation without an account becomes a member: it confirms an address by a
// code, writes a draft and submits it; the administration or the secretariat decides; and the clock records what
// is due meanwhile. An approved application creates its member in the same transaction.
package applications
