package report

import (
	_ "embed"
	"html/template"
	"io"
	"strings"

	"memberportal/internal/kit"
)

//go:embed page.html.tmpl
var pageText string

// pageTemplate escapes every text that it is given: a report can hold nothing that a browser takes for more.
var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"lower": strings.ToLower, "tag": tag}).Parse(pageText))

func (f *facts) html(w io.Writer) error { return pageTemplate.Execute(w, read(f)) }

// tag is a language as HTML names it.
func tag(l kit.Locale) string { return strings.ToLower(string(l)) }

// cited is a paragraph with the words that stand at its citations.
type cited struct {
	It          pageParagraph
	Rests, None string
}

// Cited gives the template a paragraph with the words that stand at its citations.
func (p *page) Cited(it pageParagraph) cited {
	return cited{it, p.Label("restsOn"), p.Label("none")}
}
