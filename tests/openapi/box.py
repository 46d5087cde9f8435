"""A real box in desk mode with two disks: begun, claimed over its own door, ended.

It speaks HTTPS and is known by its own certificate. Start at `Box`.
"""
import json
import os
import pathlib
import socket
import subprocess
import time

import requests

PATIENCE = 120
PASSWORD = "correct horse battery"
SETTINGS = """vault = "vault.toml"
state = "state"
socket = "box.sock"
log = "warn"

[board]
kind = "desk"
folder = "machine"

[web]
listen = "127.0.0.1:{port}"
"""


def until(what, asked, stands=lambda: None):
    """Waits for a state, not for a time: in vain once it did not come, and what `stands` tells did not move, for so
    long. What has much to do may take longer than what has little, but not stand still."""
    end, stood, why = time.monotonic() + PATIENCE, None, None
    while time.monotonic() < end:
        try:
            found = asked()
            if found:
                return found
        except Exception as error:
            why = error
        now = stands()
        if now != stood:
            end, stood = time.monotonic() + PATIENCE, now
        time.sleep(0.05)
    raise RuntimeError(f"waited in vain: {what}: {why}: {stood}")


def free_port():
    """A port of this computer that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Box:
    def __init__(self, programs, home):
        self.programs, self.home = pathlib.Path(programs), pathlib.Path(home)
        self.port = free_port()
        self.origin = f"https://localhost:{self.port}"
        self.home.mkdir(parents=True)
        (self.home / "holdfastd.toml").write_text(SETTINGS.format(port=self.port))
        self.owner = requests.Session()
        self.owner.trust_env = False

    @property
    def ca(self):
        return self.home / "state/web/ca.pem"

    @property
    def log(self):
        return (self.home / "log.txt").read_text(errors="replace")

    def start(self):
        words = [self.programs / "holdfastd", "--config", self.home / "holdfastd.toml"]
        with open(self.home / "log.txt", "ab") as log:
            self.service = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=log)
        until("the box answers", lambda: self.get("/api/v1/box"))

    def end(self):
        """In order; what it leaves behind is its exit status."""
        self.service.terminate()
        return self.service.wait(PATIENCE)

    def worked(self):
        """Whole seconds of processor time so far: a box that counts in silence does not stand still."""
        stat = pathlib.Path(f"/proc/{self.service.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) // os.sysconf("SC_CLK_TCK")

    def hand(self, *words):
        words = [self.programs / "holdfast", "--box", self.home / "box.sock", *words]
        subprocess.run(words, check=True, capture_output=True, timeout=PATIENCE)

    def ask(self, method, path, **more):
        self.owner.verify = str(self.ca)
        return self.owner.request(method, self.origin + path, timeout=PATIENCE, **more)

    def get(self, path):
        return self.does("GET", path)

    def does(self, method, path, body=None, **more):
        answer = self.ask(method, path, json=body, **more)
        if answer.status_code >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def claim(self):
        """Claims it, makes the vault, has the words said back, and stores a file to look at."""
        code = (self.home / "state/web/claim-code").read_text().strip()
        claimed = self.does("POST", "/api/v1/claim", {"code": code, "name": "ada", "password": PASSWORD})
        self.owner.headers["x-holdfast-csrf"] = claimed["csrf"]
        self.elevate()
        self.makes_vault(self.does)
        put = self.ask("PUT", "/api/v1/files/papers/content?path=note.txt", data=b"first words\n")
        if put.status_code != 200:
            raise RuntimeError(f"nothing can be stored: {put.status_code} {put.text}")

    def makes_vault(self, does):
        """A vault on two new disks, whose words are said back, by way of who may have it made."""
        for name, bay in [("red", "bay-1"), ("green", "bay-2")]:
            self.hand("desk", "disk", "new", name, "--gigabytes", "8")
            self.hand("desk", "disk", "insert", name, bay)
        wanted = {"disks": ["1", "2"], "copies": 2}
        made = until("the disks are seen", lambda: does("POST", "/api/v1/vault", wanted))
        words = made["words"].split(" ")
        does("POST", "/api/v1/vault/words", {"words": {"3": words[2], "17": words[16]}})

    def elevate(self):
        self.does("POST", "/api/v1/session/elevation", {"password": PASSWORD})

    def session(self):
        """The word by which the owner's session is known."""
        return self.owner.cookies["__Host-holdfast-session"]

    def token(self, scope):
        name = json.dumps(scope)
        return self.does("POST", "/api/v1/devices", {"name": name, "scope": scope})["token"]
