"""Story `names`: names that mean harm come in every way, and each is refused in words or kept byte for byte.

`python names.py PROGRAMS FOLDER COUNT` starts a real box and gives it COUNT names as paths of files and folders, as
sources, as people and computers, and wherever an address or a body has a word. What was kept goes out again: by
reading, as a zip, to a folder, to a stick, and through a computer's backup over the network. No answer may be a
fault of the box, no name may change, and none may come to lie outside of its folder. The last line is
`names: name=number ...`.

Beside it the same judges watch a sender that makes names fit and answers that are faults, and a program that writes
to whatever path it is given. Start at `main`; what is sent stands in `sender.py`.
"""
import collections
import io
import os
import pathlib
import subprocess
import sys
import threading
import zipfile

HERE = pathlib.Path(__file__).parent
sys.path.append(str(HERE.parent / "openapi"))

from box import Box, until  # noqa: E402
from hostile import names  # noqa: E402
from line import Line  # noqa: E402
from places import careless, files_of, removed, strays  # noqa: E402
from sender import NOT_TRIED, ODD, THREADS, Fitting, Sender, Tally, at  # noqa: E402


class Story:
    def __init__(self, programs, folder, count):
        self.folder, self.programs = pathlib.Path(folder), pathlib.Path(programs)
        self.box, self.names = Box(programs, self.folder / "box"), names(count)
        self.tally, self.kept, self.sources, self.figures = Tally(), {}, {}, {}

    def place(self, name):
        return self.folder / "out" / name

    def begins(self):
        (self.folder / "out").mkdir(parents=True)
        self.box.start()
        self.box.claim()
        cookies = "; ".join(f"{one.name}={one.value}" for one in self.box.owner.cookies)
        self.signed = [("cookie", cookies), ("x-holdfast-csrf", self.box.owner.headers["x-holdfast-csrf"])]
        # Every address with a word in it, twice: as that word, and as the rest of it.
        document = self.box.get("/api/v1/openapi.json")
        self.addresses = []
        for path, methods in document["paths"].items():
            if "{" not in path or path.startswith(NOT_TRIED):
                continue
            front, rest = path.split("{", 1)
            back = rest.split("}", 1)[1].encode()
            self.addresses += [(method.upper(), front.encode(), back) for method in methods if method != "parameters"]

    def sends(self, names, tally, kind=Line):
        """All names, on several connections at once."""
        turns = iter(list(enumerate(names)))
        lock, senders = threading.Lock(), [Sender(self, tally, kind) for _ in range(THREADS)]

        def run(sender):
            while True:
                with lock:
                    number, name = next(turns, (None, None))
                    if number is not None and number % 500 == 0:
                        self.box.elevate()
                if number is None:
                    return
                try:
                    sender.every_way(number, name)
                except Exception as error:
                    tally.note("server_errors", name, repr(error))

        threads = [threading.Thread(target=run, args=(sender,)) for sender in senders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return senders

    def job(self, path, body):
        """One that is done."""
        job = self.box.does("POST", path, body)["job"]

        def over():
            nonlocal job
            job = self.box.get(f"/api/v1/jobs/{job['id']}")
            return job if job["state"] in ("done", "failed", "cancelled") else None
        ended = until(f"{path} ends", over, lambda: (job["progress"], self.box.worked()))
        if ended["state"] != "done":
            raise RuntimeError(f"{path}: {ended}")
        return ended

    def gives_back(self):
        """Everything that was kept, in each way out."""
        self.as_zip()
        self.to_folder()
        self.to_stick()
        self.over_network()
        known = {source["name"] for source in self.box.get("/api/v1/sources")["sources"]}
        for source in self.sources:
            if source not in known and source.strip() not in known:
                self.tally.note("differing", "source", "not listed", source)

    def compares(self, way, found, wanted=None):
        wanted = self.kept if wanted is None else wanted
        self.figures[f"out_{way}"] = len(found)
        for path in sorted(wanted.keys() | found.keys()):
            if wanted.get(path) != found.get(path):
                self.tally.note("differing", way, path, wanted.get(path), found.get(path))

    def as_zip(self):
        line = Line(self.box)
        answer = line.ask("GET", at("zip", b""), headers=self.signed)
        line.close()
        place, found = self.place("unzipped"), []
        with zipfile.ZipFile(io.BytesIO(answer.body)) as zipped:
            for entry in zipped.infolist():
                name = entry.filename
                if not entry.is_dir():
                    found.append(zipped.read(entry))
                if name.startswith("/") or "\\" in name or "\0" in name or ".." in name.split("/"):
                    self.tally.note("escaped", "zip", name)
                if len(os.fsencode(name)) < 3_000 and all(len(os.fsencode(part)) < 256 for part in name.split("/")):
                    zipped.extract(entry, place)
        self.contents("zip", found)

    def contents(self, way, found):
        """Where names are written in another way, each content is there once."""
        self.figures[f"out_{way}"] = len(found)
        differ = collections.Counter(found)
        differ.subtract(self.kept.values())
        for content, count in differ.items():
            if count:
                self.tally.note("differing", way, content, count)

    def to_folder(self):
        self.job("/api/v1/jobs/restore", {"snapshot": f"latest:{ODD}", "to": str(self.place("restored"))})
        self.compares("folder", files_of(self.place("restored")))

    def to_stick(self):
        self.box.hand("desk", "disk", "new", "kiosk", "--gigabytes", "8", "--usb", "--formatted",
                      "--serial", "STICK-KIOS")
        self.box.hand("desk", "disk", "insert", "kiosk", "usb-front")
        until("the stick is seen", lambda: "KIOS" in [
            disk["serial"] for disk in self.box.get("/api/v1/disks")["disks"]])
        self.job("/api/v1/jobs/usb", {"drives": ["KIOS"], "sources": [ODD]})
        self.stick = self.box.home / "machine/disks/kiosk/content"
        found = files_of(self.stick)
        self.contents("stick", [content for content in found.values() if content in self.bodies])

    def over_network(self):
        """A computer has all these names, sends them and gets them back."""
        home = self.folder / "computer"
        home.mkdir()
        environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_CACHE_HOME": str(home)}

        def call(*words):
            command = [self.programs / "holdfast", *words]
            done = subprocess.run(command, env=environment, capture_output=True, timeout=900)
            if done.returncode:
                raise RuntimeError(f"{words}: {done.returncode} {done.stderr[-2000:]}")
        code = self.box.does("POST", "/api/v1/devices/pairing", {})["code"]
        (home / "code").write_text(code)
        call("pair", f"localhost:{self.box.port}", "--as", "home", "--name", "laptop", "--code-file", home / "code")
        call("--box", "home", "backup", self.place("restored"))
        call("--box", "home", "restore", "latest", "--to", self.place("again"))
        front = os.fsencode(str(self.place("restored")).lstrip("/")) + b"/"
        found = {path.removeprefix(front): content for path, content in files_of(self.place("again")).items()}
        if found and not any(path in self.kept for path in found):
            front = b"restored/"
            found = {path.removeprefix(front): content for path, content in found.items()}
        self.compares("network", found)

    def spoilt(self):
        """The same judges, where names are made to fit, answers are faults, and paths are believed."""
        tally, some = Tally(), self.names[:150]
        self.sends(some, tally, Fitting)
        for what in ("differing", "server_errors"):
            self.figures[f"sabotaged_{what}"] = tally.counts[what]
        self.figures["sabotaged_unnamed"] = tally.counts["server_errors"]
        place = self.place("careless/in")
        place.mkdir(parents=True)
        careless(place, self.names)
        self.figures["sabotaged_escaped"] = len(strays(self.folder, [*self.rightful(), place]))

    def rightful(self):
        return [self.place("restored"), self.place("again"), self.place("unzipped"), self.stick]


def main(programs, folder, count):
    story = Story(programs, folder, count)
    story.begins()
    try:
        senders = story.sends(story.names, story.tally)
        for sender in senders:
            story.kept |= sender.kept
            story.sources |= sender.sources
        story.bodies = set(story.kept.values())
        story.gives_back()
        for stray in strays(story.folder, story.rightful()):
            story.tally.note("escaped", stray)
        story.spoilt()
        story.box.get("/api/v1/status")
    finally:
        for told in story.tally.told:
            print(*told)
        counts = {what: 0 for what in ("server_errors", "unnamed", "differing", "escaped")} | story.tally.counts
        figures = {"names": count, "kept": len(story.kept), "sources": len(story.sources), **counts, **story.figures}
        figures["panics"] = story.box.log.count("panicked")
        figures["ended_with"] = story.box.end()
        removed(story.place("restored"))
        removed(story.place("again"))
        removed(story.box.home / "machine/disks/kiosk")
        print("names: " + " ".join(f"{name}={int(number)}" for name, number in sorted(figures.items())))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
