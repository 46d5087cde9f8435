"""Story `openapi`: strangers read what a box says of its own door, and hold it to that.

`python run.py PROGRAMS FOLDER EXAMPLES` starts a real box in desk mode, has its document judged by
openapi-spec-validator, and lets schemathesis send what follows from the document: as nobody, as an owner, as a
device. The last line is `openapi: name=number ...`.

Each zero stands beside one that is not: a document with a fault, and a door that lies twice (`spoil.py`). What
is not asked stands in LEFT_OUT with the reason; how it is judged in `schemathesis.toml`. Start at `main`.
"""
import collections
import copy
import json
import os
import pathlib
import subprocess
import sys

from openapi_spec_validator import OpenAPIV31SpecValidator

from box import Box
from spoil import Spoilt

HERE = pathlib.Path(__file__).parent
LIMIT_SECONDS = 3600
SEED = "20261127"
# From so many examples on everybody asks everything.
THOROUGH = 10

# Not asked by the owner, with the reason. Whoever may not asks for all of them.
LEFT_OUT = {
    "get_events": "it is a stream without an end",
    "post_shutdown": "the box is to go on",
    "post_restart": "it waits for its key then, and answers 423 to nearly everything",
    "post_lock": "a locked box answers 423 to nearly everything after it",
    "delete_session": "the owner is to stay signed in",
    "delete_sessions_session": "what a list told is sent back, and the owner's own session is in it",
    "put_password": "the owner is to stay signed in",
    "put_totp": "the owner is to stay signed in",
    "post_desk": "it is the hand on the simulated machine, and would pull the disks out",
    "put_outlets": "the box would write to hosts that are made up",
}
# Where a schema cannot say all that has to be true: see schemathesis.toml.
MORE_THAN_A_SCHEMA = [
    "delete_files_source_content", "get_files_source_content", "get_files_source_entries",
    "get_files_source_history", "get_files_source_search", "get_files_source_zip", "put_files_source_content",
    "get_snapshots_snapshot_entries", "post_files_source_bring_back", "post_files_source_folder",
    "post_files_source_rename", "post_uploads", "head_uploads_upload", "patch_uploads_upload",
    "delete_uploads_upload", "post_devices", "post_people", "post_jobs_backup", "post_jobs_import",
    "post_jobs_restore", "post_jobs_usb", "post_vault", "post_vault_words", "post_disks_disk_erase",
    "post_disks_disk_adopt", "post_claim", "post_join", "post_pair", "post_devices_pairing", "post_kit",
    "post_kit_words", "post_key", "post_computers_source_pieces", "post_computers_source_lacking",
    "post_computers_source_versions", "post_computers_source_fetch", "put_quiet_hours",
]
# A lie of each kind, and what has to be said of it.
LIES = {"get_box": "ServerError", "get_status": "JsonSchemaError"}


def faults(document):
    """What openapi-spec-validator finds."""
    return len(list(OpenAPIV31SpecValidator(document).iter_errors()))


def tallied(path):
    """What the hooks wrote down."""
    told = {"answers": 0, "dropped": 0, "server_errors": 0, "granted": 0, "failed": collections.Counter()}
    for line in path.read_text().splitlines():
        one = json.loads(line)
        if "status" in one:
            told["answers"] += 1
            told["server_errors"] += one["status"] >= 500
            told["granted"] += one["status"] < 300
        elif "dropped" in one:
            told["dropped"] += 1
        else:
            told["failed"][(one["operation"], one["failed"])] += 1
    return told


