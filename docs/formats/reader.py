#!/usr/bin/env python3
"""An independent reader of Holdfast volumes: lists snapshots and restores them.

Written from the pages in this folder alone, it shares no code with Holdfast. It needs the 24 words,
any of the vault's volumes, Linux, Python 3.11, the libraries of `requirements.txt`, and `words.txt`
beside it. It never writes to a volume, gives out no byte that it has not authenticated and named
again, is not fast, and keeps some 400 bytes in memory for each object. `main` is at the end. Exit
codes: 0 done, 1 failed, 2 wrong usage, 3 done as far as these volumes go, naming what is missing.
"""
import argparse, hashlib, io, os, re, stat, sys, time
from functools import lru_cache
from hmac import compare_digest as same
from pathlib import Path
from struct import iter_unpack, pack, unpack, unpack_from

import cbor2, zstandard
from blake3 import blake3
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PURPOSES = {1: ("data packs", "chunk id"), 2: ("meta packs", "object id")}  # of keys, by pack kind
HEAD, COMMIT, TRAILER, FOOTER = 0, 2, 4, 5  # types of sealed parts
LENGTH_MAX = 6291456  # of a frame's body, and of its payload once unpacked
PLACES = ("data/*/*.pack", "meta/*/*.pack", "open/*", "trash/*")  # of packs
SPECIAL = {3: stat.S_IFIFO, 4: stat.S_IFSOCK, 5: stat.S_IFCHR, 6: stat.S_IFBLK}
MISSED = []  # what these volumes could not give back

@lru_cache(maxsize=None)  # each text once
def warn(what, why):
    print(f"warning: {what}: {why}", file=sys.stderr)

def miss(what, why):
    MISSED.append(what)
    print(f"not restored: {os.fsdecode(what)!r}: {why}", file=sys.stderr)

def check(holds, text):
    if not holds:
        raise ValueError(text)

def good(sources, read, tell=warn):
    """What `read` makes of each source, one by one; where it fails, it tells and goes on."""
    for source in sources:
        try:
            yield read(source)
        except Exception as why:  # of any kind: what authenticates may still be nonsense
            tell(getattr(source, "path", source), str(why) or "it does not authenticate")

# ---- Words, sealed boxes, the key file: keys.md --------------------------------------------------
def entropy(kit):
    """The 256 bits that the words of a recovery kit stand for."""
    order = Path(__file__).with_name("words.txt").read_text("ascii").split()
    words = re.findall("[a-z]+", Path(kit).read_text("utf-8").lower())
    check(len(words) == 24 and set(words) <= set(order), "the kit is not 24 words of the list")
    bits = int("".join(f"{order.index(word):011b}" for word in words), 2)
    secret = (bits >> 8).to_bytes(32, "big")
    check(hashlib.sha256(secret).digest()[0] == bits & 255, "a word is wrong, or two are swapped")
    return secret

def derive(name, material):
    return blake3(material, derive_key_context="holdfast 2026 v1 " + name).digest()

def record(data):
    """One CBOR record, and nothing after it."""
    stream = io.BytesIO(data)
    value = cbor2.load(stream)
    check(not stream.read(), "there are bytes after a record")
    return value

def open_box(box, secret, name, bound):
    key = blake3(box[0], key=derive(name, secret)).digest()
    check(same(box[1], derive("box commitment", key)), "it was sealed with another secret")
    return AESGCM(key).decrypt(bytes(12), box[2], bound)

