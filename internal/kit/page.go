package kit

import (
	"cmp"
	"context"
	"encoding/base64"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"

	"memberportal/internal/store"
)

// DefaultPage and MaxPage bound first and last.
const (
	DefaultPage = 20
	MaxPage     = 100
)

// OrderDirection says whether a listing is ascending or descending.
type OrderDirection string

// The directions.
const (
	Ascending  OrderDirection = "ASC"
	Descending OrderDirection = "DESC"
)

// OrderDirections lists both directions, as the schema's enum does.
var OrderDirections = []OrderDirection{Ascending, Descending}

// PageArgs are the arguments of a Relay connection; nil if they were left out.
type PageArgs struct {
	First, Last   *int
	After, Before *string
}

// Edge is one item of a list with its cursor.
type Edge[T any] struct {
	Cursor string
	Node   T
}

// PageInfo says whether there are more items, and has the cursors of the first and last item of the page, nil if
// it is empty.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

// Connection is a page of a list. Count counts the items of all pages.
type Connection[T any] struct {
	Edges    []Edge[T]
	PageInfo PageInfo
	Count    func(context.Context) (int64, error)
}

// Nodes returns the items without their cursors.
func (c *Connection[T]) Nodes() []T {
	nodes := make([]T, len(c.Edges))
	for i, e := range c.Edges {
		nodes[i] = e.Node
	}
	return nodes
}

// TotalCount counts the items of all pages. It costs a store call, made only when the client asks for it.
func (c *Connection[T]) TotalCount(ctx context.Context) (*int64, error) {
	n, err := c.Count(ctx)
	return &n, err
}

// window is the part of a list that page arguments ask for: how many items, from which end, between which tokens.
type window struct {
	limit         int
	fromEnd       bool
	after, before string
}

const (
	cursorPurpose = "cursor 2 "
	maxCursor     = 2000 // characters
	maxPlace      = 600  // bytes of a title or its sorting key in a token
)

// SortKey cuts a title or its sorting key, so that cursors stay short. The id after it distinguishes titles that
// are the same once cut.
func SortKey(s string) string { return strings.ToValidUTF8(s[:min(len(s), maxPlace)], "") }

// cursor seals a token of a listing. A token may hold an id, a time or a position that the client may not know.
func (s *Sealer) cursor(listing, token string) string {
	return base64.RawURLEncoding.EncodeToString(s.seal(cursorPurpose+listing, token))
}

// parseCursor returns the token of a cursor of this listing, BAD_USER_INPUT for any other text. nil gives an
// empty token.
func (s *Sealer) parseCursor(listing string, c *string) (string, error) {
	if c == nil {
		return "", nil
	}
	if len(*c) <= maxCursor {
		raw, err := base64.RawURLEncoding.DecodeString(*c)
		if token, ok := s.open(cursorPurpose+listing, raw); err == nil && ok && token != "" {
			return token, nil
		}
	}
	return "", Refuse(BadUserInput, "badCursor", nil)
}

func (a PageArgs) window(s *Sealer, listing string) (w window, err error) {
	size, name := a.First, "first"
	if a.Last != nil {
		if a.First != nil {
			return w, Refuse(BadUserInput, "firstAndLast", nil)
		}
		size, name, w.fromEnd = a.Last, "last", true
	}
	if w.limit = DefaultPage; size != nil {
		w.limit = *size
	}
	if w.limit < 1 || w.limit > MaxPage {
		return w, Refuse(BadUserInput, "badPageSize", map[string]string{"argument": name, "max": strconv.Itoa(MaxPage)})
	}
	if w.after, err = s.parseCursor(listing, a.After); err != nil {
		return w, err
	}
	w.before, err = s.parseCursor(listing, a.Before)
	return w, err
}

// narrow limits the window to a range of the listing. A cursor from outside the range that would widen it is
// ignored. The returned bounds are ascending, as the listing is, whatever the order asked for.
func (w *window) narrow(within store.Bounds, descending bool) store.Bounds {
	low, high := &w.after, &w.before
	if descending {
		low, high = high, low
	}
	if *low <= within.After {
		*low = ""
	}
	if within.Before != "" && *high >= within.Before {
		*high = ""
	}
	return store.Bounds{After: cmp.Or(*low, within.After), Before: cmp.Or(*high, within.Before)}
}

