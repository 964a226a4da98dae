package transfer

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"slices"

	"memberportal/internal/applications"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/report"
)

// PaperPaths are what Papers answers, as patterns of http.ServeMux.
var PaperPaths = []string{"GET " + membership.InvoicePaper("{id}"), "GET " + membership.CreditNotePaper("{id}"), "GET " + applications.InvoicePaper("{id}")}

// Papers serves invoices and credit notes to print, in the language of the request or that of the parameter locale, such
// as AR: to whoever sees the invoice, and the joining invoice of an application to whoever sees that. For anybody else,
// and where there is no such document, it is 404.
func Papers(p *portal.Portal, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	serve := func(path string, read func(context.Context, kit.ID) (*membership.Invoice, *membership.Member, error), credit bool) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			i, m, err := read(r.Context(), kit.ID(r.PathValue("id")))
			if err != nil {
				fail(w, r, log, err)
				return
			}
			show(w, r, log, report.Paper{Invoice: i, Member: m, Language: languageOf(r), Organisation: p.Organisation}, credit)
		})
	}
	invoice := func(ctx context.Context, id kit.ID) (*membership.Invoice, *membership.Member, error) {
		return p.Invoices.Paper(ctx, id)
	}
	serve(PaperPaths[0], invoice, false)
	serve(PaperPaths[1], invoice, true)
	serve(PaperPaths[2], func(ctx context.Context, id kit.ID) (*membership.Invoice, *membership.Member, error) {
		return p.Applications.Paper(ctx, id)
	}, false)
	return mux
}

// languageOf is the language that a request asks for by its parameter, or else by its header.
func languageOf(r *http.Request) kit.Locale {
	if l := kit.Locale(r.URL.Query().Get("locale")); slices.Contains(kit.Locales, l) {
		return l
	}
	return kit.LocaleOf(r.Context())
}

// show answers with a document, which a browser shows and prints, and which runs nothing.
func show(w http.ResponseWriter, r *http.Request, log *slog.Logger, paper report.Paper, credit bool) {
	h := w.Header()
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	var page bytes.Buffer
	there, err := paper.Invoice != nil, error(nil)
	switch {
	case !there:
	case credit:
		there, err = report.CreditNote(&page, paper)
	default:
		err = report.Invoice(&page, paper)
	}
	switch {
	case err != nil:
		fail(w, r, log, err)
	case !there:
		http.NotFound(w, r)
	default:
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		_, _ = w.Write(page.Bytes()) // nobody is left to tell if the client is gone
	}
}
