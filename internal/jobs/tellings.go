package jobs

import "memberportal/internal/kit"

// Tellings returns the rows of this room in the table of messages.
func Tellings() []kit.Telling {
	return []kit.Telling{
		{On: "requestExport", Nobody: "whoever asked sees the job; it is done within seconds"},
		{On: "cancelJob", Nobody: "whoever asked, or an operator, does it on the spot"},
	}
}
