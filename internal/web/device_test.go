package web

import (
	"strings"
	"testing"
)

func TestADeviceIsNamedShortlyAndWithNothingThatSomebodyMadeUp(t *testing.T) {
	for agent, want := range map[string]string{
		"": "",
		"Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0":                                                                  "Firefox on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0":           "Edge on Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1": "Safari on iPhone",
		"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36":                   "Chrome on Android",
		"curl/8.9.1": "curl", "Go-http-client/1.1": "Go-http-client", "<script>alert(1)</script>": "scriptalert1", strings.Repeat("a", 5000): strings.Repeat("a", 40),
	} {
		if got := device(agent); got != want {
			t.Errorf("%.60s: %q, want %q", agent, got, want)
		}
	}
}
