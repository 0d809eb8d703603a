package policy

import (
	"fmt"
	"strings"
	"unicode"

	"aegis/internal/operatorfile"

	"golang.org/x/text/unicode/norm"
)

// A pattern is compared character by character, and a character that looks like
// another, or like nothing, makes it match nothing: a deny that denies nothing
// looks like one that holds. So what nobody means to write is refused here.

// spelling says what is wrong with how a text is spelt, and which character it
// is; "" if nothing is.
type spelling = func(text string) (found rune, why string)

// misspelt finds the first character of a name or a pattern that nobody means
// to write there.
func misspelt(text string) (found rune, why string) {
	for _, r := range text {
		switch {
		case operatorfile.Unseen(r):
			return r, "holds " + codePoint(r) + ", which " + operatorfile.SeenAs(r) + "; remove it"
		case isQuote(r):
			return r, "holds the quote " + codePoint(r) + " as part of the text; remove it, or write \" or ' around the whole"
		case looksLikeSign(r):
			return r, fmt.Sprintf("holds %s, which looks like %q and is another character; write %[2]q", codePoint(r), norm.NFKC.String(string(sign(r))))
		}
	}
	switch {
	case text != strings.TrimSpace(text):
		return ' ', "begins or ends with a space (U+0020); remove it"
	case strings.HasPrefix(text, "!"):
		return '!', "begins with '!' (U+0021), which negates nothing here; write it under allow, or under deny, without the '!'"
	}
	return 0, ""
}

// misspeltPattern is misspelt for a pattern, with all that its braces stand for.
func misspeltPattern(pattern string) (found rune, why string) {
	const instead = "; where a name really has it, write ? for it"
	if found, why = misspelt(pattern); why != "" {
		return found, why + instead
	}
	if found = lookAlike(pattern); found != 0 {
		return found, "has " + codePoint(found) + ", which looks like another character, or is of another script than the word" + instead
	}
	rows, err := expand(pattern, nil)
	if err != nil {
		return 0, "" // compile tells of it
	}
	for _, row := range rows {
		if found, why = misspelt(row); why != "" {
			return found, fmt.Sprintf("stands for %s, which %s%s", quote(row), why, instead)
		}
	}
	return 0, ""
}

func codePoint(r rune) string {
	if !operatorfile.Unseen(r) {
		return fmt.Sprintf("%c (%U)", r, r)
	}
	return fmt.Sprintf("the character %U", r)
}

// joins reports whether r is an invisible character that prose needs: emoji and
// some scripts are put together by it.
func joins(r rune) bool {
	return r == '\u200c' || r == '\u200d' || '\ufe00' <= r && r <= '\ufe0f'
}

// quotes are signs that are taken for quotes, beyond those that Unicode calls so.
const quotes = "`´′″‴‵‶‷ʹʺʻʼʽʾʿˈˊˋˮ՚׳״❛❜❝❞❟❠❮❯⟨⟩〈〉"

func isQuote(r rune) bool {
	return unicode.Is(unicode.Quotation_Mark, r) || strings.ContainsRune(quotes, r)
}

// signs are characters that look like one that patterns are made of, and have
// no compatible form that says so.
var signs = map[rune]rune{
	'\u2044': '/', '\u2215': '/', '\u29f8': '/', '\u2571': '/', '\u27cb': '/', '\u2f03': '/',
	'\u2217': '*', '\u204e': '*', '\u2731': '*', '\u273b': '*', '\u066d': '*', '\u22c6': '*', '\u2042': '*',
	'\u060c': ',', '\u066b': ',', '\u3001': ',', '\u01c3': '!', '\u2d51': '!',
	'\u3002': '.', '\u06d4': '.', '\u0701': '.', '\u0702': '.', '\ua4f8': '.', '\u02cd': '_', '\u203f': '_', '\u02d7': '-', '\u2796': '-',
	'\u2722': '*', '\u2732': '*', '\u2733': '*', '\u2734': '*', '\u273a': '*', '\u273c': '*', '\u2743': '*',
	'\u2216': '\\', '\u29f5': '\\', '\u29f9': '\\', '\u2772': '[', '\u2773': ']', '\u2774': '{', '\u2775': '}',
}

func sign(r rune) rune {
	if to, ok := signs[r]; ok {
		return to
	}
	return r
}

