// Package reference has what the secretariat enters of tariffs, rules and statuses of countries, each with its days and its
// source. An entry stands over what comes with the program on its days and changes nothing before them, so that no fee of
// a new year needs a new program. What was invoiced stays as it is.
package reference
