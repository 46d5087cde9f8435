"""From a kit's 24 words and some volumes to the objects on them.

Everything below files and folders: words, key file, superblocks, heads, packs, and a `Store` that
finds an object by its id on any volume. Written from the pages in this folder alone, in the order
of `README.md`; it shares no code with Holdfast, never writes to a volume, and gives out no byte
that it has not authenticated and named again. `reader.py` makes files of the objects.
"""
import hashlib
import hmac
import io
import os
import re
import sqlite3
import sys
from collections import OrderedDict
from pathlib import Path
from struct import error as StructError, pack, unpack, unpack_from

import cbor2
import zstandard
from blake3 import blake3
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

DATA, META = 1, 2  # kinds of packs
HEAD, OBJECTS, COMMIT, TRAILER, FOOTER = 0, 1, 2, 4, 5  # types of sealed parts
SYSTEM, ZEROS = bytes(16), bytes(32)
LENGTH_MAX = 6291456  # of a frame's body, and of its payload once unpacked
CACHE_BYTES = 64 << 20  # opened frames that are kept: small files share one

class Damaged(Exception):
    """Bytes that are not what they should be, or not there. Another copy may be good."""

class Refused(Exception):
    """Nothing can be done with what was given; the text says why."""

# What a record that is authentic but not as documented raises.
ODD = (Damaged, OSError, StructError, LookupError, TypeError, ValueError, zstandard.ZstdError)

def warn(text):
    print(f"warning: {text}", file=sys.stderr)

# ---- Primitives: keys.md, "Notation" and "The sealed box" ----------------------------------------

def context(name):
    return "holdfast 2026 v1 " + name

def derive(name, material):
    return blake3(material, derive_key_context=context(name)).digest()

def keyed(key, data):
    return blake3(data, key=key).digest()

def decrypt(key, nonce, sealed, bound):
    try:
        return AESGCM(key).decrypt(nonce, sealed, bound)
    except (InvalidTag, ValueError):
        raise Damaged("a part does not authenticate") from None

def record(data):
    """One CBOR record, and nothing after it."""
    stream = io.BytesIO(data)
    try:
        value = cbor2.CBORDecoder(stream, allow_indefinite=False).decode()
    except Exception:  # the library raises several kinds, which all mean the same
        raise Damaged("a record is not CBOR") from None
    if stream.tell() != len(data):
        raise Damaged("there are bytes after a record")
    return value

def open_box(box, secret, name, bound):
    key = keyed(derive(name, secret), box[0])
    if not hmac.compare_digest(box[1], derive("box commitment", key)):
        raise Damaged("it was sealed with another secret")
    return decrypt(key, bytes(12), box[2], bound)

# ---- The words and the key file: keys.md ---------------------------------------------------------

def entropy(kit):
    """The 256 bits that the words of a recovery kit stand for."""
    order = Path(__file__).with_name("words.txt").read_text("ascii").split()
    words = re.findall("[a-z]+", Path(kit).read_text("utf-8").lower())
    unknown = [at for at, word in enumerate(words, 1) if word not in order]
    if len(words) != 24 or unknown:
        raise Refused(f"the kit has {len(words)} words of 24; not on the list: {unknown}")
    bits = 0
    for word in words:
        bits = bits << 11 | order.index(word)
    secret = (bits >> 8).to_bytes(32, "big")
    if hashlib.sha256(secret).digest()[0] != bits & 255:
        raise Refused("the words do not fit together: one is wrong, or two are swapped")
    return secret

def space_keys(key):
    """For each kind of pack, the key from which pack keys come and the key that names objects."""
    return {DATA: (derive("space data packs", key), derive("space chunk id", key)),
            META: (derive("space meta packs", key), derive("space object id", key))}

class Keys:
    """What a key file holds once the words have opened it: vault, master key, spaces, writers."""

    def __init__(self, data, secret):
        if data[:10] != b"HFKEYS\r\n\1\0" or blake3(data[:-32]).digest() != data[-32:]:
            raise Damaged("it is not a whole key file")
        body = data[10:-32]
        file = record(body)
        self.vault, self.generation = file[0], file[1]
        box = next((slot[1] for slot in file[2] if slot[0][0] == 0), None)
        if box is None:
            raise Damaged("it has no slot for words")
        bound = context("slot words").encode() + self.vault
        self.master = open_box(box, secret, "slot words", bound)
        mac = keyed(derive("key file mac", self.master), body[:-32] + ZEROS)
        if not hmac.compare_digest(mac, file[5]):
            raise Damaged("it is forged")
        self.spaces = {SYSTEM: space_keys(derive("system space", self.master))}
        for space in file[3]:
            if space[0] in self.spaces or space[1] != 0:
                raise Damaged("it is forged")
            bound = context("space secret").encode() + self.vault + space[0] + pack("<I", space[1])
            opened = record(open_box(space[2], self.master, "space secret", bound))
            self.spaces[space[0]] = space_keys(opened[0])
        self.writers = {writer[0] for writer in file[4]}

