// Package figures compares figures that were published with the records: it reads them from a file, counts the same
// anew, and says which are equal, which are different by which rows, and which cannot be verified.
package figures
