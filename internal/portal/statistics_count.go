package portal

// memberCounter adds members up, by the places of their parts; the last place of byStudyGroup is that of none.
type memberCounter struct {
	total        int64
	byCategory   [3]int64
	byRegion     [7]int64
	byStudyGroup [3]int64
	byFee        [5]int64
	byCountry    []int64
}

func (c *memberCounter) count(f footing, late bool) {
	c.total++
	c.byCategory[f.category]++
	c.byRegion[f.region]++
	if f.category == placeAssociate {
		c.byStudyGroup[(int(f.studyGroup)+len(c.byStudyGroup))%len(c.byStudyGroup)]++
	}
	if f.country >= 0 && c.byCountry != nil {
		c.byCountry[f.country]++
	}
	c.byFee[f.feeStatus(late)]++
}

// feeStatus is how a member stands with its fees, as a place in FeeStatuses.
func (f footing) feeStatus(late bool) int8 {
	switch {
	case f.status == placeSuspended:
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

func (c *memberCounter) result(countries *CountryService, inside bool) MembershipCount {
	r := MembershipCount{Total: c.total, ByCategory: c.categories(), ByRegion: c.regions(), ByCountry: []CountryCount{}, ByStudyGroup: c.studyGroups()}
	rest := c.total
	for i, n := range c.byCountry {
		if rest -= n; n > 0 {
			r.ByCountry = append(r.ByCountry, CountryCount{countries.all[i], n})
		}
	}
	if rest > 0 {
		r.ByCountry = append(r.ByCountry, CountryCount{nil, rest})
	}
	if inside {
		r.ByFeeStatus = []FeeStatusCount{}
		for i, status := range FeeStatuses {
			if n := c.byFee[i]; n > 0 {
				r.ByFeeStatus = append(r.ByFeeStatus, FeeStatusCount{status, n})
			}
		}
	}
	return r
}

func (c *memberCounter) categories() []CategoryCount {
	counts := []CategoryCount{}
	for i, category := range MembershipCategories {
		if n := c.byCategory[i]; n > 0 {
			counts = append(counts, CategoryCount{category, n})
		}
	}
	return counts
}

func (c *memberCounter) regions() []RegionCount {
	counts := []RegionCount{}
	for i := range Regions {
		if n := c.byRegion[i]; n > 0 {
			counts = append(counts, RegionCount{&Regions[i], n})
		}
	}
	return counts
}

func (c *memberCounter) studyGroups() []StudyGroupCount {
	counts := []StudyGroupCount{}
	for i, n := range c.byStudyGroup {
		if n == 0 {
			continue
		}
		count := StudyGroupCount{Count: n}
		if i < len(StudyGroups) {
			count.StudyGroup = &StudyGroups[i]
		}
		counts = append(counts, count)
	}
	return counts
}
