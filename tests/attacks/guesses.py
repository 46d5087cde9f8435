"""Story `guesses`: every secret of a box's door is guessed, over real connections from many addresses at once.

`python guesses.py PROGRAMS FOLDER TRIES` starts a real box and tries each kind of secret TRIES times. None may
open anything; meanwhile the owner comes in with the browser that was here before, and afterwards from anywhere.
The last line is `guesses: name=number ...`.

Each door is also knocked at with a list that has the right secret near its front: that the same judge sees it
open shows that it would have seen it before. And the right password behind so many wrong ones opens nothing for
who guessed: it is the allowance that holds, not luck. Start at `main`, then `Attack`.
"""
import base64
import hashlib
import hmac
import pathlib
import random
import socket
import string
import struct
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent
sys.path.append(str(HERE.parent / "openapi"))

from box import PASSWORD, Box  # noqa: E402
from line import Line  # noqa: E402

SEED = 20261127
# Connections at once, and tries of each before it comes back from another address.
THREADS = 16
TRIES_OF_A_LINE = 25
# Letters of codes that are spoken.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
JSON = ("content-type", "application/json")
BROWSER, SESSION = "__Host-holdfast-browser", "__Host-holdfast-session"
# No try of strangers is refused for longer: an hour's allowance of 60 comes back one a minute.
WAIT_MAX_SECONDS = 60
# The owner's sign-in stands behind at most as many checks of a password as there are connections: seconds, and
# half a minute where ten others want each processor.
OWNER_MAX_SECONDS = 60
# From so many tries on it is also waited for that a stranger's allowance comes back.
THOROUGH = 10_000


def six_digits(secret, seconds):
    """RFC 6238, as apps do it."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(seconds) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def spoken(dice):
    return "-".join("".join(dice.choices(LETTERS, k=4)) for _ in range(3))


def address(number):
    """One of sixteen million of this computer's own; 127.0.x.x is kept for the owner."""
    return f"127.{1 + number // 62_500 % 254}.{number // 250 % 250}.{1 + number % 250}"


class Owner:
    """The owner, who has a browser that was here before."""

    def __init__(self, box):
        self.box, self.cookies, self.page, self.longest = box, {}, "", 0.0
        self.codes = []

    def begins(self, answer):
        if answer.status != 200:
            raise RuntimeError(f"the owner does not come in: {answer.status} {answer.body}")
        self.cookies.update(answer.cookies())
        self.page = answer.json["csrf"]

    def headers(self):
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return [JSON, ("cookie", cookies), ("x-holdfast-csrf", self.page)]

    def does(self, method, path, body=b""):
        answer = self.asks(method, path, body)
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.body}")
        return answer.json

    def asks(self, method, path, body=b""):
        line = Line(self.box, "127.0.0.2")
        try:
            return line.ask(method, path, body, self.headers())
        finally:
            line.close()

    def comes_in(self):
        """With the browser's cookie and, where a second factor is asked for, a printed code."""
        body = {"name": "ada", "password": PASSWORD}
        if self.codes:
            body["code"] = self.codes.pop()
        began = time.monotonic()
        self.begins(self.asks("POST", "/api/v1/session", body))
        self.does("GET", "/api/v1/session")
        self.longest = max(self.longest, time.monotonic() - began)

    def elevates(self, **code):
        self.does("POST", "/api/v1/session/elevation", {"password": PASSWORD, **code})


def has_ended(stream):
    stream.setblocking(False)
    try:
        return stream.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        stream.close()


class Door:
    """A secret: how one guesses it, and how it is seen that it was right."""

    def __init__(self, name, guess, asks):
        self.name, self.guess, self.asks = name, guess, asks


def body_door(name, path, guess, body, headers=lambda: ()):
    def asks(line, secret):
        return line.ask("POST", path, body(secret), [JSON, *headers()])
    return Door(name, guess, asks)


