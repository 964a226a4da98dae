package pages_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"memberportal/internal/kit"
	"memberportal/internal/pages"
)

var names = []string{"/invitation", "/registration", "/guest", "/sign-in", "/notifications", "/unsubscribe", "/applications/x", "/events", "/consultations", "/member"}

// get asks for a page in a language.
func get(t *testing.T, o pages.Options, path string, l kit.Locale) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(kit.WithLocale(t.Context(), l), http.MethodGet, path, nil)
	w := httptest.NewRecorder()
	pages.Handler(o).ServeHTTP(w, r)
	return w
}

// elements are all elements of a page.
func elements(t *testing.T, page string) (all []*html.Node) {
	t.Helper()
	root, err := html.ParseWithOptions(strings.NewReader(page), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			all = append(all, n)
		}
	}
	return all
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func TestEveryPageIsClosedToWhatIsNotItsOwn(t *testing.T) {
	for _, path := range append(slices.Clone(names), "/pages/link.js", "/pages/portal.css") {
		w := get(t, pages.Options{}, path, kit.English)
		for key, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
			"Referrer-Policy":         "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		} {
			if got := w.Header().Get(key); got != want {
				t.Errorf("%s: %s is %q", path, key, got)
			}
		}
	}
	if w := get(t, pages.Options{}, "/pages/none.js", kit.English); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
}

func TestEveryPageIsInSixLanguagesAndWellFormed(t *testing.T) {
	tags := map[kit.Locale]string{kit.Arabic: "ar", kit.English: "en", kit.Spanish: "es", kit.French: "fr", kit.Russian: "ru", kit.Chinese: "zh"}
	seen := map[string]bool{}
	for _, path := range names {
		for _, l := range kit.Locales {
			w := get(t, pages.Options{OrganisationAccount: true}, path, l)
			if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/html; charset=utf-8" || w.Header().Get("Content-Language") != tags[l] {
				t.Fatalf("%s in %s: %d %v", path, l, w.Code, w.Header())
			}
			if seen[w.Body.String()] {
				t.Errorf("%s in %s is like another page", path, l)
			}
			seen[w.Body.String()] = true
			ids, labels := map[string]bool{}, map[string]bool{}
			for _, n := range elements(t, w.Body.String()) {
				switch id := attribute(n, "id"); {
				case id != "" && ids[id]:
					t.Errorf("%s: two elements are %q", path, id)
				case id != "":
					ids[id] = true
				}
				for _, a := range n.Attr {
					if strings.HasPrefix(a.Key, "on") || a.Key == "style" || (a.Key == "src" || a.Key == "href") && !regexp.MustCompile(`^(\./|[a-z/.?=#-]+)$`).MatchString(a.Val) || strings.HasPrefix(a.Val, "/") {
						t.Errorf("%s: %s=%q", path, a.Key, a.Val)
					}
				}
				text := ""
				if n.FirstChild != nil {
					text = strings.TrimSpace(n.FirstChild.Data)
				}
				switch n.Data {
				case "html":
					if dir := map[bool]string{true: "rtl", false: "ltr"}[l == kit.Arabic]; attribute(n, "lang") != tags[l] || attribute(n, "dir") != dir {
						t.Errorf("%s in %s: %v", path, l, n.Attr)
					}
				case "script":
					if attribute(n, "src") == "" || n.FirstChild != nil {
						t.Errorf("%s: a script stands in the page", path)
					}
				case "style":
					t.Errorf("%s: a style stands in the page", path)
				case "label":
					labels[attribute(n, "for")] = true
				case "input":
					if !labels[attribute(n, "id")] {
						t.Errorf("%s: %q has no label ahead of it", path, attribute(n, "id"))
					}
				case "h1", "title", "button", "a", "dt", "li":
					if text == "" {
						t.Errorf("%s in %s: an empty %s %v", path, l, n.Data, n.Attr)
					}
				}
			}
		}
	}
}

func TestAnAccountOfAnOrganisationIsOfferedOnlyWhereThereIsOne(t *testing.T) {
	for _, there := range []bool{false, true} {
		if got := strings.Contains(get(t, pages.Options{OrganisationAccount: there}, "/sign-in", kit.English).Body.String(), "sign-in/oidc/start?return=/"); got != there {
			t.Errorf("offered %v, there %v", got, there)
		}
	}
}

// TestScriptsAreSmallAndUseWhatThePagesHave also holds that no script writes markup or keeps anything.
func TestScriptsAreSmallAndUseWhatThePagesHave(t *testing.T) {
	shared, err := os.ReadFile("link.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range names {
		file := strings.TrimPrefix(path, "/") + ".js"
		switch {
		case path == "/applications/x":
			file = "record.js"
		case slices.Contains(kit.ListPaths, path):
			file = "list.js"
		}
		own, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		script, ids := string(own), map[string]bool{}
		if n := strings.Count(script+string(shared), "\n"); n > 240 {
			t.Errorf("%s: %d lines of script", path, n)
		}
		for _, n := range elements(t, get(t, pages.Options{OrganisationAccount: true}, path, kit.English).Body.String()) {
			ids[attribute(n, "id")] = true
		}
		if strings.Contains(script, "answerLink") {
			script += string(shared)
		}
		if strings.Contains(script, "applicantSignsIn") {
			applicant, err := os.ReadFile("applicant.js")
			if err != nil {
				t.Fatal(err)
			}
			script += string(applicant)
		}
		for _, m := range regexp.MustCompile(`(?:show|part|step)\('([a-z-]+)'`).FindAllStringSubmatch(script, -1) {
			if !ids[m[1]] && (m[1] != "signed-in" || path != "/registration") {
				t.Errorf("%s has no element %q", path, m[1])
			}
		}
		for _, not := range []string{"innerHTML", "localStorage", "sessionStorage", "eval(", "document.cookie", "document.write"} {
			if strings.Contains(script, not) {
				t.Errorf("%s: %s", path, not)
			}
		}
	}
}
