// Package people is about those who act: persons, and the mandates by which they act for members and countries.
package people
