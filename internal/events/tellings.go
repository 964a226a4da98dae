package events

import "memberportal/internal/kit"

// Tellings returns the rows of this room in the table of messages.
func Tellings() []kit.Telling {
	const (
		promoted  = "whoever gets a place that became free"
		all       = "everybody who asked for a place, waits or has one, guests included, but the caller"
		guest     = "the guest, by the address given"
		itself    = "whoever registers itself"
		staff     = "the secretariat for events, but the caller"
		authors   = "whoever wrote the contribution last and still acts for the member or State, and the focal points"
		invited   = "whoever is invited by mail and has not answered yet"
		onTheSpot = "the caller does it on the spot"
		draft     = "nobody but the secretariat sees a draft"
	)
	return []kit.Telling{
		{On: "createEventSeries", Nobody: "a series alone asks nothing of anybody"},
		{On: "updateEventSeries", Nobody: "a series alone asks nothing of anybody"},
		{On: "createEvent", Nobody: draft},
		{On: "updateEvent", Key: "mail.event.changed", Kind: kit.AboutEvent, To: all + ", if the time, the place or the format of a published event changes"},
		{On: "updateEvent", Key: "mail.guest.moved", Kind: kit.AboutEvent, To: invited + ", as of mail.event.changed"},
		{On: "updateEvent", Key: "mail.registration.promoted", Kind: kit.AboutRegistration, To: promoted},
		// Whom the audience of a new event entitles may be hundreds, and calendars have it.
		{On: "publishEvent", Key: "mail.event.rescheduled", Kind: kit.AboutEvent, To: all + ", if the event was postponed; of a new event nobody, as calendars have it"},
		{On: "publishEvent", Key: "mail.guest.moved", Kind: kit.AboutEvent, To: invited + ", as of mail.event.rescheduled"},
		{On: "publishEvent", Key: "mail.registration.promoted", Kind: kit.AboutRegistration, To: promoted},
		{On: "postponeEvent", Key: "mail.event.postponed", Kind: kit.AboutEvent, To: all},
		{On: "postponeEvent", Key: "mail.guest.postponed", Kind: kit.AboutEvent, To: invited},
		{On: "cancelEvent", Key: "mail.event.cancelled", Kind: kit.AboutEvent, To: all + ", and " + invited},
		{On: "publishEventDocument", Key: "mail.document.public", Kind: kit.AboutDocument, To: "whoever has a place, guests included, but the caller, if everybody may read it"},
		{On: "publishEventDocument", Key: "mail.document.restricted", Kind: kit.AboutDocument, To: "persons who have a place, but the caller, if the audience or participants may read it"},
		{On: "withdrawEventDocument", Nobody: "what was read cannot be taken back, and the page of the event does not show it any more"},

		{On: "registerForEvent", Key: "mail.registration.made", Kind: kit.AboutRegistration, To: "whoever was registered by another person"},
		{On: "registerForEvent", Key: "mail.registration.requested", Kind: kit.AboutRegistration, To: "the focal points of a delegate that asks for a place"},
		{On: "registerForEvent", Key: "mail.registration.received", Kind: kit.AboutRegistration, To: "a delegate that asks for a place"},
		{On: "registerForEvent", Key: "mail.registration.confirmed", Kind: kit.AboutRegistration, To: itself},
		{On: "registerForEvent", Key: "mail.registration.waiting", Kind: kit.AboutRegistration, To: itself},
		{On: "confirmRegistration", Key: "mail.registration.confirmed", Kind: kit.AboutRegistration, To: "the registered person, unless it acts"},
		{On: "confirmRegistration", Key: "mail.registration.waiting", Kind: kit.AboutRegistration, To: "the registered person, unless it acts"},
		{On: "acceptRegistration", Nobody: "it changes nothing for whoever registered the person; the list shows it"},
		{On: "refuseRegistration", Key: "mail.registration.refused", Kind: kit.AboutRegistration, To: "whoever registered the person"},
		{On: "refuseRegistration", Key: "mail.registration.promoted", Kind: kit.AboutRegistration, To: promoted},
		{On: "cancelRegistration", Key: "mail.registration.cancelled", Kind: kit.AboutRegistration, To: "the registered person or guest, unless it acts"},
		{On: "cancelRegistration", Key: "mail.registration.promoted", Kind: kit.AboutRegistration, To: promoted},
		{On: "recordAttendance", Nobody: "whoever came knows it; the registration shows it to the person"},
		{On: "importAttendance", Nobody: "whoever came knows it; the registration shows it to the person"},

		{On: "inviteGuest", Key: "mail.guest.invited", Kind: kit.AboutRegistration, To: guest + "; without an address nobody, as the secretariat gets the code and passes it on"},
		{On: "revokeEventInvitation", Key: "mail.guest.withdrawn", Kind: kit.AboutRegistration, To: guest + "; without an address nobody"},
		{On: "acceptEventInvitation", Key: "mail.registration.confirmed", Kind: kit.AboutRegistration, To: guest},
		{On: "acceptEventInvitation", Key: "mail.registration.waiting", Kind: kit.AboutRegistration, To: guest},

		{On: "submitContribution", Key: "mail.contribution.received", Kind: kit.AboutContribution, To: "the caller"},
		{On: "submitContribution", Key: "mail.contribution.submitted", Kind: kit.AboutTask, To: staff},
		{On: "amendContribution", Key: "mail.contribution.amended", Kind: kit.AboutTask, To: staff},
		{On: "withdrawContribution", Key: "mail.contribution.withdrawn", Kind: kit.AboutTask, To: staff},
		{On: "withdrawContribution", Key: "mail.contribution.takenBack", Kind: kit.AboutContribution, To: authors + ", if the secretariat withdraws it"},
		{On: "decideContribution", Key: "mail.contribution.accepted", Kind: kit.AboutContribution, To: authors},
		{On: "decideContribution", Key: "mail.contribution.topicAccepted", Kind: kit.AboutContribution, To: authors + ", if a topic that was proposed to a series is accepted and no event that they may know of takes it up yet"},
		{On: "decideContribution", Key: "mail.contribution.takenUp", Kind: kit.AboutContribution, To: authors + ", if an event that they may know of takes up a topic that was proposed to a series"},
		{On: "decideContribution", Key: "mail.contribution.returned", Kind: kit.AboutContribution, To: authors},
		{On: "decideContribution", Key: "mail.contribution.published", Kind: kit.AboutContribution, To: authors},

		{On: "createCalendarLink", Nobody: onTheSpot},
		{On: "revokeCalendarLink", Nobody: onTheSpot + "; a calendar that has it ends"},
	}
}