class Keys:
    """What a key file holds once the words have opened it: vault, master key, spaces, writers."""
    def __init__(self, path, secret):
        data = path.read_bytes()
        whole = blake3(data[:-32]).digest() == data[-32:]
        check(whole and data[:10] == b"HFKEYS\r\n\1\0", "it is not a whole key file of version 1")
        file = record(data[10:-32])
        self.vault, self.generation = file[0], file[1]
        box = next(slot[1] for slot in file[2] if slot[0][0] == 0)
        bound = b"holdfast 2026 v1 slot words" + self.vault
        self.master = open_box(box, secret, "slot words", bound)
        mac = blake3(data[10:-64] + bytes(32), key=derive("key file mac", self.master))
        check(same(mac.digest(), file[5]), "it is forged")
        self.writers = {writer[0] for writer in file[4]}
        self.spaces = {bytes(16): derive("system space", self.master)}
        for space in file[3]:
            check(space[0] not in self.spaces and space[1] == 0, "it is forged")
            bound = b"holdfast 2026 v1 space secret" + self.vault + space[0] + bytes(4)
            secret = record(open_box(space[2], self.master, "space secret", bound))
            self.spaces[space[0]] = secret[0]

def find_keys(folders, secret):
    """The newest key file on these volumes that the words open, with the spaces of all of its vault's."""
    paths = [folder / name for folder in folders for name in ("keys.0", "keys.1")]
    found = list(good(paths, lambda path: Keys(path, secret)))
    check(found, "no key file opens with these words")
    newest = max(found, key=lambda keys: keys.generation)
    for keys in found:
        if keys.vault == newest.vault and keys.master == newest.master:
            newest.spaces = keys.spaces | newest.spaces
    return newest

# ---- Volumes and heads: superblock.md, head.md ---------------------------------------------------
def is_ours(folder, keys):
    """Whether a good superblock names the vault; without a good one, the volume is tried."""
    for data in good([folder / f"superblock.{number}" for number in range(3)], Path.read_bytes):
        if data[:8] == b"HFVOLU\r\n" and blake3(data[:480]).digest() == data[480:]:
            check(data[8:10] + data[20:24] == b"\1\0" + bytes(4), f"{folder}: of a newer version")
            if data[24:40] != keys.vault:
                warn(folder, "it belongs to another vault and is left out")
            return data[24:40] == keys.vault
    warn(folder, "no superblock is good; what is in it is tried all the same")
    return True

class Head:
    """A head that has proved itself."""
    def __init__(self, path, keys):
        self.path, data = path, path.read_bytes()
        head = record(data)
        check(head[0] == 1 and head[1] == keys.vault and head[4] in keys.writers, "it is not ours")
        signed = b"holdfast head v1\0" + data[:-64] + bytes(64)
        Ed25519PublicKey.from_public_bytes(head[4]).verify(head[6], signed)
        bound = b"holdfast head payload v1\0" + keys.vault + pack("<Q", head[2]) + head[3]
        payload = record(open_box(record(head[5]), keys.master, "head payload", bound))
        self.age = head[2], payload[8], blake3(data).digest()
        self.commit_seq, self.commit_hash, self.state = payload[0], payload[1], payload.get(2)

def find_heads(folders, keys):
    """Every good head, newest first."""
    paths = [path for folder in folders for path in folder.glob("heads/*.head")]
    heads = list(good(paths, lambda path: Head(path, keys)))
    if len({head.age[0] for head in heads}) < len({head.age for head in heads}):
        warn("disks went on apart, so heads fork", "the newest counts; try each disk alone, too")
    return sorted(heads, key=lambda head: head.age, reverse=True)

