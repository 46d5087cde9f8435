"""Sends names to a box every way in, and judges each answer.

Start at `Sender.every_way`.
"""
import base64
import collections
import itertools
import json
import ssl
import threading

from hostile import is_text, may_be, percent
from line import Answer, Line

# Connections at once.
THREADS = 12
JSON = ("content-type", "application/json")
TUS = [("tus-resumable", "1.0.0"), ("content-type", "application/offset+octet-stream")]
# A head that is longer is refused by its length, and then without many words.
HEAD_LEN_MAX = 30 << 10
# What may be said of an upload beside its bytes, keys and values together, told anew.
WORDS_LEN_MAX = 16 << 10
# What is no answer about a name: a head or a body that is too long, and what was counted already.
LENGTHS = (0, 413, 414, 431, 500)
# Words of an address that are not tried: they stop the box, or are the hand on its simulated machine.
NOT_TRIED = ("/api/v1/shutdown", "/api/v1/restart", "/api/v1/lock", "/api/v1/desk", "/api/v1/events")
# The source that all comes out of again, and one for what is moved about.
ODD, MOVES = "odd", "moves"


class Tally:
    """What came of it all."""

    def __init__(self):
        self.counts, self.told, self.lock = collections.Counter(), [], threading.Lock()

    def note(self, what, *why):
        with self.lock:
            self.counts[what] += 1
            if why and self.counts[what] < 6:
                self.told.append((what, *(str(one)[:300] for one in why)))


class Fitting(Line):
    """A line that makes names fit and loses answers, for the judges to see."""

    turns = itertools.count()

    def ask(self, method, path, body=b"", headers=()):
        if next(self.turns) % 40 == 39:
            return Answer(500, [("content-type", "text/plain")], b"oops")
        path = path if isinstance(path, bytes) else path.encode()
        for ending in (b"20", b"2e", b"2E", b"%20"):
            path = path.removesuffix(ending)
        if isinstance(body, dict):
            body = json.loads(json.dumps(body).replace("..", ""))
        return super().ask(method, path, body, headers)


