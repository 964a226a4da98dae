package statistics

import "memberportal/internal/kit"

// revenueOf sorts changes into gain, loss and unpriced. A change without effect on the fees is in none of them.
func revenueOf(rows []revenueRow, list string) RevenueMovement {
	var gain, loss, unpriced []revenueRow
	for _, r := range rows {
		switch d := r.Difference(); {
		case !r.known():
			unpriced = append(unpriced, r)
		case d < 0 || d == 0 && r.cause == RevenueLeft:
			loss = append(loss, r)
		case d > 0 || r.cause == RevenueJoined:
			gain = append(gain, r)
		}
	}
	m := RevenueMovement{
		Gain: revenueSide(gain, "revenue.gain."+list, true), Loss: revenueSide(loss, "revenue.loss."+list, true),
		Unpriced: revenueSide(unpriced, "revenue.unpriced."+list, false), list: list,
	}
	if len(unpriced) == 0 {
		m.Net = &kit.Money{Amount: m.Gain.Total.Amount - m.Loss.Total.Amount, Currency: kit.CHF}
	}
	return m
}

// revenueSide adds up changes, in total and by cause. Unpriced changes have no total.
func revenueSide(rows []revenueRow, list string, priced bool) RevenueSide {
	changes, sums, whole := map[RevenueCause]int64{}, map[RevenueCause]kit.Decimal{}, kit.Decimal(0)
	for _, r := range rows {
		size := max(r.Difference(), -r.Difference())
		changes[r.cause]++
		sums[r.cause] += size
		whole += size
	}
	money := func(sum kit.Decimal) *kit.Money {
		if !priced {
			return nil
		}
		return &kit.Money{Amount: sum, Currency: kit.CHF}
	}
	side := RevenueSide{Total: money(whole), Changes: int64(len(rows)), ByCause: []RevenueCauseCount{}, Rows: rows, list: list}
	for _, cause := range RevenueCauses {
		if n := changes[cause]; n > 0 {
			side.ByCause = append(side.ByCause, RevenueCauseCount{cause, n, money(sums[cause])})
		}
	}
	return side
}
