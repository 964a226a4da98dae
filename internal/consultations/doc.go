// Package consultations has the questions of the organisation and the replies: liaison statements, consultations on
// them, participations, drafts and replies with their receipts, publication, counts, the synthesis, and feedback on
// the services of the secretariat.
//
// One number, the view of a reply (Feedback.viewed), decides what a reader sees of it. Public counts include only
// published replies, so that nobody can compute confidential ones from them.
package consultations
