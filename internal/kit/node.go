package kit

import (
	"context"
	"maps"
)

// Node is whatever has a global id.
type Node interface{ IsNode() }

// NodeReader gives the objects with these ids that the caller may see, in the ids' order, nil for the
// others. A type's reader is the only way to it by id, so that rights are checked in one place.
type NodeReader func(ctx context.Context, ids []ID) ([]Node, error)

// NodeService finds objects of any type by their ids.
type NodeService struct{ readers map[string]NodeReader }

// Prefixes are the id prefixes that can be read, for the test that misses none.
func (s *NodeService) Prefixes() []string {
	prefixes := make([]string, 0, len(s.readers))
	for p := range s.readers {
		prefixes = append(prefixes, p)
	}
	return prefixes
}

// ByIDs reads objects of any types with one store call for each type. What does not exist, and what
// the caller may not see, is nil.
func (s *NodeService) ByIDs(ctx context.Context, ids []ID) ([]Node, error) {
	byPrefix := map[string][]int{}
	for i, id := range ids {
		byPrefix[id.Prefix()] = append(byPrefix[id.Prefix()], i)
	}
	nodes := make([]Node, len(ids))
	for prefix, places := range byPrefix {
		read := s.readers[prefix]
		if read == nil {
			continue
		}
		wanted := make([]ID, len(places))
		for i, place := range places {
			wanted[i] = ids[place]
		}
		found, err := read(ctx, wanted)
		if err != nil {
			return nil, err
		}
		for i, place := range places {
			nodes[place] = found[i]
		}
	}
	return nodes, nil
}

// Get reads one object, nil if there is none that the caller may see.
func (s *NodeService) Get(ctx context.Context, id ID) (Node, error) {
	nodes, err := s.ByIDs(ctx, []ID{id})
	if err != nil {
		return nil, err
	}
	return nodes[0], nil
}

// One reads a single object of a type through its reader; nil without an error for none.
func One[T any](ctx context.Context, read func(context.Context, []ID) ([]*T, error), id ID) (*T, error) {
	found, err := read(ctx, []ID{id})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// AsNodes turns a type's documents into nodes, keeping nil as nil.
func AsNodes[T any, P interface {
	*T
	Node
}](docs []*T, err error) ([]Node, error) {
	nodes := make([]Node, len(docs))
	for i, d := range docs {
		if d != nil {
			nodes[i] = P(d)
		}
	}
	return nodes, err
}

// NewNodeService makes the service of readers by the prefix of their ids.
func NewNodeService(readers ...map[string]NodeReader) *NodeService {
	s := &NodeService{readers: map[string]NodeReader{}}
	for _, of := range readers {
		maps.Copy(s.readers, of)
	}
	return s
}
