package kit

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/store"
)

// Likeness returns a key that names of the same organisation are likely to share: a hash of their words in any
// order, without legal forms and dots. It is hashed because a key may be shorter than a name; it is nil for a
// name without words.
func Likeness(name string) []string {
	all := Words(strings.NewReplacer(".", "", "'", "", "’", "").Replace(name))
	telling := slices.DeleteFunc(slices.Clone(all), func(w string) bool { return slices.Contains(legalForms, w) })
	switch {
	case len(all) == 0:
		return nil
	case len(telling) == 0:
		telling = all
	}
	return []string{Hash(telling...)}
}

// Likely reads the documents that have one of the keys that Likeness returned.
func Likely[T any](ctx context.Context, c store.Collection[T], keys []string) ([]*T, error) {
	plan, err := c.Plan(store.Query{Any: []store.Where{{"likeness": keys}}})
	if err != nil {
		return nil, err
	}
	page, err := c.Page(ctx, plan, store.Range{Limit: store.MaxLimit - 1})
	return page.Docs, err
}

// legalForms are words for the legal form of an organisation, which do not tell it from others.
var legalForms = strings.Fields(`ab ag as asbl bhd bv company co corp corporation eurl gmbh inc incorporated kg limited llc llp ltd ltda
	nv oao ooo oy oyj pjsc plc proprietary pte pty pvt sa sae sal saoc saog sarl sas sdn spa srl zao ао ооо пао зао`)
