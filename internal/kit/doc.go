// Package kit is what every noun of the portal is made with. It knows no noun.
//
// Values: ID, Date, DateTime, Clock, Money, LocalizedText, and Opt, which tells absent, null and a value
// apart. Who asks: Actor and what a context carries (WithActor, WithLocale, WithRequest, WithSource).
//
// Faults: a service collects all faults of an input in Faults and gives them back as an error, which rolls the
// transaction back; UserErrorsOf turns that into a payload's userErrors. What the caller cannot correct is a
// Refusal with a code.
//
// Reading: PageOf pages through a listing and PageOfMemory through a list; EachPage and EachWithin walk a whole
// listing. Records are all documents of a noun, for what is counted from them. What stands beside documents
// that were read together is read once for all of them by Neighbour.
//
// Writing is one family. Each writes the documents, the audit entries and the change records in one transaction,
// or nothing:
//
//	Core.Transact       several of the below as one
//	Core.Write          any writes; the service notes each Change
//	Core.Create         one new document, with an idempotency key
//	Amend               one document that is there, by the version that the caller saw
//	Sweep.Run           many documents, a transaction for each batch, for erasure
//	Core.RecordCommand  nothing but an audit entry, of a command
//	Core.Post           a message in the outbox, within one of the above
//	Core.Touch          nothing, but makes transactions that name the same thing run one after the other
package kit