# ---- Packs: pack.md ------------------------------------------------------------------------------
class Pack:
    """One copy of a pack, whole or only its beginning."""
    def __init__(self, path, keys):
        self.path = path
        with open(path, "rb") as file:
            header = file.read(128)
        fixed = header[:12] + header[13:16] + header[48:64]
        check(fixed == b"HFPACK\r\n\1\0\1\0" + bytes(19), "it is not a pack of version 1")
        kind, space, salt = header[12], header[32:48], header[64:96]
        check(header[16:32] == keys.vault and space in keys.spaces, "these words do not open it")
        packs, self.naming = [derive("space " + use, keys.spaces[space]) for use in PURPOSES[kind]]
        self.key = blake3(salt, key=packs).digest()
        check(same(header[96:], derive("pack commitment", self.key)), "its header is damaged")
        self.has_commits = kind == 2 and space == bytes(16)  # meta, of the vault itself
        self.bound = header[8:13], bytes(2) + header[16:52] + salt

    def part(self, at, length, domain, number, kind):
        """Opens the sealed part at this place."""
        with open(self.path, "rb") as file:
            file.seek(at)
            sealed = file.read(length + 16)
        number = pack("<Q", number)
        bound = self.bound[0] + bytes([kind]) + self.bound[1] + number
        return AESGCM(self.key).decrypt(domain + number, sealed, bound)

    def head(self, at, number):
        """A frame's type, codec, entries, length of the body, length of the unpacked payload."""
        head = unpack("<BBxxIII", self.part(at, 16, b"HFh\0", number, HEAD))
        check(36 * head[2] <= head[3] <= LENGTH_MAX >= head[4], "a frame has impossible lengths")
        return head

    @lru_cache(maxsize=8)  # small files share frames
    def frame(self, at, number):
        """A frame's type, its objects by their ids, and its payload."""
        kind, codec, entries, body_length, length = self.head(at, number)
        body = self.part(at + 32, body_length, b"HFb\0", number, kind)
        table, payload = body[:36 * entries], body[36 * entries:]
        if codec == 1:
            unpacker = zstandard.ZstdDecompressor()
            payload = unpacker.decompress(payload, length, allow_extra_data=False)
        check(codec <= 1 and len(payload) == length, "a frame is not as long as its head says")
        rest = io.BytesIO(payload)
        objects = {id: rest.read(length) for id, length in iter_unpack("<32sI", table)}
        for id, data in objects.items():
            check(blake3(data, key=self.naming).digest() == id, "an object has another one's id")
        return kind, objects, payload

    def listed(self):
        """The frames that the trailer lists: place, number, type and ids of each."""
        size, place = os.path.getsize(self.path), 4
        foot = self.part(max(size - 64, 0), 48, b"HFf\0", 0, FOOTER)
        magic, at, number, length = unpack_from("<8sIII", foot)
        kind, _, rest = self.frame(at, number)
        check((magic, length, kind) == (b"HFFOOT\r\n", size, TRAILER), "its end is damaged")
        while place < len(rest):
            number, at, kind, entries = unpack_from("<IIBxxxI", rest, place)
            place += 24 + 36 * entries
            table = iter_unpack("<32sI", rest[place - 36 * entries:place])
            yield at, number, kind, [id for id, _ in table]

    def scanned(self):
        """The same without a trailer: from the front, as far as heads authenticate."""
        at, number = 128, 0
        while head := next(good([at], lambda at: self.head(at, number), lambda *_: None), None):
            for kind, objects, _ in good([self], lambda _: self.frame(at, number)):
                yield at, number, kind, objects
            at, number = at + 48 + head[3], number + 1

class Store:
    """All packs of all volumes: places of objects by id, commits by hash of the one before."""
    def __init__(self, folders, keys):
        self.places, self.commits, packs = {}, {}, {}
        paths = [path for folder in folders for place in PLACES for path in folder.glob(place)]
        for copy in good(paths, lambda path: Pack(path, keys)):
            packs.setdefault(copy.path.stem, []).append(copy)  # copies of a pack bear one name
        for copies in packs.values():
            sealed = [copy for copy in copies if copy.path.suffix != ".part"]
            frames = next(good(sealed, lambda copy: list(copy.listed())), None)
            for frame in frames or [frame for copy in copies for frame in copy.scanned()]:
                self.add(copies, *frame)

    def add(self, copies, at, number, kind, ids):
        for id in ids:
            self.places.setdefault(id, []).append((copies, at, number))
        if kind == COMMIT and copies[0].has_commits:
            for _, _, data in good(copies, lambda copy: copy.frame(at, number)):
                commit = record(data)
                self.commits.setdefault(commit[1], {})[blake3(data).digest()] = commit[3]

    def object(self, id):
        """The bytes that bear this name, from the first copy that proves itself."""
        for copies, at, number in self.places.get(id, ()):
            for data in good(copies, lambda copy: copy.frame(at, number)[1][id]):
                return data
        raise ValueError("a piece is on none of these volumes, or damaged")