def find_keys(folders, secret):
    """The newest key file on these volumes that the words open."""
    found, reasons = [], []
    for path in [folder / name for folder in folders for name in ("keys.0", "keys.1")]:
        try:
            found.append(Keys(path.read_bytes(), secret))
        except ODD as why:
            reasons.append(f"{path}: {why}")
    if not found:
        raise Refused("no key file opens with these words:\n  " + "\n  ".join(reasons))
    return max(found, key=lambda keys: keys.generation)

# ---- Volumes and heads: superblock.md, volume.md, head.md ----------------------------------------

def vault_of(folder):
    """The vault that the newest good superblock names; None without one."""
    good = []
    for path in [folder / f"superblock.{n}" for n in range(3)]:
        try:
            data = path.read_bytes()
        except OSError:
            continue
        right = data[:8] == b"HFVOLU\r\n" and blake3(data[:480]).digest() == data[480:]
        if right:
            if data[8:10] != b"\1\0" or data[20:24] != bytes(4):
                raise Refused(f"{path} was written by a newer Holdfast")
            good.append((unpack_from("<Q", data, 56)[0], data[24:40]))
    return max(good)[1] if good else None

def volumes_of(folders, keys):
    """The folders that are volumes of the vault."""
    for folder in folders:
        vault = vault_of(folder)
        if vault is None:
            warn(f"{folder} has no good superblock; what is in it is tried all the same")
        if vault in (None, keys.vault):
            yield folder
        else:
            warn(f"{folder} belongs to another vault and is left out")

def read_head(data, keys):
    """A head's number, hash of the one before, and payload, once it has proved itself."""
    head = record(data)
    if head[0] != 1 or head[1] != keys.vault or head[4] not in keys.writers:
        raise Damaged("it is of another version, vault or writer")
    try:
        key = Ed25519PublicKey.from_public_bytes(head[4])
        key.verify(head[6], b"holdfast head v1\0" + data[:-64] + bytes(64))
    except InvalidSignature:
        raise Damaged("its signature is wrong") from None
    bound = b"holdfast head payload v1\0" + keys.vault + pack("<Q", head[2]) + head[3]
    payload = record(open_box(record(head[5]), keys.master, "head payload", bound))
    return head[2], head[3], payload

def find_heads(folders, keys):
    """The payload of every good head, newest first."""
    heads = {}  # by hash
    for path in [path for folder in folders for path in folder.glob("heads/*.head")]:
        try:
            data = path.read_bytes()
            heads[blake3(data).digest()] = read_head(data, keys)
        except ODD as why:
            warn(f"{path} does not count: {why}")
    numbers = {number for number, _, _ in heads.values()}
    broken = {n for n, previous, _ in heads.values() if n - 1 in numbers and previous not in heads}
    if broken or len(numbers) < len(heads):
        warn("the heads are not one chain: disks once went on without each other. The newest "
             "head counts; each disk alone shows what it has")
    newest = sorted(heads.values(), key=lambda head: (head[0], head[2][8]), reverse=True)
    return [payload for _, _, payload in newest]

# ---- Packs: pack.md ------------------------------------------------------------------------------

class Pack:
    """One copy of a pack, whole or only its beginning."""

    def __init__(self, path, keys):
        self.path = path
        with open(path, "rb") as file:
            header = file.read(128)
        if header[:12] != b"HFPACK\r\n\1\0\1\0" or header[13:16] + header[48:64] != bytes(19):
            raise Damaged("it does not begin like a pack of version 1")
        self.kind, self.space, salt = header[12], header[32:48], header[64:96]
        if header[16:32] != keys.vault or self.kind > META or self.space not in keys.spaces:
            raise Damaged("it is a pack that these words do not open")
        pack_keys, self.naming = keys.spaces[self.space][self.kind]
        self.key = keyed(pack_keys, salt)
        if not hmac.compare_digest(header[96:], derive("pack commitment", self.key)):
            raise Damaged("its header is damaged")
        self.bound = header[8:13], bytes(2) + header[16:52] + salt

    def part(self, file, at, length, domain, number, kind):
        """Opens the sealed part at this place."""
        file.seek(at)
        number = pack("<Q", number)
        bound = self.bound[0] + bytes([kind]) + self.bound[1] + number
        return decrypt(self.key, domain + number, file.read(length + 16), bound)

    def head(self, file, at, number):
        """A frame's type, codec, entries, length of the body, length of the unpacked payload."""
        head = unpack("<BBxxIII", self.part(file, at, 16, b"HFh\0", number, HEAD))
        if max(36 * head[2], head[3], head[4]) > LENGTH_MAX or 36 * head[2] > head[3]:
            raise Damaged("a frame has impossible lengths")
        return head

    def frame(self, file, at, number):
        """A frame's type, table and unpacked payload."""
        kind, codec, entries, body_length, length = self.head(file, at, number)
        body = self.part(file, at + 32, body_length, b"HFb\0", number, kind)
        payload = body[36 * entries:]
        if codec == 1:
            unpacker = zstandard.ZstdDecompressor()
            payload = unpacker.decompress(payload, length, allow_extra_data=False)
        if codec > 1 or len(payload) != length:
            raise Damaged("a frame is not as long as its head says")
        return kind, body[:36 * entries], payload

    def listed(self, file):
        """The frames that the trailer lists: number, place, type and table of each."""
        size = file.seek(0, os.SEEK_END)
        foot = self.part(file, max(size - 64, 0), 48, b"HFf\0", 0, FOOTER)
        magic, at, number, length = unpack_from("<8sIII", foot)
        kind, _, rest = self.frame(file, at, number)
        if magic != b"HFFOOT\r\n" or length != size or kind != TRAILER:
            raise Damaged("its end is damaged")
        frames, place = [], 4
        for _ in range(unpack_from("<I", rest)[0]):
            number, at, kind, entries = unpack_from("<IIBxxxI", rest, place)
            place += 24 + 36 * entries
            frames.append((number, at, kind, rest[place - 36 * entries:place]))
        return frames

    def found(self, file):
        """The same without a trailer: from the front, as far as heads authenticate."""
        at, number, frames = 128, 0, []
        while True:
            try:
                head = self.head(file, at, number)
            except ODD:
                return frames
            try:
                frames.append((number, at, head[0], self.frame(file, at, number)[1]))
            except ODD:
                pass  # the head says how long it is, so those behind it are tried
            at, number = at + 48 + head[3], number + 1

