package applications

import "memberportal/internal/kit"

// ChallengeNoun declares how the codes of applicants are stored.
var ChallengeNoun = kit.Challenges("applicationChallenges")
