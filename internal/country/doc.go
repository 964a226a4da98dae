// Package country has the Member States and the delegation under Resolution 99, with the region of each on any
// day. They are reference data, kept in memory. The package does not know members.
package country
