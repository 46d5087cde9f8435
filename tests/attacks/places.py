"""Where names came to lie: whole folders by their bytes, however deep, and strays outside of where they belong.

Nothing here follows a link. Start at `files_of` and `strays`.
"""
import os
import stat
import subprocess

from hostile import MARK


def walked(top):
    """Every entry below a folder: its path as bytes, and a folder's descriptor with the name in it.

    One descriptor at a time, and no path longer than one name is ever given to the system: what is stored may lie
    deeper than a path may be long.
    """
    at, here = os.open(top, os.O_RDONLY | os.O_DIRECTORY), []
    todo = [sorted(map(os.fsencode, os.listdir(at)))]
    while todo:
        if not todo[-1]:
            todo.pop()
            if todo:
                up = os.open(b"..", os.O_RDONLY | os.O_DIRECTORY, dir_fd=at)
                os.close(at)
                at = up
                here.pop()
            continue
        name = todo[-1].pop()
        kind = os.stat(name, dir_fd=at, follow_symlinks=False).st_mode
        yield b"/".join([*here, name]), at, name, kind
        if stat.S_ISDIR(kind):
            down = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = down
            here.append(name)
            todo.append(sorted(map(os.fsencode, os.listdir(at))))
    os.close(at)


def files_of(top):
    """Content by path, of all files."""
    found = {}
    for path, at, name, kind in walked(top):
        if stat.S_ISREG(kind):
            with open(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=at), "rb") as file:
                found[path] = file.read()
    return found


def strays(story, rightful):
    """Marked names in the story's folder outside the `rightful` ones, and in places that a path may climb to."""
    found = set()
    rightful = [os.fsencode(os.path.relpath(place, story)) for place in rightful]
    for path, _, name, _ in walked(story):
        is_right = any(path == one or path.startswith(one + b"/") for one in rightful)
        if MARK in name and not is_right:
            found.add(path)
    above, places = os.path.abspath(story), {"/", "/etc", "/tmp", "/var/tmp", "/root", "/dev/shm", os.getcwd()}
    while above != "/":
        above = os.path.dirname(above)
        places.add(above)
    for place in filter(os.path.isdir, places):
        found |= {os.path.join(os.fsencode(place), name) for name in os.listdir(os.fsencode(place)) if MARK in name}
    return found


def careless(folder, names):
    """Writes each as a program does that thinks of nothing: so it is seen what would be seen. Tidies up outside."""
    for name in names:
        path = os.path.join(os.fsencode(folder), name)
        # Only just outside: this computer's own folders are let alone.
        if name.startswith(b"/") or b"\0" in name or len(name) > 300 or name.count(b"..") > 1:
            continue
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(b"careless")
        except OSError:
            continue


def removed(folder):
    """However deep it is."""
    subprocess.run(["rm", "-rf", "--", folder], check=False)
