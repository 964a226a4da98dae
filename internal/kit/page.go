package kit

import (
	"cmp"
	"context"
	"encoding/base64"
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

// OrderDirection turns an order round.
type OrderDirection string

// The directions.
const (
	Ascending  OrderDirection = "ASC"
	Descending OrderDirection = "DESC"
)

// OrderDirections are both.
var OrderDirections = []OrderDirection{Ascending, Descending}

// PageArgs are the arguments of a Relay connection.
type PageArgs struct {
	First, Last   *int
	After, Before *string
}

// Edge is one item of a list with its cursor.
type Edge[T any] struct {
	Cursor string
	Node   T
}

// PageInfo says whether there is more, and where this page begins and ends.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

// Connection is a page of a list.
type Connection[T any] struct {
	Edges    []Edge[T]
	PageInfo PageInfo
	Count    func(context.Context) (int64, error)
}

// Nodes are the items without their cursors.
func (c *Connection[T]) Nodes() []T {
	nodes := make([]T, len(c.Edges))
	for i, e := range c.Edges {
		nodes[i] = e.Node
	}
	return nodes
}

// TotalCount is how many items there are on all pages. It is counted only when it is asked for.
func (c *Connection[T]) TotalCount(ctx context.Context) (*int64, error) {
	n, err := c.Count(ctx)
	return &n, err
}

// window is what page arguments ask of a list in its order: how many, from which end, between which
// tokens.
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

// SortKey cuts a title or its sorting key, so that a cursor stays short; the id behind it tells apart
// what is cut alike.
func SortKey(s string) string { return strings.ToValidUTF8(s[:min(len(s), maxPlace)], "") }

// cursor is a token of a listing, sealed: it may hold an id, a time or a position that whoever carries it
// may not know.
func (s *Sealer) cursor(listing, token string) string {
	return base64.RawURLEncoding.EncodeToString(s.seal(cursorPurpose+listing, token))
}

// parseCursor gives the token of a cursor that this listing made, BAD_USER_INPUT for any other.
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

// narrow puts the window, whose cursors may come from anywhere in the listing, into a stretch of it.
// A cursor from outside that would widen the stretch is dropped: it cuts nothing off. The bounds are
// the listing's, ascending whatever the order asked for.
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

// PageOf reads a page of a stretch of a store listing, in the order asked for. The stretch is all
// there is to the connection: its cursors and its total count keep to it.
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

// connect makes a connection of rows that were read from the end the window says.
func connect[T any](s *Sealer, items []T, tokens []string, more bool, listing string, w window, count func(context.Context) (int64, error)) *Connection[T] {
	c := &Connection[T]{Edges: make([]Edge[T], len(items)), Count: count}
	for i, item := range items {
		c.Edges[i] = Edge[T]{s.cursor(listing, tokens[i]), item}
	}
	// A cursor came from this list, so on the side that it cuts off there is at least its own item.
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

// PageOfMemory pages through a bounded noun that is kept in memory, sorted by its tokens.
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

// EachPage hands all documents of a query to take, page by page.
func EachPage[T any](ctx context.Context, c store.Collection[T], q store.Query, size int, take func([]*T) error) error {
	return EachWithin(ctx, c, q, store.Bounds{}, size, take)
}

// EachWithin hands the documents of a stretch of a listing to take, page by page. Take may write them.
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

// EveryPage hands all that a connection has for the caller to take, page by page.
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
