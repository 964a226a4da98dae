package config

import (
	"strings"
	"testing"
)

func TestTheAddressOfThePortalInLinksIsOne(t *testing.T) {
	for public, want := range map[string]string{
		"":                                    "http://127.0.0.1:8080",
		"https://members.example.org":         "https://members.example.org",
		"https://members.example.org/":        "https://members.example.org",
		"https://example.org/members":         "https://example.org/members",
		"https://example.org/members///":      "https://example.org/members",
		"http://localhost:8080":               "http://localhost:8080",
		"https://[2001:db8::1]:8443/":         "https://[2001:db8::1]:8443",
		"https://mitglieder.beispiel.example": "https://mitglieder.beispiel.example",
	} {
		s := Serve{Public: public, Listen: "127.0.0.1:8080"}
		if faults := s.publicFaults(); len(faults) > 0 || s.PublicURL() != want {
			t.Errorf("%q: %v, links begin with %q", public, faults, s.PublicURL())
		}
	}
	for _, public := range []string{
		"members.example.org", "//members.example.org", "ftp://members.example.org", "javascript:alert(1)", "https://", "https://:8443", "https:///path",
		"https://user:secret@members.example.org", "https://members.example.org?a=b", "https://members.example.org?", "https://members.example.org/#part",
		"https://members.example.org#", "https://members.example.org/a b", "https://members.example.org:port", "https://members example.org", "https://members.example.org/\n",
	} {
		s := Serve{Public: public}
		if faults := s.publicFaults(); len(faults) != 1 || !strings.Contains(faults[0].Error(), "--public-url") {
			t.Errorf("%q: %v", public, faults)
		}
	}
}
