package web

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"memberportal/internal/kit"
)

// peer is who is at the other end of a request, as far as trusted proxies tell.
type peer struct {
	address netip.Addr
	https   bool
}

type peerKey struct{}

func peerOf(ctx context.Context) peer {
	p, _ := ctx.Value(peerKey{}).(peer)
	return p
}

// AddressOf is the address of a request's caller, invalid if it is not known.
func AddressOf(ctx context.Context) netip.Addr { return peerOf(ctx).address }

// SecureOf says whether the caller's own connection is encrypted.
func SecureOf(ctx context.Context) bool { return peerOf(ctx).https }

// located finds out who asks and keeps it in the request's context.
func (f *Front) located(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := f.locate(r)
		ctx := kit.WithDevice(context.WithValue(r.Context(), peerKey{}, p), device(r.UserAgent()))
		if p.address.IsValid() {
			ctx = kit.WithSource(ctx, network(p.address))
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// locate takes the connection's address, unless it is a trusted proxy's: then the rightmost address
// of the header that is not trusted, because everything to the left of it was written by whoever is
// there. What cannot be read ends the walk at the proxy that passed it on.
func (f *Front) locate(r *http.Request) peer {
	p := peer{https: r.TLS != nil}
	if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		p.address = at.Addr().Unmap().WithZone("")
	}
	if !f.trusted(p.address) {
		return p
	}
	hops, proto := f.hops(r.Header)
	p.https = p.https || strings.EqualFold(proto, "https")
	for _, hop := range slices.Backward(hops) {
		address, ok := parseHop(hop)
		if !ok {
			return p
		}
		p.address = address
		if !f.trusted(address) {
			return p
		}
	}
	return p
}

func (f *Front) trusted(a netip.Addr) bool {
	return a.IsValid() && slices.ContainsFunc(f.options.Proxies, func(n netip.Prefix) bool { return n.Contains(a) })
}

// hops are the addresses that the configured header names, and the protocol that the last proxy saw.
// The other header is ignored: a proxy that does not know it passes on what a caller made up.
func (f *Front) hops(h http.Header) (hops []string, proto string) {
	if !f.options.Forwarded {
		if all := strings.Split(strings.Join(h.Values("X-Forwarded-Proto"), ","), ","); len(all) > 0 {
			proto = strings.TrimSpace(all[len(all)-1])
		}
		list := strings.Join(h.Values("X-Forwarded-For"), ",")
		if strings.TrimSpace(list) == "" {
			return nil, proto
		}
		return strings.Split(list, ","), proto
	}
	for element := range strings.SplitSeq(strings.Join(h.Values("Forwarded"), ","), ",") {
		proto = ""
		for pair := range strings.SplitSeq(element, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			value = strings.Trim(strings.TrimSpace(value), `"`)
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "for":
				hops = append(hops, value)
			case "proto":
				proto = value
			}
		}
	}
	return hops, proto
}

// parseHop reads an address with or without a port, an IPv6 one in brackets or bare.
func parseHop(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if at, err := netip.ParseAddrPort(s); err == nil {
		return at.Addr().Unmap().WithZone(""), true
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return a.Unmap().WithZone(""), err == nil
}
