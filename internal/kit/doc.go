// Package kit has what every room is built from. It knows none of the rooms.
//
// Values: ID, Date, DateTime, Clock, Money, LocalizedText, and Opt, which distinguishes an absent field, null and
// a value. Who asks: Actor, and what a context carries (WithActor, WithLocale, WithRequest, WithSource).
//
// Faults: a service collects all faults of an input in Faults and returns them as an error, which rolls the
// transaction back; UserErrorsOf turns that error into the userErrors of a payload. What the caller cannot
// correct is a Refusal with a code.
//
// Reading: PageOf pages through a listing, PageOfMemory through a list in memory; EachPage and EachWithin read a
// whole listing. Records reads all documents of a noun, for counting. Neighbour reads the records related to
// documents that were read together, for all of them in one call.
//
// Writing: each of these writes the documents, the audit entries and the change records in one transaction, or
// nothing:
//
//	Core.Transact       several of the below as one
//	Core.Write          any writes; the service notes each Change
//	Core.Create         one new document, with an idempotency key
//	Amend               one existing document; the caller names the version that it saw
//	Sweep.Run           many documents, one transaction for each batch, for erasure
//	Core.RecordCommand  an audit entry only, for a command
//	Core.Post           a message in the outbox, within one of the above
//	Core.Touch          no record; transactions that name the same thing run one after the other
package kit
