package kit

import (
	"context"
	"maps"
)

// Node is an object with a global id.
type Node interface{ IsNode() }

// NodeReader returns the objects with these ids in the same order, nil for those that do not exist or that the
// caller may not see. All reading by id goes through it, so that rights are checked in one place.
type NodeReader func(ctx context.Context, ids []ID) ([]Node, error)

// NodeService finds objects of any type by their ids.
type NodeService struct{ readers map[string]NodeReader }

// Prefixes returns the id prefixes that can be read. A test uses it to check that none is missing.
func (s *NodeService) Prefixes() []string {
	prefixes := make([]string, 0, len(s.readers))
	for p := range s.readers {
		prefixes = append(prefixes, p)
	}
	return prefixes
}

// ByIDs reads objects of any types, with one store call for each type. An object that does not exist, or that the
// caller may not see, is nil.
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

// Get reads one object, nil if it does not exist or the caller may not see it.
func (s *NodeService) Get(ctx context.Context, id ID) (Node, error) {
	nodes, err := s.ByIDs(ctx, []ID{id})
	if err != nil {
		return nil, err
	}
	return nodes[0], nil
}

// One reads a single object through the reader of its type, nil without an error if there is none.
func One[T any](ctx context.Context, read func(context.Context, []ID) ([]*T, error), id ID) (*T, error) {
	found, err := read(ctx, []ID{id})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// AsNodes turns documents of a type into nodes; nil stays nil.
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

// NewNodeService makes the service from readers by the prefix of their ids.
func NewNodeService(readers ...map[string]NodeReader) *NodeService {
	s := &NodeService{readers: map[string]NodeReader{}}
	for _, of := range readers {
		maps.Copy(s.readers, of)
	}
	return s
}
