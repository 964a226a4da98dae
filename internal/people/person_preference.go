package people

import (
	"slices"

	"memberportal/internal/kit"
)

// NotificationDelivery says when notifications of a kind are mailed.
type NotificationDelivery string

// When notifications are mailed. Each can be read in the portal all the same.
const (
	NotifyAtOnce NotificationDelivery = "AT_ONCE"
	NotifyDaily  NotificationDelivery = "DAILY_DIGEST"
	NotifyNever  NotificationDelivery = "NEVER"
)

// NotificationDeliveries lists every value; Valid accepts no other.
var NotificationDeliveries = []NotificationDelivery{NotifyAtOnce, NotifyDaily, NotifyNever}

// Valid refuses a value that is not in NotificationDeliveries.
func (v NotificationDelivery) Valid() error {
	return kit.CheckOneOf(v, NotificationDeliveries, "notification delivery")
}

// NotificationPreference says when a person gets notifications of a kind by mail.
type NotificationPreference struct {
	Kind     kit.NotificationKind `bson:"kind"`
	Delivery NotificationDelivery `bson:"delivery"`
}

// Owed says that the kind is always mailed at once.
func (p NotificationPreference) Owed() bool { return p.Kind.Owed() }

// Delivery returns when the person gets notifications of a kind by mail: at once, unless it chose otherwise.
func (p *Person) Delivery(kind kit.NotificationKind) NotificationDelivery {
	if kind.Owed() {
		return NotifyAtOnce
	}
	for _, c := range p.Preferences {
		if c.Kind == kind {
			return c.Delivery
		}
	}
	return NotifyAtOnce
}

// choose sets when the person gets notifications of a kind, and says whether that changes anything.
func (p *Person) choose(c NotificationPreference) bool {
	if p.Delivery(c.Kind) == c.Delivery {
		return false
	}
	p.Preferences = slices.DeleteFunc(p.Preferences, func(old NotificationPreference) bool { return old.Kind == c.Kind })
	if c.Delivery != NotifyAtOnce {
		p.Preferences = append(p.Preferences, c)
	}
	return true
}

// everyPreference are those for every kind.
func (p *Person) everyPreference() []NotificationPreference {
	return kit.Map(kit.NotificationKinds, func(kind kit.NotificationKind) NotificationPreference {
		return NotificationPreference{kind, p.Delivery(kind)}
	})
}
