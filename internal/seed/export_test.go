package seed

import "io"

// CheckHistories says what is wrong with a file of histories.
func CheckHistories(r io.Reader) error {
	_, err := readHistories(r)
	return err
}
