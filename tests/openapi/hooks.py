"""What stands between schemathesis and a box: names of what is there, no path outside the story's folder, and
a tally of every answer.

Half of the cases name a disk, source, job or snapshot that exists, so that more is met than "not found".
Where a body names a folder of the box itself, it names one inside the story's: a test runs as root. The
tally is written by case, so that it also counts what schemathesis itself does not complain of.
"""
import itertools
import json
import os
import pathlib

import schemathesis

KNOWN = json.loads(os.environ["DOOR_KNOWN"])
INSIDE = os.environ["DOOR_FOLDER"]
TALLY = open(os.environ["DOOR_TALLY"], "a", buffering=1)
turn = itertools.count()


def inside(path):
    """The same path, in the story's folder; other kinds of value stay what they are."""
    if isinstance(path, str):
        return INSIDE + "/" + path.replace("..", "__").lstrip("/")
    if isinstance(path, dict) and isinstance(path.get("hex"), str):
        return {**path, "hex": (INSIDE + "/").encode().hex() + path["hex"].replace("2e2e", "5f5f")}
    return path


def operation(case):
    return case.operation.definition.raw.get("operationId")


@schemathesis.serializer("application/offset+octet-stream")
def bytes_of_an_upload(context, value):
    """Whatever is generated, as bytes."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def before_call(context, case, kwargs):
    odd = next(turn) % 2
    query = case.query or {}
    # The document cannot say that only one of the two may be there.
    if "path" in query and "path_hex" in query:
        query.pop("path" if odd else "path_hex")
    for name, values in KNOWN.items():
        if odd and values and name in (case.path_parameters or {}):
            case.path_parameters[name] = values[next(turn) // 3 % len(values)]
    body = case.body
    if isinstance(body, dict) and case.path.startswith("/api/v1/jobs/"):
        if "to" in body:
            body["to"] = inside(body["to"])
        if isinstance(body.get("paths"), list):
            body["paths"] = [inside(path) for path in body["paths"]]


@schemathesis.hook
def after_call(context, case, response):
    TALLY.write(json.dumps({"operation": operation(case), "status": response.status_code}) + "\n")


@schemathesis.hook
def after_network_error(context, case, request):
    TALLY.write(json.dumps({"operation": operation(case), "dropped": True}) + "\n")


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Notes it, and lets it count."""
    told = {"operation": operation(case), "failed": type(failure).__name__, "why": str(failure)[:400]}
    TALLY.write(json.dumps(told) + "\n")
    return True
