#!/usr/bin/env python3
"""An independent reader of Holdfast volumes: lists snapshots and restores them.

It was written from the pages in this folder alone and shares no code with Holdfast. It needs the
24 words, any of the vault's volumes, Linux, Python 3.11, the libraries of `requirements.txt`, and
`packs.py` and `words.txt` beside it. It never writes to a volume, gives out no byte that it has
not authenticated and named again, and is not fast. Start reading at `main`, at the end.

    reader.py --words-file KIT --volume DIR [--volume DIR ...] list
    reader.py --words-file KIT --volume DIR [--volume DIR ...] restore SNAPSHOT --to DIR

SNAPSHOT is the start of an id that `list` shows, `latest`, or `latest:SOURCE`. Exit codes: 0 all
done, 1 failed, 2 wrong usage, 3 done as far as these volumes go; what is missing is listed.
"""
import argparse
import os
import resource
import stat
import sys
from datetime import datetime, timedelta
from pathlib import Path

from packs import ODD, Damaged, Refused, Store, entropy, find_heads, find_keys, record
from packs import volumes_of, warn

def shown(path):
    """Bytes as text that does nothing to a terminal."""
    text = path.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)

# ---- History: records.md, "State" and "Commits" --------------------------------------------------

def state_of(store, head):
    """Sources by id, each with name and snapshots (id to time of receipt), as a head left them."""
    sources = {}
    if head.get(2) is None:
        return sources
    for source in record(store.object(head[2]))[0]:
        snapshots = {}
        for segment in source.get(3, []):
            try:
                snapshots.update((ref[0], ref[1]) for ref in record(store.object(segment))[0])
            except ODD as why:
                warn(f"some snapshots of {source[1]} are missing: {why}")
        sources[source[0]] = (source[1], snapshots)
    return sources

def apply(sources, variant, fields):
    """One operation of a commit."""
    if variant not in (0, 1, 2, 3):
        raise Refused("a commit was written by a newer Holdfast")
    name, snapshots = sources.setdefault(fields[0], (fields[1], {}))
    if variant in (2, 3):  # replaced, forgotten
        snapshots.pop(fields[1], None)
    if variant in (1, 2):  # added, replaced
        id, received, _ = fields[-1]
        snapshots[id] = received

def replay(store, head, sources):
    """Applies the commits that are newer than the head; returns the number of the last.

    Where they fork, the longest branch counts."""
    before, tips, seq = {}, {head[1]}, head[0]
    while True:
        rows = [row for row in store.commits(seq + 1) if row[1] in tips]
        if not rows:
            break
        before.update((hash, (previous, data)) for hash, previous, data in rows)
        tips, seq = {row[0] for row in rows}, seq + 1
    tip, commits = min(tips), []
    while tip in before:
        tip, data = before[tip]
        commits.append(data)
    for data in reversed(commits):
        for variant, fields in record(data)[3]:
            apply(sources, variant, fields)
    return seq

def history(store, heads):
    """The newest sources and snapshots that these volumes prove."""
    newest = 0
    for head in heads:
        newest = max(newest, head[0])
        try:
            sources = state_of(store, head)
        except ODD as why:
            warn(f"the state of a head cannot be read, an older one is tried: {why}")
            continue
        if replay(store, head, sources) < newest:
            warn("commits between the older head and the newest are missing, so snapshots may be")
        return sources
    raise Refused("no head with a readable state is on these volumes")

# ---- Files: records.md, "Trees" ------------------------------------------------------------------

