package web

import "strings"

// The names by which browsers and systems are told from a User-Agent, each with what stands in it. Browsers also name
// others that they are like, so that the first that fits counts.
var (
	browsers = [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}}
	systems  = [][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}}
)

// device tells a person which of its devices a request is from, such as «Firefox on Linux». Of a program that is no
// browser it keeps the first word without a version; it is empty if there is none. Nothing relies on it, because
// everybody can send what they like.
func device(userAgent string) string {
	program, system := named(browsers, userAgent), named(systems, userAgent)
	if program == "" {
		program, _, _ = strings.Cut(userAgent, "/")
		program, _, _ = strings.Cut(program, " ")
		program = strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '-' || r == '.' || r == '_' {
				return r
			}
			return -1
		}, program)
		program = program[:min(len(program), 40)]
	}
	if program != "" && system != "" {
		return program + " on " + system
	}
	return program + system
}

func named(names [][2]string, userAgent string) string {
	for _, name := range names {
		if strings.Contains(userAgent, name[0]) {
			return name[1]
		}
	}
	return ""
}
