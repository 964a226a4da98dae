package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	_ "golang.org/x/image/webp" // so that image.Decode knows it

	"memberportal/internal/kit"
)

// longestSide is how many pixels an image may be wide or high.
const longestSide = 12_000

// redraw stores an image anew from its pixels, so that nothing is left of what else was in the file: where it was taken,
// by whom, and what hides behind the pixels. It may be larger than before, within the bounds of a file. An image of WebP
// becomes one of PNG, because there is no encoder for WebP. The size in pixels is looked at before any is decoded.
func (s *FileService) redraw(ctx context.Context, file *StoredFile) error {
	select {
	case s.decoding <- struct{}{}:
		defer func() { <-s.decoding }()
	case <-ctx.Done():
		return ctx.Err()
	}
	f := kit.NewFaults(ctx)
	raw := func() io.Reader { return s.blobs.Reader(ctx, file.ID, file.Attempt, file.Pieces) }
	c, format, err := image.DecodeConfig(raw())
	if err != nil || c.Width < 1 || c.Height < 1 || "image/"+format != file.Type {
		f.Add(kit.CodeInvalid, "content", "invalid.image", nil)
		return f
	}
	if c.Width > longestSide || c.Height > longestSide || c.Width*c.Height > s.limits.Pixels {
		f.Add(kit.CodeOutOfRange, "content", "outOfRange.pixels", nil)
		return f
	}
	pixels, _, err := image.Decode(raw())
	if err != nil {
		f.Add(kit.CodeInvalid, "content", "invalid.image", nil)
		return f
	}
	w, sum := s.blobs.Writer(ctx, file.ID, file.Attempt+1, file.UploadedAt, s.limits.Bytes), sha256.New()
	if to := io.MultiWriter(w, sum); format == "jpeg" {
		err = jpeg.Encode(to, pixels, &jpeg.Options{Quality: 90})
	} else {
		err = png.Encode(to, pixels)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return err
	}
	if format == "webp" {
		file.Type, file.Name = "image/png", strings.TrimSuffix(file.Name, file.Name[strings.LastIndex(file.Name, "."):])+".png"
	}
	file.Attempt, file.Pieces, file.Size, file.SHA256 = file.Attempt+1, w.Pieces, w.Bytes, hex.EncodeToString(sum.Sum(nil))
	return nil
}
