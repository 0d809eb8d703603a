package sanitize

// Characters that texts are compared with, byte by byte.
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

var (
	isLetter       = set(letters)
	isAlphanumeric = set(letters + "0123456789")
	isDigit        = set("0123456789")
	isHexDigit     = set("0123456789abcdefABCDEF")
	inBase64       = set(letters + "0123456789+/-_") // of both alphabets, without padding
	isKeyByte      = set(letters + "0123456789+/=")  // of the lines of a key
	isNameByte     = set(letters + "0123456789_-.")
	isToken        = set(letters + "0123456789_+/=.-") // that keys and tokens are written in
)

func set(chars string) (is [256]bool) {
	for i := range len(chars) {
		is[chars[i]] = true
	}
	return is
}

func isBase64(b byte) bool { return inBase64[b] }
