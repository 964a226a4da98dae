package statistics

import (
	"memberportal/internal/country"
	"memberportal/internal/membership"
)

// memberCounter counts members by the indexes of their parts. The last entry of byStudyGroup is for those without a
// study group.
type memberCounter struct {
	total        int64
	ByCategory   [3]int64
	byRegion     [7]int64
	byStudyGroup [3]int64
	byFee        [5]int64
	byCountry    []int64
}

func (c *memberCounter) count(f Footing, late bool) {
	c.total++
	c.ByCategory[f.Category]++
	c.byRegion[f.Region]++
	if f.Category == PlaceAssociate {
		c.byStudyGroup[(int(f.StudyGroup)+len(c.byStudyGroup))%len(c.byStudyGroup)]++
	}
	if f.country >= 0 && c.byCountry != nil {
		c.byCountry[f.country]++
	}
	c.byFee[f.feeStatus(late)]++
}

// feeStatus returns the fee status of a member as an index in FeeStatuses.
func (f Footing) feeStatus(late bool) int8 {
	switch {
	case f.Status == placeSuspended:
		return placeFeeSuspended
	case f.exempt:
		return placeExempt
	case f.inRepayment:
		return placeInRepayment
	case late:
		return placeOverdue
	}
	return placeGoodStanding
}

func (c *memberCounter) result(countries *country.CountryService, inside bool) MembershipCount {
	r := MembershipCount{
		Total: c.total, ByCategory: c.categories(), ByRegion: c.regions(), ByStudyGroup: c.studyGroups(),
		ByCountry: parts(countries.All, c.byCountry, func(of **country.Country, n int64) country.CountryCount {
			return country.CountryCount{Country: *of, Count: n}
		}),
	}
	rest := c.total
	for _, n := range c.byCountry {
		rest -= n
	}
	if rest > 0 {
		r.ByCountry = append(r.ByCountry, country.CountryCount{Country: nil, Count: rest})
	}
	if inside {
		r.ByFeeStatus = parts(FeeStatuses, c.byFee[:], func(s *FeeStatus, n int64) FeeStatusCount { return FeeStatusCount{*s, n} })
	}
	return r
}

func (c *memberCounter) categories() []CategoryCount {
	return parts(membership.MembershipCategories, c.ByCategory[:], func(m *membership.MembershipCategory, n int64) CategoryCount { return CategoryCount{*m, n} })
}

func (c *memberCounter) regions() []country.RegionCount {
	return parts(country.Regions, c.byRegion[:], func(r *country.Region, n int64) country.RegionCount { return country.RegionCount{Region: r, Count: n} })
}

func (c *memberCounter) studyGroups() []StudyGroupCount {
	counts := parts(membership.StudyGroups, c.byStudyGroup[:], func(g *membership.StudyGroup, n int64) StudyGroupCount { return StudyGroupCount{g, n} })
	if none := c.byStudyGroup[len(membership.StudyGroups)]; none > 0 {
		counts = append(counts, StudyGroupCount{nil, none})
	}
	return counts
}

// parts makes the counts of the values of a list from counts by index. It leaves out zeros.
func parts[T, C any](list []T, counts []int64, part func(*T, int64) C) []C {
	all := []C{}
	for i := range list {
		if n := counts[i]; n > 0 {
			all = append(all, part(&list[i], n))
		}
	}
	return all
}
