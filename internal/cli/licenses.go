package cli

import (
	"bytes"
	"compress/gzip"
	_ "embed" // licenses.txt.gz
	"io"
)

// licenses is made by release/licenses.
//
//go:embed licenses.txt.gz
var licenses []byte

type printLicenses struct{}

// Run prints the licences and notices of everything that the program is made of.
func (printLicenses) Run(stdout results) error {
	text, err := gzip.NewReader(bytes.NewReader(licenses))
	if err != nil {
		return err
	}
	_, err = io.Copy(stdout, text)
	return err
}
