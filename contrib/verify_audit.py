#!/usr/bin/env python3
"""verify_audit.py LOG [CHECKPOINTS]: verifies an audit log of Aegis, by what docs/audit.md says.
Reads LOG and what was rotated away from it. Exit status 0 if that is one chain, 1 if not. Of checkpoints, signatures are not checked."""
import base64, datetime, hashlib, json, os, re, stat, sys, zlib
fcntl = __import__("fcntl") if os.name == "posix" else None  # without it nothing may append meanwhile
Broken = type("Broken", (Exception,), {})  # what is wrong with a log
is_file = lambda path: os.path.lexists(path) and stat.S_ISREG(os.lstat(path).st_mode)  # neither a link nor a pipe that would be waited for
KINDS = "session_start decision outcome session_end policy auth_failure recovery rotate restart checkpoint".split()
def must(holds, otherwise):
    if not holds:
        raise Broken(f"{Chain.where} {otherwise}")
def entry_of(raw):
    """The entry that a line is, or why it is none. A line that was changed is Broken at once."""
    cut = raw.rfind(b',"entry_hash":"')
    try:
        pairs = json.loads(raw.decode("utf-8"), object_pairs_hook=list)
        names, entry = [name for name, _ in pairs], dict(pairs)
        datetime.datetime.fromisoformat(re.fullmatch(r"(.{19})\.[0-9]{9}Z", entry["time"])[1])
    except (ValueError, TypeError, KeyError):
        return None, "is not JSON of an entry, with its time"
    ends = len(raw) - cut == 81 and raw.endswith(b'"}') and len(raw) <= 65536 and names[-2:] == ["prev_hash", "entry_hash"]
    if not ends or len(entry) < len(names) or names[:5] != ["v", "seq", "time", "kind", "session"] or entry["v"] != 1 or type(entry["seq"]) is not int or entry["kind"] not in KINDS:
        return None, "has not the members of an entry, or is of another version"
    must(hashlib.sha256(raw[:cut]).hexdigest() == entry["entry_hash"], "has been changed: its bytes do not hash to its entry_hash")
    point = point_of(entry["checkpoint"]) if entry["kind"] == "checkpoint" else None
    must(point in (None, (entry["seq"] - 1, entry["prev_hash"])), "is a checkpoint that does not name the entry before it")
    return entry, None
def point_of(note):
    return int(note.split("\n")[1]), base64.b64decode(note.split("\n")[2]).hex()
def opened(log):
    """The log's head as (number, hash, size), and its files as (name, file, whether it is the one that is appended to), at one moment."""
    folder, base = os.path.split(log)
    with open(log + ".lock" if is_file(log + ".lock") else os.devnull) as lock:
        _ = fcntl and fcntl.flock(lock, fcntl.LOCK_SH)
        text = open(log + ".head", "rb").read(512) if is_file(log + ".head") else b"?" * os.path.lexists(log + ".head")
        head = re.fullmatch(rb'{"seq":(0|[1-9][0-9]*),"hash":"([0-9a-f]{64})","size":(0|[1-9][0-9]*)}\n', text)
        must(not text.strip(b"\0") or head and (head[1] == b"0") == (head[2] + head[3] == b"0" * 65), "the head is not as Aegis writes it")
        head = head and (int(head[1]), head[2].decode(), int(head[3]))
        paths = [os.path.join(folder, name) for name in sorted(os.listdir(folder), reverse=True) if name.startswith(base) and name != base]
        if head and head[0] and not (os.path.exists(log) and os.path.getsize(log)):  # a rotation was cut short, or something else moved it
            holds = lambda path: open(path, "rb").read(head[2]).endswith(b',"entry_hash":"%s"}\n' % head[1].encode())
            log = max((path for path in paths if is_file(path) and not path.endswith(".gz") and holds(path)), key=os.path.getsize, default=log)
        archive = re.compile(re.escape(base) + r"\.(?=[0-9]{12})(0*[1-9][0-9]{0,18})(\.gz)?")  # of LOG.N and LOG.N.gz the first counts
        found = {int(match[1]): path for path in paths if path != log and is_file(path) and (match := archive.fullmatch(os.path.basename(path)))}
        return head, [(os.path.basename(path).removesuffix(".gz"), open(path, "rb"), path == log) for path in [found[last] for last in sorted(found)] + [log]]
def lines_of(file):
    packed, rest = file.name.endswith(".gz") and zlib.decompressobj(31), b""
    for more in iter(lambda: file.read(1 << 16), b""):
        *lines, rest = (rest + (packed.decompress(more) if packed else more)).split(b"\n")
        yield from (line + b"\n" for line in lines)
        must(not (packed and packed.unused_data) and len(rest) < 1 << 20, "is followed by something that is no line")
    must(not packed or packed.eof, "is the last before what is compressed was cut off")
    yield from [rest] if rest else []

