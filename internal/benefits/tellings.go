package benefits

import "memberportal/internal/kit"

// Tellings returns the rows of this room in the table of messages.
func Tellings() []kit.Telling {
	const public = "benefits are a public list that everybody reads"
	return []kit.Telling{{On: "createBenefit", Nobody: public}, {On: "updateBenefit", Nobody: public}, {On: "retireBenefit", Nobody: public}}
}
