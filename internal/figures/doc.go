// Package figures compares published figures with the records. It reads the figures from a file and counts the same
// in the records. It reports which figures are equal, which are different because of which records, and which
// cannot be verified.
package figures
