package audit

// member describes one member of a line.
type member struct {
	name     string
	optional bool
	value    func(*scanner) bool
	keep     func(l *line, value []byte) bool // stores a value the chain needs
}

// members are those between the version and prev_hash, in their order. One may
// be added, if it is optional: lines without it are what they were.
var members = []member{
	{"seq", false, (*scanner).number, keepSeq},
	{"time", false, (*scanner).text, keepTime},
	{"kind", false, (*scanner).text, keepKind},
	{"session", false, (*scanner).text, nil},
	{"principal", true, (*scanner).text, nil},
	{"call", true, (*scanner).text, nil},
	{"request", true, (*scanner).numberOrText, nil},
	{"trace", true, (*scanner).text, nil},
	{"client", true, (*scanner).text, nil},
	{"connection", true, (*scanner).text, nil},
	{"job", true, (*scanner).text, nil},
	{"trigger", true, (*scanner).text, nil},
	{"delivery", true, (*scanner).text, nil},
	{"run", true, (*scanner).number, nil},
	{"tool", true, (*scanner).text, nil},
	{"capability", true, (*scanner).text, nil},
	{"dry_run", true, (*scanner).affirmed, nil},
	{"repo", true, (*scanner).text, nil},
	{"repo_id", true, (*scanner).number, nil},
	{"second", true, (*scanner).text, nil},
	{"paths", true, (*scanner).texts, nil},
	{"paths_total", true, (*scanner).number, nil},
	{"ref", true, (*scanner).text, nil},
	{"number", true, (*scanner).number, nil},
	{"stage", true, (*scanner).text, nil},
	{"decision", true, (*scanner).text, nil},
	{"of", true, (*scanner).text, nil},
	{"of_paths", true, (*scanner).texts, nil},
	{"of_paths_total", true, (*scanner).number, nil},
	{"folder", true, (*scanner).affirmed, nil},
	{"branch", true, (*scanner).text, nil},
	{"default_branch", true, (*scanner).text, nil},
	{"asks", true, (*scanner).text, nil},
	{"lineage", true, (*scanner).texts, nil},
	{"visibility", true, (*scanner).text, nil},
	{"reaches", true, (*scanner).text, nil},
	{"marks", true, (*scanner).texts, nil},
	{"carries", true, (*scanner).texts, nil},
	{"unasked", true, (*scanner).texts, nil},
	{"cut", true, (*scanner).affirmed, nil},
	{"code", true, (*scanner).text, nil},
	{"rule", true, (*scanner).text, nil},
	{"policy_sha256", true, (*scanner).text, nil},
	{"floor_sha256", true, (*scanner).text, nil},
	{"own_policy_sha256", true, (*scanner).text, nil},
	{"gitea_status", true, (*scanner).number, nil},
	{"redactions", true, (*scanner).counts, nil},
	{"exceptions", true, (*scanner).counts, nil},
	{"withheld", true, (*scanner).number, nil},
	{"written", true, (*scanner).number, nil},
	{"made", true, (*scanner).texts, nil},
	{"rows", true, (*scanner).number, nil},
	{"bytes", true, (*scanner).number, nil},
	{"duration_ms", true, (*scanner).number, nil},
	{"args_hmac", true, (*scanner).text, nil},
	{"shown_sha256", true, (*scanner).text, nil},
	{"shown_bytes", true, (*scanner).number, nil},
	{"reason", true, (*scanner).text, keepReason},
	{"fragment_bytes", true, (*scanner).number, keepFragmentBytes},
	{"fragment_sha256", true, (*scanner).text, keepFragmentSHA},
	{"archived", true, (*scanner).text, keepArchived},
	{"continues", true, (*scanner).text, keepContinues},
	{"kept_from", true, (*scanner).number, keepKeptFrom},
	{"checkpoint", true, (*scanner).text, keepCheckpoint},
}

func keepSeq(l *line, value []byte) bool {
	s := scanner{buf: value}
	seq, ok := s.integer()
	l.seq = seq
	return ok && seq > 0 && s.pos == len(value)
}

func keepTime(l *line, value []byte) bool {
	l.time = value[1 : len(value)-1]
	return validTime(l.time)
}

func keepKind(l *line, value []byte) bool {
	for _, kind := range kinds {
		if string(value[1:len(value)-1]) == string(kind) {
			l.kind = kind
			return true
		}
	}
	return false
}

func keepReason(l *line, value []byte) bool {
	l.reason = value
	return true
}

func keepFragmentBytes(l *line, value []byte) bool {
	s := scanner{buf: value}
	n, ok := s.integer()
	l.fragmentBytes = n
	return ok && n > 0 && s.pos == len(value) && (l.kind == KindRecovery || l.kind == KindRestart)
}

func keepFragmentSHA(l *line, value []byte) bool {
	l.fragmentSHA = value[1 : len(value)-1]
	return l.fragmentBytes > 0 && len(l.fragmentSHA) == hashDigits && isLowerHex(l.fragmentSHA)
}

func keepArchived(l *line, value []byte) bool {
	l.archived = value
	return l.kind == KindRotate
}

func keepContinues(l *line, value []byte) bool {
	l.continues = value
	return l.archived == nil && (l.kind == KindRotate || l.kind == KindRestart)
}

func keepKeptFrom(l *line, value []byte) bool {
	s := scanner{buf: value}
	n, ok := s.integer()
	l.keptFrom = n
	return ok && s.pos == len(value) && l.continues != nil
}

func keepCheckpoint(l *line, value []byte) bool {
	l.checkpoint = value
	return l.kind == KindCheckpoint
}
