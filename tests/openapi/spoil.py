"""A door in front of a box that tells lies on purpose, so that silence about the box itself means something.

It passes everything on but two answers: `GET /api/v1/box` now and then fails, and `GET /api/v1/status` lacks a
field. It speaks plain HTTP on loopback; the box is asked over TLS. Start at `Spoilt`.
"""
import http.client
import http.server
import json
import ssl
import threading

PASSED_ON = ("content-type", "cookie", "x-holdfast-csrf", "authorization", "accept")
MISSING = "lock"


class Spoilt:
    def __init__(self, box):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(box))
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def handler(box):
    trust = ssl.create_default_context(cafile=str(box.ca))

    class Handler(http.server.BaseHTTPRequestHandler):
        def passed(self):
            length = int(self.headers.get("content-length") or 0)
            headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
            line = http.client.HTTPSConnection("localhost", box.port, context=trust, timeout=60)
            line.request(self.command, self.path, self.rfile.read(length) or None, headers)
            answer = line.getresponse()
            status, body = answer.status, answer.read()
            kind = answer.getheader("content-type")
            line.close()
            return spoilt(self.command, self.path, status, kind, body)

        def answer(self):
            status, kind, body = self.passed()
            self.send_response(status)
            if kind:
                self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_):
            pass

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = answer

    return Handler


def spoilt(method, path, status, kind, body):
    path = path.split("?")[0]
    if (method, path, status) == ("GET", "/api/v1/box", 200):
        return 500, "text/plain", b"oops"
    if (method, path, status) == ("GET", "/api/v1/status", 200):
        shown = json.loads(body)
        shown.pop(MISSING)
        return status, kind, json.dumps(shown).encode()
    return status, kind, body
