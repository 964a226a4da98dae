package membership

import "memberportal/internal/kit"

// MembershipCategory is the kind of membership (Convention, Articles 19 and 20; Academia by
// Resolution 169).
type MembershipCategory string

// The values of MembershipCategory.
const (
	SectorMember MembershipCategory = "SECTOR_MEMBER"
	Associate    MembershipCategory = "ASSOCIATE"
	Academia     MembershipCategory = "ACADEMIA"
)

// MembershipCategories lists every MembershipCategory.
var MembershipCategories = []MembershipCategory{SectorMember, Associate, Academia}

// Valid returns an error for a value that is not in MembershipCategories.
func (v MembershipCategory) Valid() error {
	return kit.CheckOneOf(v, MembershipCategories, "membership category")
}

// Sector is one of the Union's three Sectors.
type Sector string

// The values of Sector.
const (
	SectorR Sector = "R"
	SectorT Sector = "T"
	SectorD Sector = "D"
)

// Sectors lists every Sector.
var Sectors = []Sector{SectorR, SectorT, SectorD}

// Valid returns an error for a value that is not in Sectors.
func (v Sector) Valid() error { return kit.CheckOneOf(v, Sectors, "sector") }

// StudyGroup is one of the two ITU-D study groups.
type StudyGroup string

// The values of StudyGroup.
const (
	SG1 StudyGroup = "SG1"
	SG2 StudyGroup = "SG2"
)

// StudyGroups lists every StudyGroup.
var StudyGroups = []StudyGroup{SG1, SG2}

// Valid returns an error for a value that is not in StudyGroups.
func (v StudyGroup) Valid() error { return kit.CheckOneOf(v, StudyGroups, "study group") }
