package testkit

import (
	"context"
	"errors"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// fillHandOver puts an open hand-over into the store: man_OUTGOING, the focal point of mem_PENDING,
// proposed that man_INCOMING, a delegate, takes over on 2025-05-01. man_WAITING is another delegate.
func fillHandOver(ctx context.Context, s store.Store) error {
	const entity = "mem_PENDING"
	incoming := somebody("INCOMING", "Amélie Tremblay", entity)
	incoming.Locale = new(kit.French)
	outgoing := mandate("OUTGOING", entity, people.MandateFocalPoint, "2019-05-01")
	outgoing.HandOver = &people.HandOver{
		To: "man_INCOMING", Person: "usr_INCOMING", On: "2025-05-01", ProposedBy: "usr_OUTGOING", ProposedAt: "2025-03-28T09:00:00.000Z",
	}
	outgoing.History = []people.MandateEvent{{Kind: people.HandOverProposed, At: "2025-03-28T09:00:00.000Z", By: "usr_OUTGOING", On: "2025-05-01"}}
	mandates := []*people.Mandate{outgoing, mandate("INCOMING", entity, people.MandateDelegate, "2023-01-01"), mandate("WAITING", entity, people.MandateDelegate, "2024-01-01")}
	return errors.Join(
		people.PersonNoun.In(s).Insert(ctx, Holding(mandates, somebody("OUTGOING", "Samuel Okello", entity), incoming, somebody("WAITING", "Joan Nabirye", entity))...),
		people.MandateNoun.In(s).Insert(ctx, mandates...),
	)
}
