#!/usr/bin/env python3
"""verify_audit.py LOG [CHECKPOINTS]: verifies an audit log of Aegis, by what docs/audit.md says.

Reads LOG and what was rotated away from it. Exit status 0 if that is one chain, 1 if not. Of checkpoints, signatures are not checked."""
import base64, datetime, gzip, hashlib, json, os, re, sys, zlib
fcntl = __import__("fcntl") if os.name == "posix" else None  # without it nothing may append meanwhile
Broken = type("Broken", (Exception,), {})  # what is wrong with a log
KINDS = "session_start decision outcome session_end policy auth_failure recovery rotate restart checkpoint".split()

def entry_of(raw):
    """The entry that a line is, or why it is none. A line that was changed is Broken at once."""
    cut = raw.rfind(b',"entry_hash":"')
    try:
        pairs = json.loads(raw.decode("utf-8"), object_pairs_hook=list)
        names, entry = [name for name, _ in pairs], dict(pairs)
        datetime.datetime.fromisoformat(re.fullmatch(r"(.{19})\.\d{9}Z", entry["time"])[1])
    except (ValueError, TypeError, KeyError):
        return None, "is not JSON of an entry, with its time"
    if len(raw) - cut != 81 or not raw.endswith(b'"}') or len(raw) > 65536:
        return None, "does not end with entry_hash"
    if len(entry) < len(names) or names[:5] != ["v", "seq", "time", "kind", "session"] or names[-2:] != ["prev_hash", "entry_hash"] or entry["v"] != 1 or type(entry["seq"]) is not int or entry["kind"] not in KINDS:
        return None, "has not the members of an entry, or is of another version"
    if hashlib.sha256(raw[:cut]).hexdigest() != entry["entry_hash"]:
        raise Broken("has been changed: its bytes do not hash to its entry_hash")
    if entry["kind"] == "checkpoint" and point_of(entry["checkpoint"]) != (entry["seq"] - 1, entry["prev_hash"]):
        raise Broken("is a checkpoint that does not name the entry before it")
    return entry, None

def point_of(note):
    return int(note.split("\n")[1]), base64.b64decode(note.split("\n")[2]).hex()

def opened(log):
    """The log's head, and its files as (name, file, whether it is the one that is appended to), at one moment: under the writers' lock."""
    folder, base = os.path.dirname(os.path.abspath(log)), os.path.basename(log)
    with open(log + ".lock" if os.path.exists(log + ".lock") else os.devnull) as lock:
        _ = fcntl and fcntl.flock(lock, fcntl.LOCK_SH)
        head = json.load(open(log + ".head")) if os.path.exists(log + ".head") else None
        paths = [os.path.join(folder, name) for name in sorted(os.listdir(folder), reverse=True) if name.startswith(base) and name != base]
        if head and head["seq"] and not (os.path.exists(log) and os.path.getsize(log)):  # a rotation was cut short, or something else moved it
            log = next((path for path in paths if os.path.isfile(path) and b'"entry_hash":"' + head["hash"].encode() in open(path, "rb").read()), log)
        found = {int(match[1]): path for path in paths if path != log and (match := re.fullmatch(re.escape(base) + r"\.(\d{12,})(\.gz)?", os.path.basename(path)))}
        files = [(path, (gzip.open if path.endswith(".gz") else open)(path, "rb")) for path in [found[last] for last in sorted(found)] + [log]]
        return head, [(os.path.basename(path).removesuffix(".gz"), file, path == log) for path, file in files]

