package kit

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// Currency is an ISO 4217 code.
type Currency string

// Valid refuses anything but three capital letters.
func (c Currency) Valid() error {
	if len(c) != 3 || strings.Trim(string(c), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return fmt.Errorf("currency %q", Clip(string(c)))
	}
	return nil
}

// CHF is the Swiss franc, in which the Union keeps its accounts.
const CHF Currency = "CHF"

// Money is an amount in a currency.
type Money struct {
	Amount   Decimal  `bson:"amount" json:"amount"`
	Currency Currency `bson:"currency" json:"currency"`
}

// Decimal is an amount in hundredths: 1,987.50 is 198750. Fees are fractions of a contributory unit and exact to
// the centime, which floats are not.
type Decimal int64

var decimalForm = regexp.MustCompile(`^-?[0-9]{1,15}(\.[0-9]{1,2})?$`)

// ParseDecimal reads an amount with at most two decimals and 15 digits before them.
func ParseDecimal(s string) (Decimal, error) {
	if !decimalForm.MatchString(s) {
		return 0, Malformed("%q is not an amount such as 1987.50", s)
	}
	whole, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole+(fraction + "00")[:2], 10, 64)
	return Decimal(n), err
}

// String writes the amount with two decimals.
func (d Decimal) String() string {
	sign, n := "", int64(d)
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

// UnmarshalGQL reads an amount from a request.
func (d *Decimal) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return Malformed("an amount is a string such as \"1987.50\"")
	}
	parsed, err := ParseDecimal(s)
	*d = parsed
	return err
}

// MarshalGQL writes the amount as a string, so that no client rounds it.
func (d Decimal) MarshalGQL(w io.Writer) { WriteText(w, d.String()) }

// MarshalJSON writes the amount as a string, as MarshalGQL does.
func (d Decimal) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }
