package mongostore

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"memberportal/internal/store"
)

// Explain gives the stages of the server's winning plan for a page, such as IXSCAN and SORT_MERGE.
// Tests hold them against COLLSCAN and SORT.
func (s *Store) Explain(ctx context.Context, k *store.Kind, plan store.Plan, r store.Range) ([]string, error) {
	var names []string
	for _, b := range plan.Branches {
		f := pageFind(b, r)
		command := bson.D{
			{Key: "explain", Value: bson.D{
				{Key: "find", Value: k.Name}, {Key: "filter", Value: f.filter}, {Key: "sort", Value: f.sort},
				{Key: "limit", Value: int64(f.limit)}, {Key: "hint", Value: f.hint},
			}},
			{Key: "verbosity", Value: "queryPlanner"},
		}
		err := s.run(ctx, k, "explaining", func(*mongo.Collection) error {
			raw, err := s.db.RunCommand(ctx, command).Raw()
			names = append(names, stages(raw, false)...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return names, nil
}

// stages walks an answer of explain, which differs by version and by topology, and collects the
// names of stages inside of winning plans.
func stages(doc bson.Raw, inside bool) []string {
	var names []string
	elements, _ := doc.Elements()
	for _, e := range elements {
		if name, ok := e.Value().StringValueOK(); ok && inside && e.Key() == "stage" {
			names = append(names, name)
		}
		switch e.Value().Type {
		case bson.TypeEmbeddedDocument:
			names = append(names, stages(e.Value().Document(), inside || e.Key() == "winningPlan")...)
		case bson.TypeArray:
			names = append(names, stages(bson.Raw(e.Value().Array()), inside)...)
		}
	}
	return names
}
