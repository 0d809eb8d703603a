package corpus

import (
	"bytes"
	"compress/gzip"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"html"
	"io"
	"mime/quotedprintable"
	"regexp"
	"strconv"
	"strings"
)

var (
	base64Run = regexp.MustCompile(`[A-Za-z0-9+/_-]{6,}`)
	base32Run = regexp.MustCompile(`[A-Z2-7]{6,}`)
	hexRun    = regexp.MustCompile(`[A-Fa-f0-9]{6,}`)
	percents  = regexp.MustCompile(`%[A-Fa-f0-9]{2}`)
	escapes   = regexp.MustCompile(`\\+(?:u[A-Fa-f0-9]{4}|x[A-Fa-f0-9]{2})`)
	octals    = regexp.MustCompile(`\\[0-7]{3}`)
)

// readBase64 decodes every run at each of four offsets: what was cut from its
// begin may have any length.
func readBase64(s string) string {
	var out strings.Builder
	for _, run := range base64Run.FindAllString(s, -1) {
		run = strings.NewReplacer("-", "+", "_", "/").Replace(run)
		for shift := range 4 {
			part := run[shift:]
			if len(part)%4 == 1 {
				part = part[:len(part)-1]
			}
			b, err := base64.RawStdEncoding.DecodeString(part)
			if err == nil {
				write(&out, b)
			}
		}
	}
	return out.String()
}

// write adds a reading if it reads like text.
func write(out *strings.Builder, b []byte) {
	odd := 0
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\t' && c != 0 || c > '~' {
			odd++
		}
	}
	if odd*4 <= len(b) {
		out.Write(b)
		out.WriteByte(' ')
	}
}

func readHex(s string) string {
	var out strings.Builder
	for _, run := range hexRun.FindAllString(s, -1) {
		for shift := range 2 {
			part := run[shift:]
			b, err := hex.DecodeString(part[:len(part)/2*2])
			if err == nil {
				write(&out, b)
			}
		}
	}
	return out.String()
}

func readBase32(s string) string {
	var out strings.Builder
	for _, run := range base32Run.FindAllString(s, -1) {
		for shift := range min(8, len(run)) {
			part := run[shift:]
			b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(part[:len(part)/8*8])
			if err == nil {
				write(&out, b)
			}
		}
	}
	return out.String()
}

func readZipped(s string) string {
	var out strings.Builder
	for _, run := range base64Run.FindAllString(s, -1) {
		b, err := base64.RawStdEncoding.DecodeString(run)
		if err != nil {
			continue
		}
		r, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			continue
		}
		plain, _ := io.ReadAll(io.LimitReader(r, 1<<20)) // what can be read
		out.Write(plain)
	}
	return out.String()
}

func readCodes(codes *regexp.Regexp, base int) func(string) string {
	return func(s string) string {
		return codes.ReplaceAllStringFunc(s, func(code string) string {
			n, err := strconv.ParseUint(strings.TrimLeft(code, `%\ux`), base, 32)
			if err != nil {
				return code
			}
			return string(rune(n))
		})
	}
}

func readPercent(s string) string { return readCodes(percents, 16)(s) }

func readEscapes(s string) string { return readCodes(escapes, 16)(s) }

func readOctal(s string) string { return readCodes(octals, 8)(s) }

func readEntities(s string) string { return html.UnescapeString(s) }

func readQuotedPrintable(s string) string {
	b, _ := io.ReadAll(quotedprintable.NewReader(strings.NewReader(s))) // what can be read
	return string(b)
}

func drop(what ...string) func(string) string {
	return func(s string) string {
		for _, w := range what {
			s = strings.ReplaceAll(s, w, "")
		}
		return s
	}
}

var (
	joinLines         = drop("\n")
	dropSpaces        = drop(" ")
	dropDiffBreaks    = drop("\n+")
	dropContinuations = drop("\\\n")
	dropInvisible     = drop("\u200b", "\u00ad", "\u202e", "\U000e0041", "\x1b[31m",
		"[U+200B]", "[U+00AD]", "[U+202E]", "[U+001B][31m", "[U+001B]", "[terminal control sequence]")
)