class Sender:
    """Sends names every way, on a connection of its own."""

    def __init__(self, story, tally, kind=Line):
        self.story, self.tally = story, tally
        self.line, self.kept, self.sources = kind(story.box), {}, {}

    def asks(self, way, method, path, body=b"", headers=()):
        """An answer that was looked at for faults of the box."""
        headers = [*self.story.signed, *headers]
        if isinstance(body, dict):
            headers.append(JSON)
        self.tally.note("asked")
        is_too_long = len(path) + sum(len(value) for _, value in headers) > HEAD_LEN_MAX
        try:
            answer = self.line.ask(method, path, body, headers)
        except (OSError, EOFError, ValueError) as error:
            # The box reads no more of such a head than it takes, so its refusal may be lost while we still send.
            hangs_up = is_too_long and isinstance(error, (ConnectionError, ssl.SSLEOFError, EOFError))
            if hangs_up:
                self.tally.note("refused")
            else:
                self.tally.note("server_errors", way, path, repr(error))
            return Answer(0, [], b"")
        if answer.status >= 500:
            self.tally.note("server_errors", way, path, answer.status, answer.body)
        elif answer.status >= 400:
            is_short_word = is_too_long and answer.status in (414, 431)
            if method != "HEAD" and not answer.is_problem and not is_short_word:
                self.tally.note("unnamed", way, path, answer.status, answer.body)
            self.tally.note("refused")
        return answer

    def judges(self, way, name, answer, is_good):
        """Whether it did with the name what the rules say."""
        kept = 200 <= answer.status < 300
        self.tally.note(f"way_{way}")
        if kept and not is_good:
            self.tally.note("differing", way, "kept", name, answer.status)
        elif is_good and not kept and answer.status not in LENGTHS:
            self.tally.note("differing", way, "refused", name, answer.status, answer.body)
        return kept

    def reads(self, way, path, wanted, source=ODD):
        """What is kept is given back as it is, and bears its name."""
        shown = self.asks(way, "GET", at("entries", path, source))
        if shown.status in (414, 431):
            return
        answer = self.asks(way, "GET", at("content", path, source))
        if answer.status != 200 or answer.body != wanted:
            self.tally.note("differing", way, "read", path, answer.status, answer.body)
        elif raw(shown.json["top"]["name"]) != path.rsplit(b"/", 1)[-1]:
            self.tally.note("differing", way, "shown", path, shown.body)

    def every_way(self, number, name):
        self.as_files(number, name)
        self.as_folders(number, name)
        self.as_words(number, name)
        self.as_source(name)
        self.as_people(number, name)

    def as_files(self, number, name):
        """What the last way that had room for the name put there is what has to come out again."""
        good = may_be(name)
        body = b"put by text %d" % number
        answer = self.asks("text", "PUT", b"/api/v1/files/odd/content?path=" + percent(name), body)
        if self.judges("text", name, answer, good and is_text(name)):
            self.reads("text", name, body)
            self.kept[name] = body
        body = b"uploaded %d" % number
        words = [(b"source", ODD.encode()), (b"path", name), (b"ifExists", b"replace")]
        has_room = sum(len(key) + len(value) for key, value in words) <= WORDS_LEN_MAX
        words = b",".join(key + b" " + base64.b64encode(value) for key, value in words)
        length = ("upload-length", str(len(body)))
        answer = self.asks("tus", "POST", "/api/v1/uploads", body, [*TUS, length, ("upload-metadata", words)])
        if self.judges("tus", name, answer, good and has_room):
            self.reads("tus", name, body)
            self.kept[name] = body
            self.tus_tells(answer.header("location"), words)
        body = b"put by hex %d" % number
        answer = self.asks("hex", "PUT", at("content", name), body)
        if self.judges("hex", name, answer, good):
            self.reads("hex", name, body)
            self.kept[name] = body

    def tus_tells(self, place, words):
        told = self.asks("tus", "HEAD", place, headers=TUS[:1])
        if told.status != 200 or told.header("upload-metadata").encode() != words:
            self.tally.note("differing", "tus", "words", words, told.headers)

    def as_folders(self, number, name):
        """Made, moved to and taken away, in a source that nothing is given back from."""
        path, moved = b"folders/" + name, b"moved/" + name
        is_there = self.has_above("folder", name, path)
        answer = self.asks("folder", "POST", f"/api/v1/files/{MOVES}/folder", {"path": given(path)})
        self.judges("folder", name, answer, may_be(path) and is_there)
        is_there = self.has_above("rename", name, moved)
        start = b"from-%d" % number
        self.asks("rename", "PUT", at("content", start, MOVES), b"moved")
        body = {"from": given(start), "to": given(moved)}
        answer = self.asks("rename", "POST", f"/api/v1/files/{MOVES}/rename", body)
        is_moved = self.judges("rename", name, answer, may_be(moved) and is_there)
        if is_moved:
            self.reads("rename", moved, b"moved", MOVES)
        gone = self.asks("delete", "DELETE", at("content", moved, MOVES))
        self.judges("delete", name, gone, is_moved)
        back = {"path": given(name), "version": text(name)[:300]}
        answer = self.asks("bring_back", "POST", f"/api/v1/files/{ODD}/bring-back", back)
        self.judges("bring_back", name, answer, False)

    def has_above(self, way, name, path):
        """Whether the folders above it are there: putting a file makes those, if an address has room for it."""
        beside = path.rsplit(b"/", 1)[0] + b"/beside"
        answer = self.asks(way, "PUT", at("content", beside, MOVES), b"beside")
        return self.judges("above", name, answer, may_be(beside))

    def as_words(self, number, name):
        """Looked at only, and wherever an address has a place for a word."""
        kept = self.kept.get(name)
        for what in ("content", "entries", "history", "zip"):
            answer = self.asks(what, "GET", at(what, name), headers=[("range", "bytes=0-2")])
            wanted = kept is not None
            # A history of what never was is an empty one.
            if what != "history" and (200 <= answer.status < 300) != wanted and answer.status not in LENGTHS:
                self.tally.note("differing", what, name, answer.status, answer.body)
            if what == "content" and wanted and answer.status < 300 and answer.status and answer.body != kept[:3]:
                self.tally.note("differing", "range", name, answer.status, answer.body)
        words = percent(name[:2_000])
        for word in ("version", "from", "cursor", "space", "name", "path_hex"):
            self.asks("query", "GET", f"/api/v1/files/{ODD}/search?{word}=".encode() + words)
            self.asks("query", "GET", f"/api/v1/files/{ODD}/entries?{word}=".encode() + words)
        addresses = self.story.addresses
        for turn in range(8):
            method, front, back = addresses[(8 * number + turn) % len(addresses)]
            body = {} if method in ("POST", "PUT") else b""
            answer = self.asks("address", method, front + words + back, body)
            self.tally.note("way_address")
            if method in ("DELETE", "PUT") and answer.status < 300 and answer.status:
                self.tally.note("differing", "address", method, front + words + back, answer.status)

    def as_source(self, name):
        """A source's name is text; which one is none is the box's to say."""
        address = b"/api/v1/files/" + percent(name[:4_000]) + b"/content?path=note"
        answer = self.asks("source", "PUT", address, b"of a source")
        self.tally.note("way_source")
        if answer.status == 200:
            if len(name) > 4_000 or not is_text(name):
                self.tally.note("differing", "source", name, answer.status)
                return
            self.sources[name.decode()] = address
            read = self.asks("source", "GET", address)
            if read.body != b"of a source":
                self.tally.note("differing", "source", name, read.status, read.body)

    def as_people(self, number, name):
        """People, devices and computers; at most as many as there may be at once, so each goes again."""
        for way, path, more in (
            ("person", "/api/v1/people", {"role": "member"}),
            ("device", "/api/v1/devices", {"scope": {"read": {}}}),
        ):
            # What is no text is sent as it is: as bytes in a string of JSON.
            body = json.dumps({"name": "@", **more}).encode().replace(b"@", in_json(name))
            answer = self.asks(way, "POST", path, body, [JSON])
            self.tally.note(f"way_{way}")
            if answer.status == 200:
                listed = self.asks(way, "GET", path).body.decode()
                if not is_text(name) or json.dumps(name.decode().strip(), ensure_ascii=False) not in listed:
                    self.tally.note("differing", way, name, listed[-300:])
                self.asks(way, "DELETE", f"{path}/{answer.json['id']}")
        self.asks("job", "POST", *self.job(number, name))
        self.tally.note("way_job")
        if number % THREADS == 0:
            self.pairs(name)

    def pairs(self, name):
        """As a computer does it: with a code, and without a session."""
        code = self.asks("pair", "POST", "/api/v1/devices/pairing", {})
        self.tally.note("way_pair")
        if code.status != 200:
            self.tally.note("differing", "pair", "no code", code.body)
            return
        for named in (name, b"computer"):
            body = b'{"code":"%s","name":"%s"}' % (code.json["code"][:14].encode(), in_json(named))
            answer = self.line.ask("POST", "/api/v1/pair", body, [JSON])
            if answer.status == 200:
                if answer.json["source"] != named.decode().strip():
                    self.tally.note("differing", "pair", named, answer.body)
                break
            if answer.status >= 500 or not answer.is_problem:
                self.tally.note("server_errors", "pair", named, answer.status, answer.body)
        # Each code and each device goes again: there may be only so many.
        for device in self.asks("pair", "GET", "/api/v1/devices").json["devices"]:
            if "backup" in device["scope"]:
                self.asks("pair", "DELETE", f"/api/v1/devices/{device['id']}")

    def job(self, number, name):
        source = text(name)[:3_000]
        return [
            ("/api/v1/jobs/backup", {"source": source, "paths": [given(name)]}),
            ("/api/v1/jobs/backup", {"source": source, "paths": [given(b"/nowhere/" + name)]}),
            ("/api/v1/jobs/usb", {"drives": [source], "sources": [source]}),
            ("/api/v1/jobs/import", {"drive": source, "source": source}),
            ("/api/v1/jobs/restore", {"snapshot": source, "to": str(self.story.place("never"))}),
            ("/api/v1/jobs/restore",
             {"snapshot": f"latest:{ODD}", "path": given(b"no/" + name), "to": str(self.story.place("never"))}),
        ][number % 6]


def at(what, path, source=ODD):
    return f"/api/v1/files/{source}/{what}?path_hex={path.hex()}".encode()


def given(path):
    """A path in JSON: text, or hex where it is none."""
    return path.decode() if is_text(path) else {"hex": path.hex()}


def raw(name):
    return bytes.fromhex(name["hex"]) if isinstance(name, dict) else name.encode()


def text(name):
    return name.decode(errors="replace")


def in_json(name):
    if is_text(name):
        return json.dumps(name.decode())[1:-1].encode()
    return b"".join(b"\\u%04x" % byte if byte < 32 or byte in b'"\\' else bytes([byte]) for byte in name)
