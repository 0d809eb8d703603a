package sanitize

import "aegis/sanitize/leaks"

// findIn finds what gitleaks' rules and ours find, broken private keys and own
// credentials, in the text, in what it encodes, in what it says to those who see
// through disguises, and in each without invisible characters. Checksums of modules
// are none of it. Offsets are in text.
func (s *Scrubber) findIn(text string) []leaks.Finding {
	found := s.findRead(text)
	for _, v := range s.views(text) {
		for _, f := range s.findRead(v.text) {
			f.Start, f.End = v.original(f.Start, f.End)
			f.MatchStart, f.MatchEnd = v.original(f.MatchStart, f.MatchEnd)
			found = append(found, f)
		}
	}
	return withoutChecksums(text, found)
}

func (s *Scrubber) findRead(text string) []leaks.Finding {
	return append(leaks.FindWithin(s.work, text, s.findAlso), s.readings(text)...)
}

// views returns what else the text can be read as.
func (s *Scrubber) views(text string) []view {
	if !s.work.Spend(len(text)) {
		return nil
	}
	return views(text)
}

// findAlso finds what no rule of gitleaks is about.
func (s *Scrubber) findAlso(text string, fresh []leaks.Span) []leaks.Finding {
	if !s.work.Spend(2 * len(text)) {
		return nil
	}
	found := append(keyBlocks(text), s.own.find(s.work, text, fresh)...)
	found = append(found, keyLines(text)...)
	found = append(found, s.memory.find(text)...)
	found = append(found, giteaTokens(text)...)
	found = append(found, aegisKeys(text)...)
	found = append(found, authorizations(s.work, text)...)
	found = append(found, namedSecrets(s.work, text)...)
	found = append(found, discordTokens(text)...)
	found = append(found, manifests(text)...)
	found = append(found, webKeys(text)...)
	found = append(found, cookies(text)...)
	return append(found, credentialsInURLs(text)...)
}