class Restorer:
    """Restores one snapshot into a folder, and remembers what it could not."""

    def __init__(self, store, to):
        self.store, self.links, self.missed, self.done = store, {}, 0, 0
        self.root = os.open(to, os.O_RDONLY | os.O_DIRECTORY)

    def miss(self, path, why):
        self.missed += 1
        print(f"not restored: {shown(path) or '/'}: {why}", file=sys.stderr)

    def items(self, id, lost):
        """Entries of a folder, or extents of a file: the leaves below a node, in order."""
        try:
            variant, (items,) = record(self.store.object(id))
        except ODD as why:
            lost(why)
            return
        for item in items:
            if variant == 0:
                yield item
            elif variant == 1:
                yield from self.items(item[1], lost)
            else:
                lost("it was written by a newer Holdfast")

    def folder(self, entry, fd, path):
        """What is in a folder that is open as `fd`."""
        if entry.get(5) is not None:
            for child in self.items(entry[5], lambda why: self.miss(path + b"/*", why)):
                self.one(child, fd, path + b"/" + child[0])

    def one(self, entry, fd, path):
        name, kind, link = entry[0], entry[1], entry.get(8)
        try:
            if not name or b"/" in name or b"\0" in name or name in (b".", b".."):
                raise Damaged("its name could lead out of the folder")
            if link in self.links:
                os.link(self.links[link], name, src_dir_fd=self.root, dst_dir_fd=fd,
                        follow_symlinks=False)
                self.done += 1
                return
            self.make(entry, fd, name, kind, path)
            self.attributes(entry[2], fd, name, kind, path)
            self.done += 1
            if link is not None:
                self.links[link] = path[1:]
        except ODD as why:
            self.miss(path, why)

    def make(self, entry, fd, name, kind, path):
        if kind == 0:
            self.file(entry, fd, name)
        elif kind == 1:
            os.mkdir(name, 0o700, dir_fd=fd)
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=fd)
            try:
                self.folder(entry, inner, path)
            finally:
                os.close(inner)
        elif kind == 2:
            os.symlink(entry[6], name, dir_fd=fd)
        elif kind in (3, 4, 5, 6):
            types = {3: stat.S_IFIFO, 4: stat.S_IFSOCK, 5: stat.S_IFCHR, 6: stat.S_IFBLK}
            number = entry.get(7) or 0
            device = os.makedev(number >> 32, number & 0xFFFFFFFF)
            os.mknod(name, types[kind] | 0o600, device, dir_fd=fd)
        else:
            raise Damaged("it was written by a newer Holdfast")

    def file(self, entry, fd, name):
        """A file's bytes; a file of which a piece is missing is not left behind."""
        def lost(why):
            raise Damaged(why)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        opened = os.open(name, flags, 0o600, dir_fd=fd)
        try:
            with open(opened, "wb") as file:
                for length, *source in self.extents(entry, lost):
                    if source:
                        start = source[1] if len(source) > 1 else 0
                        piece = self.store.object(source[0])[start:start + length]
                        if len(piece) != length:
                            raise Damaged("a piece is too short")
                        file.write(piece)
                    else:
                        file.seek(length, os.SEEK_CUR)
                if file.tell() != entry[3]:
                    raise Damaged("its pieces do not make its size")
                file.truncate()
        except ODD:
            os.unlink(name, dir_fd=fd)
            raise

    def extents(self, entry, lost):
        if entry.get(4) is None:
            return ()
        variant, (what,) = entry[4]
        if variant not in (0, 1):
            raise Damaged("it was written by a newer Holdfast")
        return what if variant == 0 else self.items(what, lost)

    def attributes(self, attrs, fd, name, kind, path):
        """Owner first, since it clears what follows; times last, since all else changes them."""
        if os.geteuid() == 0:
            os.chown(name, attrs[1], attrs[2], dir_fd=fd, follow_symlinks=False)
        for attribute, value in attrs.get(6, []):
            try:
                place = f"/proc/self/fd/{fd}/".encode() + name
                os.setxattr(place, attribute, value, follow_symlinks=False)
            except OSError as why:
                self.miss(path, f"only its attribute {shown(attribute)}: {why.strerror}")
        if kind != 2:
            # Set-id bits mean the owner, so they are not given to a file of another's.
            mask = 0o7777 if os.geteuid() in (0, attrs[1]) else 0o1777
            os.chmod(name, attrs[0] & mask, dir_fd=fd)
        seconds, nanos = attrs[5]
        time = seconds * 10**9 + nanos
        os.utime(name, ns=(time, time), dir_fd=fd, follow_symlinks=False)

# ---- The program ---------------------------------------------------------------------------------

def moment(ms):
    return (datetime(1970, 1, 1) + timedelta(milliseconds=ms)).isoformat(timespec="seconds") + "Z"

def show_list(store, rows):
    """A line for each snapshot, oldest first. True when all of them can be read."""
    whole = True
    for received, id, source in rows:
        try:
            snapshot = record(store.object(id))
            rest = f"{snapshot[6]}  {snapshot[9][0]} files  {snapshot[9][3]} bytes"
        except ODD as why:
            whole, rest = False, f"cannot be read: {why}"
        print(f"{id.hex()[:16]}  {moment(received)}  {source}  {rest}")
    return whole

def chosen(rows, wanted):
    """The newest snapshot, that of a source, or the one whose id begins like this."""
    name, _, source = wanted.partition(":")
    if name == "latest":
        found = [row for row in rows if source in ("", row[2])][-1:]
    else:
        found = [row for row in rows if row[1].hex().startswith(wanted)]
    if len({row[1] for row in found}) != 1:
        raise Refused(f"{len(found)} snapshots are called {wanted}")
    return found[0][1]

def restore(store, rows, wanted, to):
    """Restores into a new or empty folder. True when nothing is missing."""
    snapshot = record(store.object(chosen(rows, wanted)))
    os.makedirs(to, exist_ok=True)
    if os.listdir(to):
        raise Refused(f"{to} is not empty")
    os.umask(0)
    sys.setrecursionlimit(100_000)  # folders may be very deep, and each level needs its own file
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    restorer = Restorer(store, to)
    restorer.folder(snapshot[3], restorer.root, b"")
    restorer.attributes(snapshot[3][2], restorer.root, b".", 1, b"")
    print(f"restored {restorer.done} entries; {restorer.missed} missing or incomplete")
    return not restorer.missed

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words-file", required=True, metavar="KIT")
    parser.add_argument("--volume", required=True, action="append", type=Path, metavar="DIR")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list")
    command = commands.add_parser("restore")
    command.add_argument("snapshot", metavar="SNAPSHOT|latest[:SOURCE]")
    command.add_argument("--to", required=True, metavar="DIR")
    options = parser.parse_args()
    inner = [given / "holdfast" for given in options.volume]
    folders = [path if path.is_dir() else path.parent for path in inner]
    keys = find_keys(folders, entropy(options.words_file))
    folders = list(volumes_of(folders, keys))
    store = Store(folders, keys)
    sources = history(store, find_heads(folders, keys))
    rows = sorted((time, id, name) for name, ids in sources.values() for id, time in ids.items())
    if options.command == "list":
        return 0 if show_list(store, rows) else 3
    return 0 if restore(store, rows, options.snapshot, options.to) else 3

if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Refused, Damaged, OSError) as why:
        print(f"error: {why}", file=sys.stderr)
        sys.exit(1)
