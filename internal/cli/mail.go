package cli

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"memberportal/internal/config"
	"memberportal/internal/kit"
	"memberportal/internal/mail"
	"memberportal/internal/portal"
	"memberportal/internal/web"
)

const (
	// deliverEvery is how often messages that are due are looked for.
	deliverEvery = 3 * time.Second
	// deliverPause is how long a server that cannot be reached is left alone at most. A code waits no longer for a server
	// that is back.
	deliverPause = time.Minute
)

// sender hands one message over.
type sender func(context.Context, kit.Mail) error

// encryptions are the configuration's words for them.
var encryptions = map[string]mail.Encryption{config.StartTLS: mail.StartTLS, config.TLS: mail.ImplicitTLS, config.NoTLS: mail.NoTLS}

// newSender is who carries messages: a server, in development else a folder, in production else
// nobody (nil), which is said.
func newSender(c config.Serve, log *slog.Logger) (sender, error) {
	layout := mail.Layout{Organisation: c.Organisation(c.Store), Address: c.OrganisationAddress}
	if c.SMTPHost != "" {
		from, err := c.From()
		if err != nil {
			return nil, err
		}
		password, err := c.Password()
		if err != nil {
			return nil, err
		}
		return mail.SMTP{Host: c.SMTPHost, Port: c.Port(), Encryption: encryptions[c.Encryption()], User: c.SMTPUser, Password: password, From: from, Layout: layout}.Send, nil
	}
	if c.Production() {
		log.Warn("no --smtp-host: messages to persons stay queued")
		return nil, nil
	}
	folder, err := mail.OpenFolder(c.Outbox(c.Store), layout)
	if err != nil {
		return nil, err
	}
	return folder.Send, nil
}

// delivering hands messages over in the background until the context ends or it is stopped. stop waits
// for the message that is being sent, as long as for running requests.
func delivering(ctx context.Context, p *portal.Portal, send sender, front *web.Front, log *slog.Logger) (stop func()) {
	if send == nil {
		return func() {}
	}
	return inBackground(ctx, func(ctx context.Context) { deliver(ctx, p, send, front, log) })
}

// inBackground runs work until the context ends or it is stopped. stop waits for it, as long as for running requests.
func inBackground(ctx context.Context, work func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		work(ctx)
	}()
	return func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(drain):
		}
	}
}

// tellingPending tells registrants of events, every few seconds, what a change of the event left to be told, until the
// context ends or it is stopped. What another process left is told too.
func tellingPending(ctx context.Context, p *portal.Portal, log *slog.Logger) (stop func()) {
	return inBackground(ctx, func(ctx context.Context) {
		for {
			if err := p.TellPending(ctx); err != nil && ctx.Err() == nil {
				log.Warn("registrants not told", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(deliverEvery):
			}
		}
	})
}

// deliver looks for messages every few seconds, and when this process has queued one. How many were sent, and why
// others were not, is logged and counted; to whom is not.
func deliver(ctx context.Context, p *portal.Portal, send sender, front *web.Front, log *slog.Logger) {
	pause := deliverEvery
	for {
		sent, err := p.Deliver(ctx, send)
		if sent > 0 {
			log.Info("messages sent", "count", sent)
		}
		if err != nil && ctx.Err() == nil {
			log.Warn("messages not sent", "error", err)
		}
		unsent, _ := errors.AsType[*kit.Undelivered](err)
		front.Mailed(sent, unsent)
		posted := p.Posted()
		if pause = pauseAfter(pause, sent, unsent); pause > deliverEvery {
			posted = nil // a message more changes nothing
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		case <-posted:
		}
	}
}

// pauseAfter is how long a process waits after a round: twice as long each time that the server could not be reached, so
// that it is not besieged, up to deliverPause, and else deliverEvery.
func pauseAfter(last time.Duration, sent int, unsent *kit.Undelivered) time.Duration {
	if sent > 0 || unsent == nil || unsent.Later[kit.MailUnreachable]+unsent.Failed[kit.MailUnreachable] == 0 {
		return deliverEvery
	}
	return min(2*last, deliverPause)
}
