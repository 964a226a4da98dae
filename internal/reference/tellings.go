package reference

import "memberportal/internal/kit"

// Tellings returns the rows of this room in the table of messages.
func Tellings() []kit.Telling {
	return []kit.Telling{
		{On: "enterReference", Nobody: "tariffs, rules and statuses of countries are public lists that everybody reads; an invoice tells its member"},
		{On: "withdrawReference", Nobody: "tariffs, rules and statuses of countries are public lists that everybody reads; an invoice tells its member"},
	}
}
