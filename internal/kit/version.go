package kit

import "context"

// A version is shown only to callers who may change the record, because a change must name the version
// that it saw. Others get nil: a version also goes up when a field changes that they may not see.

// ShownVersion returns the version if the caller may change the record, nil if not.
func ShownVersion(version *int64, may bool) *int64 {
	if !may {
		return nil
	}
	return version
}

// KeptBySecretariat returns the version of a record that only SECRETARIAT changes, nil for others.
func KeptBySecretariat(ctx context.Context, version *int64) *int64 {
	return ShownVersion(version, ActorOf(ctx).Has(RoleSecretariat))
}
