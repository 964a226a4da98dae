// Package statistics counts the membership, how it changed and what is expected. It reads no documents for that.
// The Ledger keeps what it needs of every member, application and invoice in memory: the state on each day, and
// what was known of it on each day. It follows the change records.
package statistics