class Attack:
    """Many who guess at one door."""

    def __init__(self, box, door, tries, places=address):
        self.box, self.door, self.tries, self.places = box, door, tries, places
        self.opened, self.wrong, self.turned_away, self.odd, self.longest = 0, 0, 0, [], 0
        self.lock, self.next = threading.Lock(), 0

    def runs(self, meanwhile=None):
        """Meanwhile somebody else does something, again and again."""
        threads = [threading.Thread(target=self.guesses, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        times = 0
        while meanwhile and any(thread.is_alive() for thread in threads) and times < meanwhile[1]:
            meanwhile[0]()
            times += 1
        for thread in threads:
            thread.join()
        return times

    def guesses(self, number):
        dice = random.Random(f"{SEED} {self.door.name} {number}")
        try:
            while (first := self.takes()) < self.tries:
                line = Line(self.box, self.places(first))
                for _ in range(first, min(first + TRIES_OF_A_LINE, self.tries)):
                    self.judges(self.door.asks(line, self.door.guess(dice)))
                line.close()
        except Exception as error:
            self.odd.append(repr(error))

    def takes(self):
        with self.lock:
            first, self.next = self.next, self.next + TRIES_OF_A_LINE
            return first

    def told(self):
        kept = ("opened", "wrong", "turned_away", "longest")
        return {name: getattr(self, name) for name in kept} | {"odd": self.odd[:5]}

    def judges(self, answer):
        with self.lock:
            if answer.status < 300:
                self.opened += 1
            elif answer.status in (401, 403) and answer.is_problem:
                self.wrong += 1
            elif answer.status == 429 and answer.is_problem:
                self.turned_away += 1
                self.longest = max(self.longest, int(answer.header("retry-after")))
            else:
                self.odd.append((answer.status, answer.body[:200]))


def planted(box, door, right):
    """Whether the judge sees it when a guess is right: the third of a new address's."""
    attack = Attack(box, door, 1)
    line = Line(box, "127.0.0.77")
    dice = random.Random(SEED)
    for guess in (door.guess(dice), door.guess(dice), right):
        attack.judges(door.asks(line, guess))
    line.close()
    return attack.opened


class Story:
    def __init__(self, programs, folder, tries):
        self.box, self.tries, self.figures = Box(programs, pathlib.Path(folder) / "box"), tries, {}
        self.owner = Owner(self.box)
        self.sums = {"opened": 0, "sabotaged_opened": 0, "odd": 0, "tries": 0, "owner_kept_out": 0, "owner_in": 0, "doors": 0}

    def again(self):
        """Starts the box anew: what strangers have used up is not kept, so each door is guessed from the full."""
        self.box.end()
        self.box.start()

    def attacks(self, door, meanwhile=None, tries=None, places=address):
        attack = Attack(self.box, door, tries or self.tries, places)
        try:
            self.sums["owner_in"] += attack.runs(meanwhile)
        except RuntimeError as error:
            print("owner:", error)
            self.sums["owner_kept_out"] += 1
        if self.owner.longest > OWNER_MAX_SECONDS:
            self.sums["owner_kept_out"] += 1
        self.sums["opened"] += attack.opened
        self.sums["odd"] += len(attack.odd)
        self.sums["tries"] += attack.wrong + attack.turned_away
        self.figures[f"{door.name}_checked"] = attack.wrong
        print(door.name, attack.told())
        return attack

    def plants(self, door, right):
        """The same guesses with the right one among them: that door opens, or nothing was shown."""
        opened = planted(self.box, door, right)
        print(door.name, "with the right one in the list:", opened)
        self.sums["sabotaged_opened"] += opened
        self.sums["doors"] += 1

    def claims(self):
        body = {"name": "ada", "password": PASSWORD}
        door = body_door("claim", "/api/v1/claim", spoken, lambda code: {"code": code, **body})
        self.attacks(door)
        # Whoever has the code comes in although all that strangers may try is used up.
        code = (self.box.home / "state/web/claim-code").read_text().strip()
        line = Line(self.box, "127.0.0.2")
        answer = door.asks(line, code)
        line.close()
        self.sums["sabotaged_opened"] += answer.status == 200
        self.sums["doors"] += 1
        self.owner.begins(answer)

    def passwords(self):
        words = "correct horse battery staple winter summer family backup box secret dragon".split()

        def guess(dice):
            return " ".join(dice.choices(words, k=3)) + dice.choice(string.digits)

        door = body_door("password", "/api/v1/session", guess, lambda word: {"name": "ada", "password": word})
        self.again()
        # From one address: everybody else comes in as if nothing were.
        one = self.attacks(door, None, min(self.tries, 500), lambda _: "127.0.0.66")
        self.figures["one_place_checked"] = one.wrong
        self.stranger(200)
        self.again()
        self.attacks(door, (self.owner.comes_in, 10**6))
        # All that strangers have is used up: the right password is as good as a wrong one to who guesses, and to an
        # owner who comes from a strange place, for a minute at most. A printed code is not.
        answer = self.stranger(429)
        if int(answer.header("retry-after")) > WAIT_MAX_SECONDS:
            raise RuntimeError(f"the owner is to wait for {answer.header('retry-after')} seconds")
        self.figures["right_but_guessed"] = 1
        self.owner.elevates()
        self.stranger(200, code=self.owner.does("POST", "/api/v1/sheet")["codes"][0])
        self.waits(answer)
        self.again()
        self.plants(door, PASSWORD)

    def waits(self, answer):
        if self.tries < THOROUGH:
            return
        began = time.monotonic()
        time.sleep(int(answer.header("retry-after")))
        self.stranger(200)
        self.figures["waited_seconds"] = int(time.monotonic() - began)

    def stranger(self, status, **code):
        """The owner from a place that is not known, without the cookie."""
        line = Line(self.box, "127.0.0.3")
        answer = line.ask("POST", "/api/v1/session", {"name": "ada", "password": PASSWORD, **code}, [JSON])
        line.close()
        if answer.status != status:
            raise RuntimeError(f"the owner from elsewhere: {answer.status} {answer.body}, not {status}")
        return answer

    def crowd(self):
        """Connections from six places that fill the door and say nothing: the owner's gets one of theirs."""
        self.again()
        crowd = []
        try:
            for number in range(6 * 60):
                source = (f"127.0.9.{1 + number % 6}", 0)
                crowd.append(socket.create_connection(("127.0.0.1", self.box.port), 30, source))
            self.owner.comes_in()
            self.sums["owner_in"] += 1
        except OSError as error:
            print("the door was full:", error)
            self.sums["owner_kept_out"] += 1
        # Some were hung up on, or it was not full.
        self.figures["crowd_hung_up"] = sum(has_ended(one) for one in crowd)

    def raised(self):
        """Whoever has a session that was stolen guesses the password for more rights."""
        door = body_door(
            "elevation", "/api/v1/session/elevation", lambda dice: f"guess number {dice.random()}",
            lambda word: {"password": word}, self.owner.headers)
        # Its allowance is the session's: the right one has to come from another.
        self.attacks(door)
        self.owner.comes_in()
        self.plants(door, PASSWORD)

    def second(self):
        """Who knows the password guesses codes: six digits of the app, and those of the sheet."""
        self.again()
        self.owner.comes_in()
        self.owner.elevates()
        secret = self.owner.does("POST", "/api/v1/totp")["secret"]
        self.owner.does("PUT", "/api/v1/totp", {"code": six_digits(secret, time.time())})
        codes = self.owner.does("POST", "/api/v1/sheet")["codes"]

        def guess(dice):
            return f"{dice.randrange(10**6):06}" if dice.random() < 0.5 else spoken(dice)

        door = body_door(
            "code", "/api/v1/session", guess, lambda code: {"name": "ada", "password": PASSWORD, "code": code})
        # Some are left for what comes after.
        self.owner.codes = codes[3:]
        self.attacks(door, (self.owner.comes_in, len(codes) - 3))
        self.again()
        self.plants(door, codes[0])
        self.again()
        self.plants(door, six_digits(secret, time.time() + 30))
        self.owner.codes = [codes[1]]
        self.owner.comes_in()
        self.owner.elevates(code=codes[2])
        self.owner.does("DELETE", "/api/v1/totp")

    def strangers(self):
        """Codes of people who were invited, tokens, and codes for computers."""
        still = (lambda: self.owner.does("GET", "/api/v1/session"), 10**6)
        invite = self.owner.does("POST", "/api/v1/people", {"name": "ben", "role": "member"})["code"]
        scope = {"name": "thing", "scope": {"read": {}}}
        token = self.owner.does("POST", "/api/v1/devices", scope)["token"]
        join = body_door(
            "invite", "/api/v1/join", spoken, lambda code: {"code": code, "name": "ben", "password": PASSWORD})
        self.again()
        self.attacks(join, still)
        self.plants(join, invite)

        def hexes(dice):
            return f"{dice.getrandbits(256):064x}"

        device = Door("device", hexes, lambda line, word: line.ask(
            "GET", "/api/v1/me", headers=[("authorization", f"Bearer {word}")]))
        session = Door("session", hexes, lambda line, word: line.ask(
            "GET", "/api/v1/session", headers=[("cookie", f"{SESSION}={word}")]))
        for door, right in ((device, token), (session, self.owner.cookies[SESSION])):
            self.attacks(door, still)
            self.plants(door, right)
        self.again()
        self.owner.elevates()
        self.box.makes_vault(self.owner.does)
        # Told once, with letters behind it that say which box is meant.
        code = self.owner.does("POST", "/api/v1/devices/pairing", {})["code"][:14]
        pairing = body_door("pairing", "/api/v1/pair", spoken, lambda code: {"code": code, "name": "laptop"})
        self.attacks(pairing, still)
        self.plants(pairing, code)


def main(programs, folder, tries):
    story = Story(programs, folder, tries)
    story.box.start()
    try:
        story.claims()
        story.passwords()
        story.crowd()
        story.raised()
        story.second()
        story.strangers()
    finally:
        story.figures["panics"] = story.box.log.count("panicked")
        story.figures["ended_with"] = story.box.end()
        told = story.sums | story.figures | {"owner_longest_ms": story.owner.longest * 1000}
        print("guesses: " + " ".join(f"{name}={int(number)}" for name, number in told.items()))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
