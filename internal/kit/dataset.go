package kit

import "context"

// Dataset distinguishes real records from made-up ones. Every answer that uses DEMONSTRATION records says so.
type Dataset string

// A record is RECORDED if it is real, DEMONSTRATION if it was made up for a demonstration.
const (
	Recorded      Dataset = "RECORDED"
	Demonstration Dataset = "DEMONSTRATION"
)

// Datasets lists both values; Valid accepts no other.
var Datasets = []Dataset{Recorded, Demonstration}

// Valid refuses a value that is not in Datasets.
func (v Dataset) Valid() error { return CheckOneOf(v, Datasets, "dataset") }

type datasetKey struct{}

// AsDemonstration returns a context whose new records are marked as made up. The seed uses it.
func AsDemonstration(ctx context.Context) context.Context {
	return context.WithValue(ctx, datasetKey{}, Demonstration)
}

// DatasetOf returns the dataset of new records, RECORDED if the context does not say.
func DatasetOf(ctx context.Context) Dataset {
	if d, ok := ctx.Value(datasetKey{}).(Dataset); ok {
		return d
	}
	return Recorded
}
