package kit

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"memberportal/internal/store"
)

// SearchType is the type of a hit. A search can be limited to some of them.
type SearchType string

// The types that can be searched.
const (
	SearchEvents        SearchType = "EVENT"
	SearchMembers       SearchType = "MEMBER"
	SearchBenefits      SearchType = "BENEFIT"
	SearchStatements    SearchType = "LIAISON_STATEMENT"
	SearchConsultations SearchType = "CONSULTATION"
)

// SearchTypes lists every type, as the schema's enum does.
var SearchTypes = []SearchType{SearchBenefits, SearchConsultations, SearchEvents, SearchStatements, SearchMembers}

// The bounds of a search.
const (
	maxHits     = 1000 // hits of one word; with more, a word is common and its hits are not ranked
	maxWalk     = 2000 // documents that are read for one page of an unranked search
	MaxQuery    = 200  // characters of a query
	maxWords    = 10   // of a query
	minWord     = 2    // characters of a word; shorter ones do not narrow a search
	walkBatch   = 50
	searchOrder = "search"
)

// SearchResult is one hit.
type SearchResult struct {
	Type SearchType
	Node Node
	// Title is the hit's name in the caller's language.
	Title string
}

// SearchEdge is a hit with its cursor.
type SearchEdge = Edge[*SearchResult]

// SearchConnection is a page of hits. Ranked says that the best hits come first. A search with very many hits is
// not ranked: hits come in the order of each type's listing, and TotalCount is nil.
type SearchConnection struct {
	Edges      []SearchEdge
	PageInfo   PageInfo
	Ranked     bool
	TotalCount *int64
}

// Nodes returns the hits without their cursors.
func (c *SearchConnection) Nodes() []*SearchResult {
	nodes := make([]*SearchResult, len(c.Edges))
	for i, e := range c.Edges {
		nodes[i] = e.Node
	}
	return nodes
}

// hit is a document that may match, with the words of its titles and of its other public text.
type hit struct {
	SearchResult
	id         ID
	titles     []string // folded, in all languages; the one that is shown comes first
	titleWords []string
	otherWords []string
	// token is the hit's position, in a ranked search or in the noun's own order.
	token string
}

// Searchable is how a noun takes part in searches: probe finds ids by the beginning of a word, load reads
// documents by id, and walk reads documents in their own order.
type Searchable struct {
	kind  SearchType
	probe func(ctx context.Context, prefix string, limit int) ([]string, error)
	load  func(ctx context.Context, ids []string) ([]hit, error)
	walk  func(ctx context.Context, after string, limit int) (hits []hit, last string, more bool, err error)
}

// SearchService searches the public text of every noun that is Searchable.
type SearchService struct {
	sealer *Sealer
	in     []Searchable
}

// matches says whether the text has all words of the query. The last word may be the beginning of a longer one.
func (h hit) matches(query []string) bool {
	for i, w := range query {
		is := func(v string) bool { return v == w || i == len(query)-1 && strings.HasPrefix(v, w) }
		if !slices.ContainsFunc(h.titleWords, is) && !slices.ContainsFunc(h.otherWords, is) {
			return false
		}
	}
	return true
}

// rank is lower for a better hit: 0 if a title equals the query, 1 if a title begins with it, 2 if the titles
// have all its words, 3 for any other.
func (h hit) rank(folded string, query []string) int {
	switch {
	case slices.Contains(h.titles, folded):
		return 0
	case slices.ContainsFunc(h.titles, func(t string) bool { return strings.HasPrefix(t, folded) }):
		return 1
	case hit{titleWords: h.titleWords}.matches(query):
		return 2
	}
	return 3
}

// Search finds documents that have all words of the query; the last word may be the beginning of a longer one. A
// query without a word of two characters, or with too many words or characters, is BAD_USER_INPUT.
func (s *SearchService) Search(ctx context.Context, text string, types []SearchType, first *int, after *string) (*SearchConnection, error) {
	// The length is checked first, so that a very long query is not even folded.
	if utf8.RuneCountInString(text) > MaxQuery || len(strings.Fields(Fold(text))) > maxWords {
		return nil, Refuse(BadUserInput, "searchTooLong", map[string]string{"max": strconv.Itoa(maxWords)})
	}
	query := Split(text)
	if !slices.ContainsFunc(query, func(w string) bool { return len([]rune(w)) >= minWord }) {
		return nil, Refuse(BadUserInput, "searchTooShort", nil)
	}
	listing := searchOrder + "." + Hash(Fold(text), fmt.Sprint(types), string(LocaleOf(ctx)))[:12]
	w, err := PageArgs{First: first, After: after}.window(s.sealer, listing)
	if err != nil {
		return nil, err
	}
	var ranked []hit
	var common []Searchable
	for _, noun := range s.in {
		if types != nil && !slices.Contains(types, noun.kind) {
			continue
		}
		hits, few, err := noun.find(ctx, query)
		if err != nil {
			return nil, err
		}
		if ranked = append(ranked, hits...); !few {
			common = append(common, noun)
		}
	}
	return s.page(ctx, listing, w, Fold(text), query, ranked, common)
}

// find returns the hits of one noun. few is false, and there are no hits, if every word is in many documents.
func (s Searchable) find(ctx context.Context, query []string) (hits []hit, few bool, err error) {
	var least []string
	probed := 0
	for _, w := range query {
		// Chinese text has a word for every two characters, and the first ones narrow the search enough.
		if len([]rune(w)) < minWord || probed == maxWords {
			continue
		}
		probed++
		ids, err := s.probe(ctx, w, maxHits+1)
		if err != nil {
			return nil, false, err
		}
		if len(ids) <= maxHits && (!few || len(ids) < len(least)) {
			least, few = ids, true
		}
		if few && len(least) == 0 {
			return nil, true, nil
		}
	}
	if !few {
		return nil, false, nil
	}
	hits, err = s.load(ctx, least)
	return slices.DeleteFunc(hits, func(h hit) bool { return !h.matches(query) }), true, err
}

