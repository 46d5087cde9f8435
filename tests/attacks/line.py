"""A bare HTTPS connection to a box, from any address of this computer: what it sends is sent as it is.

It mends nothing: no name is normalised, no header added but `Host`, so that bytes reach the box which a good
client would never send. Start at `Line.ask`.
"""
import json
import socket
import ssl

PATIENCE = 120


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        return next((value for key, value in self.headers if key == name), None)

    def cookies(self):
        pairs = (value.split(";")[0].split("=", 1) for key, value in self.headers if key == "set-cookie")
        return dict(pairs)

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def is_problem(self):
        """As RFC 9457 says, with what went wrong and what to do next."""
        if self.header("content-type") != "application/problem+json":
            return False
        told = self.json
        return told["status"] == self.status and all(told.get(word) for word in ("code", "detail", "next"))

    @property
    def code(self):
        return self.json.get("code") if self.header("content-type") == "application/problem+json" else ""


class Line:
    """One connection; a new one is made when the box ends it."""

    def __init__(self, box, source="127.0.0.1"):
        self.port, self.source = box.port, source
        self.trust = ssl.create_default_context(cafile=str(box.ca))
        self.stream = None

    def close(self):
        if self.stream:
            self.stream.close()
            self.stream = None

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE, (self.source, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = self.trust.wrap_socket(plain, server_hostname="localhost")
        self.stream = self.socket.makefile("rb")
        self.socket.close()

    def ask(self, method, path, body=b"", headers=()):
        """An answer. `path` is bytes or text and is not looked at."""
        path = path if isinstance(path, bytes) else path.encode()
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = [method.encode() + b" " + path + b" HTTP/1.1", b"host: localhost:%d" % self.port]
        head += [f"{name}: {value}".encode() if isinstance(value, str) else name.encode() + b": " + value
                 for name, value in headers]
        if body or method in ("POST", "PUT", "PATCH"):
            head.append(b"content-length: %d" % len(body))
        text = b"\r\n".join(head) + b"\r\n\r\n" + body
        for fresh in (self.stream is None, True):
            if fresh:
                self.close()
                self.connect()
            try:
                self.socket.sendall(text)
                return self.read(method)
            except (ConnectionError, ssl.SSLEOFError, EOFError):
                # One that was silent for long is ended by the box; a new one has to be answered.
                self.close()
                if fresh:
                    raise

    def read(self, method):
        status, headers = self.head()
        while status < 200:
            status, headers = self.head()
        told = dict(headers)
        if method == "HEAD" or status in (204, 304):
            body = b""
        elif told.get("transfer-encoding") == "chunked":
            body = b"".join(iter(self.chunk, b""))
        else:
            body = self.exactly(int(told.get("content-length", "0")))
        if told.get("connection") == "close":
            self.close()
        return Answer(status, headers, body)

    def head(self):
        first = self.stream.readline()
        if not first:
            raise EOFError("the box hung up")
        lines = iter(self.stream.readline, b"\r\n")
        pairs = (line.decode("latin-1").rstrip("\r\n").split(":", 1) for line in lines)
        return int(first.split()[1]), [(name.lower(), value.strip()) for name, value in pairs]

    def chunk(self):
        length = int(self.stream.readline().split(b";")[0], 16)
        part = self.exactly(length)
        self.stream.readline()
        return part

    def exactly(self, length):
        part = self.stream.read(length)
        if len(part) != length:
            raise EOFError("the answer broke off")
        return part