class Chain:
    def __init__(self, points, folder, head):
        self.head, self.points, self.folder, self.seq, self.hash, self.count, self.first, self.kept = head or {"seq": 0}, points, folder, 0, "0" * 64, 0, None, 1

    def add(self, entry, number, before):
        """Takes the entry on line number of a file that follows the file before."""
        continues, restarts, self.kept = entry.get("continues"), entry["kind"] == "restart", max(self.kept, entry.get("kept_from", 1))
        if continues and number != 1:
            raise Broken("begins a file, and stands in the midst of one")
        if restarts:
            self.set_aside(os.path.join(self.folder, continues), [n for n in self.points if self.seq < n < entry["seq"] - 1])
        if restarts or continues and before is None:
            self.seq, self.hash = entry["seq"] - 1, entry["prev_hash"]
        elif number == 1 and continues != before:
            raise Broken(f"continues {continues}, and before it lies {before}")
        if entry["seq"] != self.seq + 1 or entry["prev_hash"] != self.hash:
            raise Broken(f"does not follow entry {self.seq}")
        self.seq, self.hash, self.count, self.first = entry["seq"], entry["entry_hash"], self.count + 1, self.first or entry["seq"]
        for seq, digest in (entry["seq"] - 1, entry["prev_hash"]), (entry["seq"], entry["entry_hash"]):
            if self.points.get(seq, digest) != digest:
                raise Broken(f"is not what the head or a checkpoint says of entry {seq}")

    def set_aside(self, path, numbers):
        lines = open(path, "rb").read().splitlines() if numbers and os.path.exists(path) else []
        found = {hashlib.sha256(line[:-81]).hexdigest() for line in lines} & {line[-66:-2].decode("latin-1") for line in lines}
        if lost := [n for n in numbers if self.points[n] not in found]:
            raise Broken(f"restarts the log after entry {lost[0]}, which a checkpoint knows and that is not in what was set aside")

    def file(self, name, lines, live, before):
        last, stray, archived = b"", None, None
        for number, line in enumerate(lines, 1):
            raw = line.removesuffix(b"\n")
            try:
                entry, why = entry_of(raw)
                if entry is None:  # it may be what an interrupted write left; then a recovery names it
                    stray = (raw if stray is None else stray[0] + b"\n" + raw, stray[1] if stray else f"line {number} {why}")
                    continue
                if entry["kind"] == "recovery" and "fragment_sha256" in entry:
                    if (len(named := stray[0] if stray else last), hashlib.sha256(named).hexdigest()) != (entry["fragment_bytes"], entry["fragment_sha256"]):
                        raise Broken("names a fragment that is not before it")
                elif stray:
                    raise Broken(f"comes after a line that is no entry: {stray[1]}")
                self.add(entry, number, before)
                if entry["seq"] == self.head["seq"] and lines.tell() != self.head["size"]:
                    raise Broken("does not end where the head says")
            except Broken as reason:
                raise Broken(f"{name}: line {number} {reason}")
            last, stray, archived = raw, None, entry.get("archived")
        whole = stray and b',"entry_hash":"' in stray[0] and not re.search(rb',"entry_hash":"([0-9a-f]{0,63}|[0-9a-f]{64}"?)\Z', stray[0])
        if stray and (line.endswith(b"\n") and not (stray[0] and stray[0].startswith((b'{"v":1,"seq":%d,"time":"' % (self.seq + 1))[: len(stray[0])])) or whole):
            raise Broken(f"{name}: {stray[1]}")
        if not live and (archived != name or stray):
            raise Broken(f"{name} was rotated, and its end was cut off")
        return name

def verify(log, points):
    kept, (head, files) = os.path.exists(log + ".lock"), opened(log)
    if head:
        points |= {head["seq"]: head["hash"]} if points.get(head["seq"], head["hash"]) == head["hash"] else {head["seq"]: "two hashes"}
    elif kept:
        raise Broken("the head is missing: entries may have been cut off")
    chain, before = Chain(points, os.path.dirname(os.path.abspath(log)), head), None
    for name, lines, live in files:
        before = chain.file(name, lines, live, before)
    if (len(files) > 1 or kept) and (chain.first or 1) > chain.kept:
        raise Broken(f"entries {chain.kept} to {chain.first - 1} are missing, and no entry says that they were deleted for their age")
    if points and max(points) > chain.seq:
        raise Broken(f"it ends before entry {max(points)}, which the head or a checkpoint knows")
    return f"{log}: {chain.count} entries, one chain\nlast entry {chain.hash}"

if __name__ == "__main__":
    try:
        notes = re.findall(r"\S+\n\d+\n\S+\n\S+\n\n(?:— .*\n)+", open(sys.argv[2], encoding="utf-8").read()) if len(sys.argv) > 2 else []
        print(verify(sys.argv[1], dict(map(point_of, notes))))
    except (Broken, OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as reason:
        sys.exit(f"verify_audit: {reason}")
