package portal

import "slices"

// revenueOf sorts changes by what they did to the fees. One that changed nothing is none of them.
func revenueOf(rows []revenueRow, list string) RevenueMovement {
	var gain, loss, unpriced []revenueRow
	for _, r := range rows {
		switch d := r.difference(); {
		case !r.known():
			unpriced = append(unpriced, r)
		case d < 0 || d == 0 && r.cause == RevenueLeft:
			loss = append(loss, r)
		case d > 0 || r.cause == RevenueJoined:
			gain = append(gain, r)
		}
	}
	m := RevenueMovement{
		all:  RevenueSide{rows: slices.Concat(gain, loss, unpriced), list: "revenue.net." + list},
		Gain: revenueSide(gain, "revenue.gain."+list, true), Loss: revenueSide(loss, "revenue.loss."+list, true),
		Unpriced: revenueSide(unpriced, "revenue.unpriced."+list, false),
	}
	if len(unpriced) == 0 {
		m.Net = &Money{m.Gain.Total.Amount - m.Loss.Total.Amount, CHF}
	}
	return m
}

func revenueSide(rows []revenueRow, list string, priced bool) RevenueSide {
	side := RevenueSide{Changes: int64(len(rows)), ByCause: []RevenueCauseCount{}, rows: rows, list: list}
	total := func(of func(revenueRow) bool) (n int64, sum *Money) {
		if priced {
			sum = &Money{0, CHF}
		}
		for _, r := range rows {
			if !of(r) {
				continue
			}
			if n++; priced {
				sum.Amount += max(r.difference(), -r.difference())
			}
		}
		return n, sum
	}
	_, side.Total = total(func(revenueRow) bool { return true })
	for _, cause := range RevenueCauses {
		if n, sum := total(func(r revenueRow) bool { return r.cause == cause }); n > 0 {
			side.ByCause = append(side.ByCause, RevenueCauseCount{cause, n, sum})
		}
	}
	return side
}