# ---- Sources and snapshots: records.md, "State" and "Commits" ------------------------------------
def state_of(store, head):
    """Sources by id, each with name and snapshots (id to time of receipt), as a head left them."""
    sources = {}
    for source in record(store.object(head.state))[0] if head.state else ():
        segments = good(source.get(3, []), lambda id: record(store.object(id))[0],
                        lambda _, why: miss(f"some snapshots of {source[1]}", why))
        sources[source[0]] = source[1], {ref[0]: ref[1] for refs in segments for ref in refs}
    return sources

def apply(sources, variant, fields):
    """One operation of a commit."""
    check(variant in (0, 1, 2, 3), "a commit was written by a newer Holdfast")
    if variant == 0:
        sources.setdefault(fields[0], (fields[1], {}))
    _, snapshots = sources.get(fields[0], ("", {}))
    if variant in (2, 3):  # replaced, forgotten
        snapshots.pop(fields[1], None)
    if variant in (1, 2):  # added, replaced
        snapshots[fields[-1][0]] = fields[-1][1]

def following(store, last):
    """The operations of each commit after this one, on the branch that gets furthest."""
    longest, branches = [], {last: []}
    while branches:
        longest = branches[min(branches)]
        branches = {hash: earlier + [operations] for last, earlier in branches.items()
                    for hash, operations in store.commits.get(last, {}).items()}
    return longest

def history(store, heads):
    """The sources by the newest head whose state can be read, and by the commits after it."""
    for head, sources in good(heads, lambda head: (head, state_of(store, head))):
        commits = following(store, head.commit_hash)
        for variant, fields in [operation for commit in commits for operation in commit]:
            apply(sources, variant, fields)
        if head.commit_seq + len(commits) < heads[0].commit_seq:
            miss("snapshots of the newest commits", "they are on none of these volumes")
        return sources
    raise ValueError("no head with a readable state is on these volumes")

# ---- Files: records.md, "Trees" ------------------------------------------------------------------
class Restorer:
    """Restores a snapshot into the current folder, which changes as it goes along."""
    def __init__(self, store):
        self.store, self.links = store, {}
        self.root = os.open(".", os.O_RDONLY)

    def leaves(self, node, tell):
        """The entries or extents below a node, in order; it tells of what cannot be read."""
        for variant, (items,) in good([node], lambda id: record(self.store.object(id)), tell):
            check(variant in (0, 1), "it was written by a newer Holdfast")
            for item in items:
                yield from [item] if variant == 0 else self.leaves(item[1], tell)

    def folder(self, node, path):
        """What is in the current folder."""
        for child in self.leaves(node, lambda _, why: miss(path + b"/*", why)) if node else ():
            self.entry(child, child[0], child[1], path + b"/" + child[0])

    def entry(self, entry, name, kind, path):
        link = entry.get(8)
        try:
            fits = name not in (b"", b".", b"..") and b"/" not in name and b"\0" not in name
            check(fits, "its name could lead out of the folder")
            if link is not None and link in self.links:
                os.link(self.links[link], name, src_dir_fd=self.root, follow_symlinks=False)
            else:
                self.make(entry, name, kind, path)
                attributes(entry[2], name, kind, path)
                self.links[link] = path[1:]
        except Exception as why:
            miss(path, why)

    def make(self, entry, name, kind, path):
        if kind == 0:
            with open(name, "xb") as file:
                self.fill(file, entry, name)
        elif kind == 1:
            os.mkdir(name, 0o700)
            os.chdir(name)
            try:
                self.folder(entry.get(5), path)
            finally:
                os.chdir("..")
        elif kind == 2:
            os.symlink(entry[6], name)
        else:
            os.mknod(name, SPECIAL[kind] | 0o600, os.makedev(*divmod(entry.get(7) or 0, 2**32)))

    def fill(self, file, entry, name):
        """A file's bytes; a file of which a piece is missing is not left behind."""
        try:
            variant, (what,) = entry.get(4) or (0, [[]])
            extents = what if variant == 0 else self.leaves(what, lambda _, why: check(False, why))
            for extent in extents:
                length, chunk, start = extent + [None, 0][len(extent) - 1:]
                if chunk is None:  # a hole
                    file.seek(length, os.SEEK_CUR)
                else:
                    file.write(self.store.object(chunk)[start:start + length])
            check(file.tell() == entry[3], "its pieces do not make its size")
            file.truncate()
        except Exception:
            os.unlink(name)
            raise

