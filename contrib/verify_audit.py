#!/usr/bin/env python3
"""Verifies an audit log of Aegis, by what docs/audit.md says. usage: verify_audit.py LOG [CHECKPOINTS]

Reads LOG and the files that were rotated away from it, beside it. Exit status 0 if they are one chain, 1 if not. Python's
standard library has no Ed25519: of checkpoints the number and the hash are held against the log, and no signature is checked."""
import base64, gzip, hashlib, json, os, re, sys, zlib
Broken = type("Broken", (Exception,), {})  # what is wrong with a log

def entry_of(raw):
    """The entry that a line is, or why it is none. A line that was changed is Broken at once."""
    cut = raw.rfind(b',"entry_hash":"')
    if cut < 0 or len(raw) - cut != 81 or not raw.endswith(b'"}') or len(raw) > 65536:
        return None, "does not end with entry_hash"
    try:
        pairs = json.loads(raw.decode("utf-8"), object_pairs_hook=list)
    except ValueError:
        return None, "is not JSON"
    names, entry = [name for name, _ in pairs], dict(pairs)
    if len(entry) < len(names) or names[:5] != ["v", "seq", "time", "kind", "session"] or names[-2:] != ["prev_hash", "entry_hash"] or entry["v"] != 1:
        return None, "has not the members of an entry, or is of another version"
    if hashlib.sha256(raw[:cut]).hexdigest() != entry["entry_hash"]:
        raise Broken("has been changed: its bytes do not hash to its entry_hash")
    if entry["kind"] == "checkpoint" and point_of(entry["checkpoint"]) != (entry["seq"] - 1, entry["prev_hash"]):
        raise Broken("is a checkpoint that does not name the entry before it")
    return entry, None

def point_of(note):
    _, seq, digest = note.split("\n")[:3]
    return int(seq), base64.b64decode(digest).hex()

def files_of(log):
    folder, base, found = os.path.dirname(os.path.abspath(log)), os.path.basename(log), {}
    for name in sorted(os.listdir(folder), reverse=True):  # of LOG.N and LOG.N.gz the first counts
        if match := re.fullmatch(re.escape(base) + r"\.(\d{12,})(\.gz)?", name):
            found[int(match[1])] = os.path.join(folder, name)
    return [found[last] for last in sorted(found)] + [log]

class Chain:
    def __init__(self, points, folder):
        self.seq, self.hash, self.count, self.first, self.kept, self.points, self.folder = 0, "0" * 64, 0, None, 1, points, folder

    def add(self, entry, number, before, archived):
        """Takes the entry on line number of a file that follows the file before, and in it an entry that archived one."""
        if "continues" in entry and (number == 1 or entry["continues"] != archived):
            if number != 1:
                raise Broken("begins a file, and stands in the midst of one")
            self.kept = max(self.kept, entry.get("kept_from", 1))
            if before is None or entry["kind"] == "restart":
                if entry["kind"] == "restart":
                    self.set_aside(entry["continues"], [n for n in self.points if self.seq < n < entry["seq"] - 1])
                self.seq, self.hash = entry["seq"] - 1, entry["prev_hash"]
                self.pass_point()
            elif entry["continues"] != before:
                raise Broken(f"continues {entry['continues']}, and before it lies {before}")
        elif number == 1 and before is not None:
            raise Broken(f"does not continue {before}")
        if entry["seq"] != self.seq + 1 or entry["prev_hash"] != self.hash:
            raise Broken(f"does not follow entry {self.seq}")
        self.seq, self.hash, self.count, self.first = entry["seq"], entry["entry_hash"], self.count + 1, self.first or entry["seq"]
        self.pass_point()

    def set_aside(self, name, numbers):
        path = os.path.join(self.folder, name)
        lines = open(path, "rb").read().splitlines() if numbers and os.path.exists(path) else []
        found = {hashlib.sha256(line[:-81]).hexdigest() for line in lines} & {line[-66:-2].decode("latin-1") for line in lines}
        if lost := [n for n in numbers if self.points[n] not in found]:
            raise Broken(f"restarts the log after entry {lost[0]}, which a checkpoint knows and that is not in what was set aside")

    def pass_point(self):
        if self.points.get(self.seq, self.hash) != self.hash:
            raise Broken(f"is not what the head or a checkpoint says of entry {self.seq}")

    def file(self, path, before, live):
        name, last, stray, archived = os.path.basename(path).removesuffix(".gz"), b"", None, None
        with gzip.open(path) if path.endswith(".gz") else open(path, "rb") as lines:
            for number, line in enumerate(lines, 1):
                raw = line.removesuffix(b"\n")
                try:
                    entry, why = entry_of(raw)
                    if entry is None:  # it may be what an interrupted write left; then a recovery names it
                        stray = (raw if stray is None else stray[0] + b"\n" + raw, stray[1] if stray else f"line {number} {why}")
                        continue
                    if entry["kind"] == "recovery" and "fragment_sha256" in entry:
                        named = last if stray is None else stray[0]
                        if (len(named), hashlib.sha256(named).hexdigest()) != (entry["fragment_bytes"], entry["fragment_sha256"]):
                            raise Broken("names a fragment that is not before it")
                    elif stray:
                        raise Broken(f"comes after a line that is no entry: {stray[1]}")
                    self.add(entry, number, before, archived)
                except Broken as reason:
                    raise Broken(f"{name}: line {number} {reason}")
                last, stray, archived = raw, None, entry.get("archived")
        due = b'{"v":1,"seq":%d,"time":"' % (self.seq + 1)
        if stray and (line.endswith(b"\n") and not stray[0].startswith(due[: len(stray[0])]) or b'"entry_hash":"' in stray[0] and stray[0].endswith(b"}")):
            raise Broken(f"{name}: {stray[1]}")
        if not live and (archived != name or stray):
            raise Broken(f"{name} was rotated, and its end was cut off")
        return name

def verify(log, points):
    if os.path.exists(log + ".head"):
        head = json.load(open(log + ".head"))
        points |= {head["seq"]: head["hash"]} if points.get(head["seq"], head["hash"]) == head["hash"] else {head["seq"]: "two hashes"}
    elif os.path.exists(log + ".lock"):
        raise Broken("the head is missing: entries may have been cut off")
    chain, before, files = Chain(points, os.path.dirname(os.path.abspath(log))), None, files_of(log)
    for path in files:
        before = chain.file(path, before, path == log)
    if (len(files) > 1 or os.path.exists(log + ".lock")) and (chain.first or 1) > chain.kept:
        raise Broken(f"entries {chain.kept} to {chain.first - 1} are missing, and no entry says that they were deleted for their age")
    if points and max(points) > chain.seq:
        raise Broken(f"it ends before entry {max(points)}, which the head or a checkpoint knows")
    return f"{log}: {chain.count} entries, one chain\nlast entry {chain.hash}"

if __name__ == "__main__":
    try:
        text = open(sys.argv[2], encoding="utf-8").read() if len(sys.argv) > 2 else ""
        print(verify(sys.argv[1], dict(map(point_of, re.findall(r"\S+\n\d+\n\S+\n\S+\n\n(?:— .*\n)+", text)))))
    except (Broken, OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as reason:
        sys.exit(f"verify_audit: {reason}")
