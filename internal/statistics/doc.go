// Package statistics counts the membership, how it changed and what is to come. It reads no documents for that: the
// Ledger keeps what is needed of every member, application and invoice in memory, as it was from one day to another
// and as it was known from one day to another, and follows the records of changes.
package statistics