// page returns ranked hits first. Then it reads the nouns in which every word is common, in their order.
func (s *SearchService) page(ctx context.Context, listing string, w window, folded string, query []string, ranked []hit, common []Searchable) (*SearchConnection, error) {
	for i, h := range ranked {
		ranked[i].token = fmt.Sprintf("r%d\x1f%s\x1f%s", h.rank(folded, query), SortKey(h.titles[0]), h.id)
	}
	slices.SortFunc(ranked, func(a, b hit) int { return cmp.Compare(a.token, b.token) })
	c := &SearchConnection{Edges: []SearchEdge{}, Ranked: len(common) == 0}
	if c.Ranked {
		total := int64(len(ranked))
		c.TotalCount = &total
	}
	add := func(h hit, token string) {
		c.Edges = append(c.Edges, SearchEdge{Cursor: s.sealer.cursor(listing, token), Node: &h.SearchResult})
	}
	for _, h := range ranked {
		if h.token <= w.after {
			continue
		}
		if len(c.Edges) == w.limit {
			c.PageInfo.HasNextPage = true
			break
		}
		add(h, h.token)
	}
	end := ""
	if !c.PageInfo.HasNextPage && len(common) > 0 {
		var err error
		if end, c.PageInfo.HasNextPage, err = walkAll(ctx, common, w, query, func() int { return len(c.Edges) }, add); err != nil {
			return nil, err
		}
	}
	c.PageInfo.HasPreviousPage = w.after != ""
	if n := len(c.Edges); n > 0 {
		c.PageInfo.StartCursor, c.PageInfo.EndCursor = &c.Edges[0].Cursor, &c.Edges[n-1].Cursor
	}
	if end != "" { // reading went on after the last hit
		e := s.sealer.cursor(listing, end)
		c.PageInfo.EndCursor = &e
	}
	return c, nil
}

// walkAll reads nouns in their own order until the page is full or maxWalk documents were read. It returns the
// token of the last document and whether there may be more.
func walkAll(ctx context.Context, common []Searchable, w window, query []string, have func() int, add func(hit, string)) (end string, more bool, err error) {
	looked := 0
	for _, noun := range common {
		prefix := "w" + string(noun.kind) + "\x1f"
		if w.after >= prefix+"\U0010FFFF" {
			continue
		}
		from, _ := strings.CutPrefix(w.after, prefix)
		if !strings.HasPrefix(w.after, prefix) {
			from = ""
		}
		for {
			hits, last, more, err := noun.walk(ctx, from, walkBatch)
			if err != nil {
				return "", false, err
			}
			for _, h := range hits {
				if have() == w.limit || looked == maxWalk {
					return end, true, nil
				}
				looked++
				end = prefix + h.token
				if h.matches(query) {
					add(h, end)
				}
			}
			if from = last; !more {
				break
			}
		}
	}
	return end, false, nil
}

// NewSearchable lets searches find a noun:
//   - c is its collection, whose key "words" has the words by which documents are found;
//   - order is the listing in which documents are read if a search is not ranked;
//   - show sets the views of documents that were read together; a document that the caller may not see becomes
//     nil;
//   - search returns the id of a document, its titles with the shown one first, and its other public text.
func NewSearchable[T any, P interface {
	*T
	Node
}](kind SearchType, c store.Collection[T], order store.Query, show func(context.Context, []*T) error, search func(context.Context, *T) (id ID, titles, other []string)) Searchable {
	turn := func(ctx context.Context, d *T) hit {
		id, titles, other := search(ctx, d)
		h := hit{
			SearchResult: SearchResult{Type: kind, Node: P(d), Title: titles[0]}, id: id,
			titleWords: Words(titles...), otherWords: Words(other...),
		}
		for _, t := range titles {
			h.titles = append(h.titles, Fold(t))
		}
		return h
	}
	return Searchable{
		kind: kind,
		probe: func(ctx context.Context, prefix string, limit int) ([]string, error) {
			return c.Probe(ctx, "words", prefix, limit)
		},
		load: func(ctx context.Context, ids []string) ([]hit, error) {
			docs, err := c.Many(ctx, ids)
			if err == nil {
				err = show(ctx, docs)
			}
			var hits []hit
			for _, d := range docs {
				if d != nil {
					hits = append(hits, turn(ctx, d))
				}
			}
			return hits, err
		},
		walk: func(ctx context.Context, after string, limit int) ([]hit, string, bool, error) {
			plan, err := c.Plan(order)
			if err != nil {
				return nil, "", false, err
			}
			page, err := c.Page(ctx, plan, store.Range{Bounds: store.Bounds{After: after}, Limit: limit})
			if err == nil {
				err = show(ctx, page.Docs)
			}
			var hits []hit
			last := ""
			for i, d := range page.Docs {
				if last = page.Tokens[i]; d != nil {
					h := turn(ctx, d)
					h.token = last
					hits = append(hits, h)
				}
			}
			return hits, last, page.More, err
		},
	}
}

// NewSearchService makes the service. An unranked search reads the nouns in the order given.
func NewSearchService(c *Core, in ...Searchable) *SearchService {
	return &SearchService{sealer: c.Sealer, in: in}
}
