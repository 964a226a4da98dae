package kit

import "context"

// Dataset tells real records from made-up ones. Every answer made from DEMONSTRATION records says
// so.
type Dataset string

// Records are recorded, or made up for a demonstration.
const (
	Recorded      Dataset = "RECORDED"
	Demonstration Dataset = "DEMONSTRATION"
)

// Datasets are both.
var Datasets = []Dataset{Recorded, Demonstration}

// Valid refuses what is none of Datasets.
func (v Dataset) Valid() error { return CheckOneOf(v, Datasets, "dataset") }

type datasetKey struct{}

// AsDemonstration marks what is recorded with this context as made up. Only the seed uses it.
func AsDemonstration(ctx context.Context) context.Context {
	return context.WithValue(ctx, datasetKey{}, Demonstration)
}

// DatasetOf is the data set of what is recorded with a context.
func DatasetOf(ctx context.Context) Dataset {
	if d, ok := ctx.Value(datasetKey{}).(Dataset); ok {
		return d
	}
	return Recorded
}