class Chain:
    where, seq, hash, count, first, kept = "", 0, "0" * 64, 0, None, 1
    def add(self, entry, number, before, archived):
        """Takes the entry on line number of a file that follows the file before, and in it an entry that archived one."""
        continues, restarts, self.kept = entry.get("continues"), entry["kind"] == "restart", max(self.kept, entry.get("kept_from", 1))
        must(not continues or number == 1 or continues == archived, "begins a file, and stands in the midst of one")
        self.set_aside(continues, [n for n in self.points if restarts and self.seq < n < entry["seq"] - 1])
        if restarts or continues and before is None and number == 1:
            self.seq, self.hash = entry["seq"] - 1, entry["prev_hash"]
        else:
            must(number > 1 or continues == before, f"continues {continues}, and before it lies {before}")
        must(entry["seq"] == self.seq + 1 and entry["prev_hash"] == self.hash, f"does not follow entry {self.seq}")
        self.seq, self.hash, self.count, self.first = entry["seq"], entry["entry_hash"], self.count + 1, self.first or entry["seq"]
        for seq, digest in (entry["seq"] - 1, entry["prev_hash"]), (entry["seq"], entry["entry_hash"]):
            must(self.points.get(seq, digest) == digest, f"is not what the head or a checkpoint says of entry {seq}")
    def set_aside(self, name, numbers):
        """Holds checkpoints of entries before a restart to what it has set aside: that file, and those that were rotated away from it."""
        folder, found = os.path.join(self.folder, os.path.dirname(name or "")), set()
        must(not numbers or ".." not in name.split("/") and name[0] != "/", "has set aside what is elsewhere")
        for path in [os.path.join(folder, each) for each in os.listdir(folder)] if numbers and os.path.isdir(folder) else []:
            lines = map(bytes.rstrip, lines_of(open(path, "rb"))) if is_file(path) else []
            found |= {line[-66:-2].decode("latin-1") for line in lines if hashlib.sha256(line[:-81]).hexdigest().encode() == line[-66:-2]}
        must(all(self.points[n] in found for n in numbers), "restarts the log after an entry that a checkpoint knows, and that is not in what was set aside")
    def file(self, name, lines, live, before):
        last, stray, archived, size = b"", None, None, 0
        for number, line in enumerate(lines, 1):
            raw, size, Chain.where = line.removesuffix(b"\n"), size + len(line), f"{name}: line {number}"
            entry, why = entry_of(raw)
            if entry is None:  # it may be what an interrupted write left; then a recovery names it
                stray = (raw if stray is None else stray[0] + b"\n" + raw, stray[1] if stray else f"line {number} {why}")
                continue
            recovers, named = entry["kind"] == "recovery" and "fragment_sha256" in entry, last if stray is None else stray[0]
            must(recovers or not stray, f"comes after a line that is no entry: {stray and stray[1]}")
            must(not recovers or (len(named), hashlib.sha256(named).hexdigest()) == (entry["fragment_bytes"], entry["fragment_sha256"]), "names another fragment")
            self.add(entry, number, before, archived)
            early, here = not last and self.head and self.head[0] < self.seq - 1, self.head and self.head[0] == self.seq
            must(not live or not early and not (here and self.head[2] != size), "is not where the head names an entry")
            last, stray, archived = raw, None, entry.get("archived")
        due, rest = b'{"v":1,"seq":%d,"time":"' % (self.seq + 1), stray[0].split(b"\n") if stray else []
        ended = rest if stray and line.endswith(b"\n") else rest[:-1]
        whole = [l for l in rest if re.search(rb',"entry_hash":"(?![0-9a-f]{0,63}$|[0-9a-f]{64}"?$)', l)] + [l for l in ended if not l or not l.startswith(due[: len(l)])]
        must(not whole and (self.head or not ended), f"is none that an interrupted write leaves: {stray and stray[1]}")
        must(live or archived == name and not stray, f"is not the one that ends {name}: its end was cut off")
        return name

def verify(given, points):
    log = os.path.realpath(given)
    must(not is_file(given + ".head") or os.path.samefile(given + ".head", log + ".head"), "a link stands where a log was kept, whose head is still there")
    kept, (head, files) = os.path.lexists(log + ".lock") or os.path.lexists(log + ".key"), opened(log)
    must(head or not kept, "the head is missing: entries may have been cut off")
    points |= {head[0]: head[1] if points.get(head[0], head[1]) == head[1] else "two hashes"} if head else {}
    chain, before = Chain(), None
    chain.points, chain.folder, chain.head = points, os.path.dirname(log), head
    for name, file, live in files:
        before = chain.file(name, lines_of(file), live, before)
    Chain.where = f"{log}:"
    must(not (len(files) > 1 or kept) or (chain.first or 1) <= chain.kept, f"entries from {chain.kept} on are missing, and no entry says that they were deleted for their age")
    must(max(points, default=0) <= chain.seq, f"it ends before entry {max(points, default=0)}, which the head or a checkpoint knows")
    return f"{log}: {chain.count} entries, one chain\nlast entry {chain.hash}"

if __name__ == "__main__":
    try:
        text = open(sys.argv[2], encoding="utf-8").read() if len(sys.argv) > 2 else ""
        print(verify(sys.argv[1], dict(map(point_of, re.findall(r"\S+\n\d+\n\S+\n\S+\n\n(?:— .*\n)+", text)))))
    except (Broken, OSError, zlib.error, ValueError, KeyError, TypeError) as reason:
        sys.exit(f"verify_audit: {reason}")
