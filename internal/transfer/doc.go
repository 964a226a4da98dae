// Package transfer takes files in over HTTP and hands them out: those of people, and those that jobs made. It knows the
// domain and HTTP, and no store and no token.
package transfer
