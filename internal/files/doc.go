// Package files keeps files that people upload, until a record takes them and as long as that record holds them. A file
// is seen by whoever may see the record. The package knows no such record: the rooms that take files say what theirs
// show and hold (Owner).
package files
