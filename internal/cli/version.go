package cli

import (
	"cmp"
	"runtime/debug"
)

// The linker sets these in a release (release/build) and an image (Dockerfile), because both are built without
// what Go records of the repository's history.
var (
	releaseVersion string // such as v1.0.0
	releaseCommit  string
	releaseDate    string // of the commit, as RFC 3339
)

// version is what the program says of itself: its version, the commit that it was built from and the day of it.
func version() string {
	info, _ := debug.ReadBuildInfo() // a program that was built without modules has none
	return describe(releaseVersion, releaseCommit, releaseDate, info)
}

// describe is version of a stamp, each part of which may be empty, and of what Go recorded, which may be nil.
func describe(version, commit, date string, info *debug.BuildInfo) string {
	if info == nil {
		info = &debug.BuildInfo{}
	}
	recorded := map[string]string{}
	for _, s := range info.Settings {
		recorded[s.Key] = s.Value
	}
	text := "memberportal " + cmp.Or(version, info.Main.Version, "(unknown)") // Go ends it with +dirty if there were changes
	if commit, date = cmp.Or(commit, recorded["vcs.revision"]), cmp.Or(date, recorded["vcs.time"]); commit != "" {
		text += ", commit " + commit
	}
	if date != "" {
		text += " of " + date
	}
	if info.GoVersion != "" {
		text += ", " + info.GoVersion
	}
	return text
}
