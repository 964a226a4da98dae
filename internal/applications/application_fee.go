package applications

import (
	"context"
	"errors"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// FeeUnknown says why the fee of an application is not known.
type FeeUnknown string

// The reasons. NOT_DESCRIBED is for a draft that does not name its category, or where the organisation is; NO_AMOUNT for
// a fee of which no source names the amount, which the secretariat decides; NOT_OPEN for a class that the organisation
// cannot have.
const (
	FeeNotDescribed FeeUnknown = "NOT_DESCRIBED"
	FeeNoAmount     FeeUnknown = "NO_AMOUNT"
	FeeNotOpen      FeeUnknown = "NOT_OPEN"
)

// FeeUnknowns lists every reason, as the schema's enum does.
var FeeUnknowns = []FeeUnknown{FeeNotDescribed, FeeNoAmount, FeeNotOpen}

// ApplicationFee is what an approval today would cost.
type ApplicationFee struct {
	// Amount is the fee of the first year; nil if it is not known, and Unknown and Reason then say why.
	Amount  *kit.Money
	Unknown *FeeUnknown
	Reason  *string
	// ExemptionAsked says that nothing is invoiced until the wish for an exemption is decided.
	ExemptionAsked bool
	// Quote is how the fee is worked out; nil if the application does not describe it, or it cannot be had.
	Quote *membership.FeeQuote
}

// quote works out the fee of an application for a membership from today on; refused says why it cannot be had. The
// application must name its category.
func (s *ApplicationService) quote(ctx context.Context, a *Application) (q *membership.FeeQuote, refused *kit.Refusal, err error) {
	in := membership.FeeQuoteInput{Category: *a.Category, Country: a.CountryID, Sme: &a.Sme, FeeClass: a.FeeClass}
	if len(a.Sectors) > 0 {
		in.Sectors = a.Sectors
	}
	q, err = s.tariffs.Quote(ctx, in)
	if r, ok := errors.AsType[*kit.Refusal](err); ok && r.Code == kit.BadUserInput {
		return nil, r, nil
	}
	return q, nil, err
}

// FeeQuote returns what is to be paid if the application is approved today; nil for one that is decided or withdrawn,
// for which the invoice says it. It costs one store call in a request, for what the secretariat entered.
func (s *ApplicationService) FeeQuote(ctx context.Context, a *Application) (*ApplicationFee, error) {
	if a.awaits() == "" {
		return nil, nil
	}
	fee, l := &ApplicationFee{ExemptionAsked: a.Exemption != nil}, kit.LocaleOf(ctx)
	if a.Category == nil || a.CountryID == nil && !a.International {
		fee.Unknown, fee.Reason = new(FeeNotDescribed), new(kit.Message(l, "feeUnknown.notDescribed", nil))
		return fee, nil
	}
	quote, refused, err := s.quote(ctx, a)
	switch {
	case err != nil:
		return nil, err
	case refused != nil:
		fee.Unknown, fee.Reason = new(FeeNotOpen), new(refused.Message(l))
	case quote.ProRata == nil:
		fee.Quote, fee.Unknown, fee.Reason = quote, new(FeeNoAmount), new(kit.Message(l, "feeUnknown.noAmount", nil))
	default:
		fee.Quote, fee.Amount = quote, quote.ProRata
	}
	return fee, nil
}
