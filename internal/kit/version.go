package kit

import "context"

// The versions of records are for those who may change them, because a change must name the version that
// it saw. A version also moves with what others may not know, so that for them it is nil.

// ShownVersion is a version for who may change the record, nil for others.
func ShownVersion(version *int64, may bool) *int64 {
	if !may {
		return nil
	}
	return version
}

// KeptBySecretariat is a version that SECRETARIAT alone has a use for.
func KeptBySecretariat(ctx context.Context, version *int64) *int64 {
	return ShownVersion(version, ActorOf(ctx).Has(RoleSecretariat))
}
