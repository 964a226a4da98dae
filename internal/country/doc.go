// Package country has the Member States and the delegation under Resolution 99: reference data that is kept in
// memory, with the region of each on any day. It knows no member.
package country
