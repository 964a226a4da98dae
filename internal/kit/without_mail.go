package kit

import "context"

type withoutMailKey struct{}

// WithoutMail marks work of which nobody gets mail, such as the loading of a past that is made up. Notifications are kept
// all the same, so that the past can be read in the portal.
func WithoutMail(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutMailKey{}, true)
}

func withoutMail(ctx context.Context) bool {
	yes, _ := ctx.Value(withoutMailKey{}).(bool)
	return yes
}