// PageOf reads a page of a range of a store listing, in the order asked for. Cursors and the total count do not
// leave the range.
func PageOf[T any](ctx context.Context, s *Sealer, c store.Collection[T], q store.Query, within store.Bounds, descending bool, args PageArgs) (*Connection[*T], error) {
	plan, err := c.Plan(q)
	if err != nil {
		return nil, err
	}
	listing := plan.Listing()
	w, err := args.window(s, listing)
	if err != nil {
		return nil, err
	}
	r := store.Range{Bounds: w.narrow(within, descending), Backward: w.fromEnd != descending, Limit: w.limit}
	page, err := c.Page(ctx, plan, r)
	if err != nil {
		return nil, err
	}
	count := func(ctx context.Context) (int64, error) { return c.Count(ctx, plan, within) }
	return connect(s, page.Docs, page.Tokens, page.More, listing, w, count), nil
}

// connect makes a connection from rows that were read from the end that the window names.
func connect[T any](s *Sealer, items []T, tokens []string, more bool, listing string, w window, count func(context.Context) (int64, error)) *Connection[T] {
	c := &Connection[T]{Edges: make([]Edge[T], len(items)), Count: count}
	for i, item := range items {
		c.Edges[i] = Edge[T]{s.cursor(listing, tokens[i]), item}
	}
	// A cursor comes from this list, so at least its own item is on the other side of it.
	c.PageInfo = PageInfo{HasNextPage: more, HasPreviousPage: w.after != ""}
	if w.fromEnd {
		slices.Reverse(c.Edges)
		c.PageInfo = PageInfo{HasNextPage: w.before != "", HasPreviousPage: more}
	}
	if n := len(c.Edges); n > 0 {
		c.PageInfo.StartCursor, c.PageInfo.EndCursor = &c.Edges[0].Cursor, &c.Edges[n-1].Cursor
	}
	return c
}

// PageOfMemory pages through a bounded list in memory, sorted by its tokens.
func PageOfMemory[T any](s *Sealer, items []T, token func(T) string, listing string, descending bool, args PageArgs) (*Connection[T], error) {
	w, err := args.window(s, listing)
	if err != nil {
		return nil, err
	}
	items = slices.Clone(items)
	sort.Slice(items, func(i, j int) bool { return (token(items[i]) < token(items[j])) != descending })
	total := int64(len(items))
	items = slices.DeleteFunc(items, func(item T) bool {
		t := token(item)
		if descending {
			return w.after != "" && t >= w.after || w.before != "" && t <= w.before
		}
		return w.after != "" && t <= w.after || w.before != "" && t >= w.before
	})
	if w.fromEnd {
		slices.Reverse(items)
	}
	more := len(items) > w.limit
	items = items[:min(len(items), w.limit)]
	tokens := make([]string, len(items))
	for i, item := range items {
		tokens[i] = token(item)
	}
	return connect(s, items, tokens, more, listing, w, func(context.Context) (int64, error) { return total, nil }), nil
}

// EachOf calls take for all documents of which a key has one of some values and whose other keys are as where says. For each
// store.MaxStreams combinations of values it makes a call.
func EachOf[T any](ctx context.Context, c store.Collection[T], key string, values []ID, where store.Where, sort string, take func(*T)) error {
	most := store.MaxStreams
	for _, of := range where {
		most /= len(of)
	}
	for some := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(values))), most) {
		narrowed := store.Where{key: Strings(some)}
		maps.Copy(narrowed, where)
		err := EachPage(ctx, c, store.Query{Any: []store.Where{narrowed}, Sort: sort}, store.MaxLimit-1, func(page []*T) error {
			for _, x := range page {
				take(x)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// EachPage calls take for all documents of a query, page by page.
func EachPage[T any](ctx context.Context, c store.Collection[T], q store.Query, size int, take func([]*T) error) error {
	return EachWithin(ctx, c, q, store.Bounds{}, size, take)
}

// EachWithin calls take for the documents in a range of a listing, page by page. take may write them.
func EachWithin[T any](ctx context.Context, c store.Collection[T], q store.Query, within store.Bounds, size int, take func([]*T) error) error {
	plan, err := c.Plan(q)
	if err != nil {
		return err
	}
	for r := (store.Range{Bounds: within, Limit: size}); ; {
		page, err := c.Page(ctx, plan, r)
		if err != nil {
			return err
		}
		if err := take(page.Docs); err != nil || !page.More {
			return err
		}
		r.After = page.Tokens[len(page.Tokens)-1]
	}
}

// EveryPage calls take for all items of a connection that the caller may see, page by page.
func EveryPage[T any](list func(PageArgs) (*Connection[T], error), take func([]T)) error {
	for args := (PageArgs{First: new(MaxPage)}); ; {
		page, err := list(args)
		if err != nil {
			return err
		}
		if take(page.Nodes()); !page.PageInfo.HasNextPage {
			return nil
		}
		args.After = page.PageInfo.EndCursor
	}
}
