// Package benefits has what membership gives: the benefits of each category and Sector, and the comparison of memberships by
// what they cost and give.
package benefits