// looksLikeSign reports whether r is another character than the sign of ASCII
// that it looks like: a star, a slash, a comma, a bracket.
func looksLikeSign(r rune) bool {
	if r <= unicode.MaxASCII {
		return false
	}
	if _, ok := signs[r]; ok {
		return true
	}
	same := norm.NFKC.String(string(r))
	return strings.Trim(same, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") == ""
}

// letters are letters that look like one of ASCII.
const letters = "" +
	"аеорсхуѕіјһԁԛԝѵАВЕКМНОРСТУХІЈЅԌԚԜѴ" + // Cyrillic
	"αοονιρκυτγωηΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳ" + // Greek
	"оՕՏՍհոսցօզգԼ" + // Armenian
	"ᎪᏴᏟᎠᎬᎳᎻᎥᎫᏦᏞᎷᏒᏚᎢᏙᏃ" + // Cherokee
	"ꓐꓑꓓꓔꓖꓗꓙꓚꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ" + // Lisu
	"ⲀⲂⲈⲎⲒⲔⲘⲚⲞⲢⲤⲦⲨⲬⲟⲥ" + // Coptic
	latin

// latin are those of them that are Latin, and another letter.
const latin = "ɑɡɩıɪʏʀʙʜʟʋƖƽɢɴᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜰꜱꞵꭵǀʔɂ"

// lookAlike finds the first character that looks like one of ASCII and is another: in a
// word that has letters of ASCII, one of another script or a digit of another; a letter
// in a form of its own; a dash. It is 0 if there is none. Words of scripts that are
// written together with Latin letters are none.
func lookAlike(text string) rune {
	for word := range words(text) {
		mixed := strings.ContainsFunc(word, func(r rune) bool { return r <= unicode.MaxASCII && unicode.IsLetter(r) })
		for _, r := range word {
			switch {
			case r <= unicode.MaxASCII:
			case isASCIILetters(norm.NFKC.String(string(r))), mixed && (strings.ContainsRune(latin, r) || ofAnotherScript(r)):
				return r
			}
		}
	}
	for _, r := range text {
		if r > unicode.MaxASCII && unicode.Is(unicode.Dash, r) {
			return r
		}
	}
	return 0
}

// doubtful finds a word that could be one of ASCII, by what each of its letters looks
// like, in a text that has some; "" if there is none.
func doubtful(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r <= unicode.MaxASCII && unicode.IsLetter(r) }) {
		return ""
	}
	for word := range words(text) {
		if !strings.ContainsFunc(word, func(r rune) bool { return r <= unicode.MaxASCII || !strings.ContainsRune(letters, r) }) {
			return word
		}
	}
	return ""
}

// words yields what stands between the signs of ASCII and spaces.
func words(text string) func(yield func(string) bool) {
	return strings.FieldsFuncSeq(text, func(r rune) bool {
		return unicode.IsSpace(r) || r <= unicode.MaxASCII && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// ofAnotherScript reports whether nobody writes Latin words with a character: a letter, a
// digit, a mark or a sign of another script. Of what belongs to no script it is so of letters.
func ofAnotherScript(r rune) bool {
	switch {
	case unicode.Is(unicode.Nd, r):
		return r > unicode.MaxASCII
	case unicode.In(r, unicode.Latin, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Hangul), r == longVowel:
		return false
	}
	return unicode.IsLetter(r) || !unicode.In(r, unicode.Common, unicode.Inherited)
}

// longVowel is written in words of Katakana, and belongs to no script.
const longVowel = '\u30fc'

func isASCIILetters(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || 'z' < r) && (r < 'A' || 'Z' < r) && (r < '0' || '9' < r)
	})
}

// listSign returns a sign of other languages' lists and patterns that stands for
// itself here: "a,b" is one name, and "^a$" as well; "" if there is none.
func listSign(pattern string) string {
	rows, _ := expand(pattern, nil)
	for _, row := range rows {
		switch at := strings.IndexAny(row, ",;|"); {
		case at >= 0:
			return row[at : at+1]
		case strings.HasPrefix(row, "^"):
			return "^"
		case strings.HasSuffix(row, "$"):
			return "$"
		}
	}
	return ""
}

// rootOnly returns the row of a pattern that holds at the root only, because it
// is a name and no path; "" if there is none.
func rootOnly(pattern string) string {
	rows, _ := expand(pattern, nil)
	for _, row := range rows {
		if !strings.Contains(row, "/") && strings.Trim(row, "*") != "" {
			return row
		}
	}
	return ""
}