def attributes(attrs, name, kind, path):
    """Owner first, since it clears what follows; times last, since all else changes them."""
    user = os.geteuid()
    if user == 0:
        os.chown(name, attrs[1], attrs[2], follow_symlinks=False)
    for attribute, value in attrs.get(6, []):
        try:
            os.setxattr(name, attribute, value, follow_symlinks=False)
        except OSError as why:
            miss(path, f"only its attribute {os.fsdecode(attribute)!r}: {why.strerror}")
    if kind != 2:  # set-id bits lend the owner's rights, so they are not given with another owner
        os.chmod(name, attrs[0] if user in (0, attrs[1]) else attrs[0] & 0o1777)
    os.utime(name, ns=(attrs[5][0] * 10**9 + attrs[5][1],) * 2, follow_symlinks=False)

def show(store, rows):
    """A line for each snapshot, oldest first."""
    for received, id, source in rows:
        for snapshot in good([id.hex()], lambda _: record(store.object(id)), miss):
            moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(received // 1000))
            print(f"{id.hex()[:16]}  {moment}  {source}  {snapshot[6]}  {snapshot[9][3]} bytes")

def restore(store, rows, wanted, to):
    """Restores the snapshot that is wanted into a new or empty folder."""
    found = [id for _, id, source in rows
             if wanted in ("latest", f"latest:{source}") or id.hex().startswith(wanted)]
    one = len(found) == 1 or found and wanted.startswith("latest")
    check(one, f"{len(found)} snapshots are called {wanted}")
    root = record(store.object(found[-1]))[3]
    os.makedirs(to, exist_ok=True)
    os.chdir(to)
    check(not os.listdir(), f"{to} is not empty")
    os.umask(0o077)
    Restorer(store).folder(root.get(5), b"")
    attributes(root[2], ".", 1, b"/")

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words-file", required=True, metavar="KIT")
    parser.add_argument("--volume", required=True, action="append", type=Path, metavar="DISK")
    parser.add_argument("--to", default="restored", metavar="FOLDER", help="new or empty")
    parser.add_argument("command", choices=("list", "restore"))
    parser.add_argument("snapshot", nargs="?", default="latest", help="ID, latest, latest:SOURCE")
    options = parser.parse_args()
    sys.setrecursionlimit(100_000)  # folders may be deep
    folders = [given.absolute() / "holdfast" for given in options.volume]
    keys = find_keys(folders, entropy(options.words_file))
    folders = [folder for folder in folders if is_ours(folder, keys)]
    store = Store(folders, keys)
    sources = history(store, find_heads(folders, keys)).values()
    rows = sorted((time, id, name) for name, times in sources for id, time in times.items())
    if options.command == "list":
        show(store, rows)
    else:
        restore(store, rows, options.snapshot, options.to)
    return 3 if MISSED else 0

if __name__ == "__main__":
    try:
        sys.exit(main())
    except (ValueError, OSError) as why:
        sys.exit(f"error: {why}")