class Stranger:
    """schemathesis, as somebody."""

    def __init__(self, box, folder, examples):
        self.box, self.folder, self.examples = box, folder, examples

    def known(self):
        jobs = [job["id"] for job in self.box.get("/api/v1/jobs")["jobs"]][:3]
        shots = [shot["id"] for shot in self.box.get("/api/v1/snapshots")["snapshots"]][:2]
        return {"disk": ["1", "2"], "source": ["papers"], "job": jobs, "snapshot": shots}

    def visits(self, name, auth="", left_out=(), only=(), url=None):
        """Everything that the document has, and what came of it."""
        tally, settings = self.folder / f"{name}.tally", self.folder / f"{name}.toml"
        tally.write_text("")
        words = ", ".join(f'"{one}"' for one in MORE_THAN_A_SCHEMA)
        text = (HERE / "schemathesis.toml").read_text()
        settings.write_text(text.replace("@@AUTH@@", auth).replace("@@WORDS@@", words))
        command = [pathlib.Path(sys.executable).parent / "st", "--config-file", settings, "run"]
        command += [self.folder / "openapi.json", "--url", url or self.box.origin, "--tls-verify", self.box.ca]
        # Each case of the coverage phase is the same for whoever is refused: by hand it is asked of all.
        phases = "coverage,fuzzing" if self.examples >= THOROUGH or left_out or only else "fuzzing"
        command += ["--phases", phases, "--max-examples", str(self.examples), "--seed", SEED]
        command += ["--generation-database", "none", "--suppress-health-check", "all", "--warnings", "off"]
        command += ["--request-timeout", "30", "--continue-on-failure", "--no-color"]
        for kind, ids in (("include", only), ("exclude", left_out)):
            for one in ids:
                command += [f"--{kind}-operation-id", one]
        environment = {
            **os.environ,
            "SCHEMATHESIS_HOOKS": "hooks",
            "PYTHONPATH": str(HERE),
            "PYTHONDONTWRITEBYTECODE": "1",
            "DOOR_KNOWN": json.dumps(self.known()),
            "DOOR_FOLDER": str(self.folder / "inside"),
            "DOOR_TALLY": str(tally),
        }
        with open(self.folder / f"{name}.txt", "wb") as log:
            done = subprocess.run(
                command, stdout=log, stderr=log, env=environment, cwd=self.folder, timeout=LIMIT_SECONDS
            )
        told = tallied(tally)
        print(name, done.returncode, told)
        # What it could not do at all stands in no tally.
        told["ended_badly"] = done.returncode != 0 and not told["failed"] and not told["dropped"]
        return told


def key(scheme, field, value):
    return f'\n[auth.openapi.{scheme}]\n{field} = "{value}"\n'


def everybody(box, stranger):
    """The same questions as nobody, as the owner and as a device."""
    page = box.owner.headers["x-holdfast-csrf"]
    owner = key("session", "api_key", box.session()) + key("pageWord", "api_key", page)
    device = key("device", "bearer", box.token({"backup": {"source": "papers"}}))
    visits = {
        "nobody": stranger.visits("nobody"),
        "device": stranger.visits("device", device),
        "owner": stranger.visits("owner", owner, LEFT_OUT),
    }
    figures = {f"{who}_answers": told["answers"] for who, told in visits.items()}
    figures["granted"] = sum(told["granted"] for told in visits.values())
    for what in ("dropped", "server_errors", "ended_badly"):
        figures[what] = sum(told[what] for told in visits.values())
    figures["lies"] = sum(sum(told["failed"].values()) for told in visits.values())
    with Spoilt(box) as spoilt:
        told = stranger.visits("spoilt", owner, only=LIES, url=spoilt.url)
    figures["sabotaged_server_errors"] = told["server_errors"]
    figures["sabotaged_lies"] = all(told["failed"][lie] for lie in LIES.items()) and len(LIES)
    return figures


def main(programs, folder, examples):
    folder = pathlib.Path(folder)
    (folder / "inside").mkdir(parents=True)
    box = Box(programs, folder / "box")
    figures = {}
    box.start()
    try:
        box.claim()
        document = box.get("/api/v1/openapi.json")
        (folder / "openapi.json").write_text(json.dumps(document))
        figures["operations"] = sum(len(path) for path in document["paths"].values())
        figures["faults"] = faults(document)
        bad = copy.deepcopy(document)
        del bad["paths"]["/api/v1/box"]["get"]["responses"]["200"]["description"]
        bad["paths"]["/api/v1/jobs/{job}"]["get"]["parameters"].clear()
        figures["sabotaged_faults"] = faults(bad)
        figures.update(everybody(box, Stranger(box, folder, examples)))
        box.get("/api/v1/status")
    finally:
        figures["panics"] = box.log.count("panicked")
        figures["ended_with"] = box.end()
        print("openapi: " + " ".join(f"{name}={int(number)}" for name, number in figures.items()))


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
