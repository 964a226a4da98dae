//go:build browser

package cli_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"memberportal/internal/kit"
	"memberportal/internal/mail"
)

// TestBrowserMails shows a message as a mail program does, wide and narrow, light and dark, and without any way to load
// something. The button is as large as a finger, and nothing sticks out at the side.
func TestBrowserMails(t *testing.T) {
	layout := mail.Layout{Organisation: "International Example Union", Address: "Place des Nations, 1211 Geneva 20"}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l := kit.Locale(strings.ToUpper(strings.Trim(r.URL.Path, "/")))
		if l.Valid() != nil {
			return // an icon is asked for
		}
		_, html, err := layout.Render(kit.Mail{
			ID: "out_1", Locale: l, Subject: kit.Message(l, "mail.applicationArrived.subject", nil),
			Body: kit.Message(l, "mail.applicationArrived.body", map[string]string{"name": "Nakato & Söhne GmbH", "application": "app_01JQMZ5X3W"}) +
				"\n\nhttps://members.example.org/a/very/long/path?with=" + strings.Repeat("x", 90),
			Action: kit.Message(l, "mail.layout.settings", nil), Link: "https://members.example.org/applications/app_01JQMZ5X3W",
			Settings: "https://members.example.org/settings", Unsubscribe: "https://members.example.org/unsubscribe#t",
		})
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		_, _ = w.Write([]byte(html))
	}))
	t.Cleanup(s.Close)
	v := open(t, s.URL+"/en")
	for _, l := range []string{"ar", "zh", "en"} {
		for _, scheme := range []string{"light", "dark"} {
			v.do(chromedp.EmulateViewport(900, 900), emulate(scheme), chromedp.Navigate(s.URL+"/"+l))
			v.until(`document.querySelector('.sheet').getBoundingClientRect().width <= 600`)
			v.until(`document.documentElement.lang === '` + l + `' && (document.documentElement.dir === 'rtl') === ('` + l + `' === 'ar')`)
			v.until(`document.querySelector('.button').getBoundingClientRect().height >= 44`)
			v.picture("mail-" + l + "-" + scheme + ".png")
			v.do(chromedp.EmulateViewport(360, 800), chromedp.Navigate(s.URL+"/"+l))
			v.until(`document.documentElement.scrollWidth <= 360`)
			v.picture("mail-" + l + "-" + scheme + "-narrow.png")
		}
	}
}

// emulate has pages ask for light or dark colours.
func emulate(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return err
	})
}
