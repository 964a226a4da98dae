package browser

import (
	"html/template"
	"net/http"
	"strings"

	"memberportal/internal/kit"
)

// page is what a person sees between the issuer and the portal.
type page struct {
	status int
	text   string
	// path is where the person goes on, and moves says that the page goes there by itself.
	path  string
	moves bool
}

// layout needs no script and no style, so that the policy of all answers holds for it.
var layout = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="{{.Language}}" dir="{{.Direction}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
</head>
<body>
<main>
<h1>{{.Title}}</h1>
<p>{{.Text}}</p>
<p><a href="{{.Path}}">{{.GoOn}}</a></p>
</main>
</body>
</html>
`))

// show answers with a page in the language of the request.
func (b *Browser) show(w http.ResponseWriter, r *http.Request, p page) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept-Language")
	if p.moves {
		h.Set("Refresh", "0; url="+p.path)
	}
	w.WriteHeader(p.status)
	l := kit.LocaleOf(r.Context())
	direction := "ltr"
	if l == kit.Arabic {
		direction = "rtl"
	}
	err := layout.Execute(w, map[string]string{
		"Language": strings.ToLower(string(l)), "Direction": direction, "Title": b.say("signIn.title", r), "Text": p.text, "Path": p.path, "GoOn": b.say("signIn.goOn", r),
	})
	if err != nil {
		b.Log.InfoContext(r.Context(), "writing a page", "error", err)
	}
}

// say is a message in the language of the request.
func (b *Browser) say(key string, r *http.Request) string {
	return kit.Message(kit.LocaleOf(r.Context()), key, nil)
}
