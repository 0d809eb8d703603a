package audit

// Head says how far the log at path goes: the number and the hash of the last entry that
// its head knows of, zero and zeros for a log without entries. It reads the head alone,
// and holds nothing against it. Without a head it fails.
func Head(path string) (entries int64, hash string, err error) {
	at, err := readHead(filesOf(path).head)
	if err != nil {
		return 0, "", err
	}
	return at.seq, string(at.hash[:]), nil
}