class Store:
    """All packs of all volumes: where every object is, and the objects themselves.

    The index is a temporary database that SQLite keeps on disk, so that memory stays bounded."""

    def __init__(self, folders, keys):
        self.packs, self.cache, self.cached = [], OrderedDict(), 0
        self.db = sqlite3.connect("")
        self.db.execute("CREATE TABLE places (id, pack, frame, at, start, length)")
        self.db.execute("CREATE TABLE commits (hash PRIMARY KEY, seq, previous, data)")
        groups = {}  # copies of one pack bear one name, wherever they are
        for folder in folders:
            for pattern in ("data/*/*.pack", "meta/*/*.pack", "open/*", "trash/*"):
                for path in folder.glob(pattern):
                    groups.setdefault(path.stem, []).append(path)
        for paths in groups.values():
            self.add(paths, keys)
        self.db.execute("CREATE INDEX by_id ON places (id)")

    def add(self, paths, keys):
        """Takes up a pack: by the first good trailer of its copies, else from the front of all."""
        copies, frames = [], {}
        for path in paths:
            try:
                copies.append(Pack(path, keys))
            except ODD as why:
                warn(f"{path} is left out: {why}")
        for way in (Pack.listed, Pack.found):
            for copy in copies:
                try:
                    with open(copy.path, "rb") as file:
                        frames.update((frame[0], frame) for frame in way(copy, file))
                except ODD:
                    continue
                if way is Pack.listed:
                    break
            if frames:
                break
        self.packs.append(copies)
        for number, at, kind, table in frames.values():
            if kind == OBJECTS:
                self.add_objects(number, at, table)
            elif kind == COMMIT and (copies[0].kind, copies[0].space) == (META, SYSTEM):
                self.add_commit(number, at)

    def add_objects(self, number, at, table):
        start = 0
        for entry in range(0, len(table), 36):
            id, length = table[entry:entry + 32], unpack_from("<I", table, entry + 32)[0]
            place = (id, len(self.packs) - 1, number, at, start, length)
            self.db.execute("INSERT INTO places VALUES (?, ?, ?, ?, ?, ?)", place)
            start += length

    def add_commit(self, number, at):
        for copy in self.packs[-1]:
            try:
                data = self.payload(copy, number, at)
                commit = record(data)
            except ODD:
                continue
            row = (blake3(data).digest(), commit[0], commit[1], data)
            self.db.execute("INSERT OR IGNORE INTO commits VALUES (?, ?, ?, ?)", row)
            return
        warn("a commit cannot be read")

    def payload(self, copy, number, at):
        """A frame's payload, from the frames that were opened last where it is among them."""
        key = (copy.path, number)
        if key not in self.cache:
            with open(copy.path, "rb") as file:
                self.cache[key] = copy.frame(file, at, number)[2]
            self.cached += len(self.cache[key])
            while self.cached > CACHE_BYTES:
                self.cached -= len(self.cache.popitem(last=False)[1])
        self.cache.move_to_end(key)
        return self.cache[key]

    def commits(self, seq):
        """Hash, hash of the one before, and record of every commit with this number."""
        return self.db.execute("SELECT hash, previous, data FROM commits WHERE seq = ?", (seq,))

    def object(self, id):
        """The bytes that bear this name, from the first copy that proves itself."""
        query = "SELECT pack, frame, at, start, length FROM places WHERE id = ?"
        reason = "a piece is on none of these volumes"
        for number, frame, at, start, length in self.db.execute(query, (id,)).fetchall():
            for copy in self.packs[number]:
                try:
                    data = self.payload(copy, frame, at)[start:start + length]
                except ODD as why:
                    reason = f"a piece is damaged: {copy.path}: {why}"
                    continue
                if keyed(copy.naming, data) == id:
                    return data
        raise Damaged(reason)
