// Package consultations is what the organisation asks and what is answered: liaison statements, consultations on them,
// who takes part, drafts and replies with their receipts, what is published of them and counted, the synthesis, and
// feedback on the services of the secretariat.
//
// What a reader sees of a reply is one number, its view (Feedback.viewed). Public counts are made over published
// replies alone, so that nobody can subtract what is confidential from them.
package consultations
