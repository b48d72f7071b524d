"""A small HTTP/1.1 client for the Runtime API. It stands on the innermost socket class, so that functions which replace
parts of `socket` or `http` neither see its calls nor stop them."""

import _socket


class RuntimeApi:
    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.address = (host, int(port))
        self.connection = None
        self.buffer = b""

    def request(self, method, path, body=b"", headers=()):
        """One request; answers status, headers (names in lower case) and body."""
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.address[0]}\r\nContent-Length: {len(body)}\r\n"
        for name, value in headers:
            head += f"{name}: {value}\r\n"
        if self.connection is None:
            self.connection = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
            self.connection.connect(self.address)
        self.connection.sendall(head.encode("latin-1") + b"\r\n" + body)
        return self._answer()

    def _answer(self):
        while b"\r\n\r\n" not in self.buffer:
            self._receive()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        parts = [self.buffer]
        have = len(self.buffer)
        while have < length:
            chunk = self.connection.recv(65536)
            if not chunk:
                raise ConnectionError("the Runtime API went away")
            parts.append(chunk)
            have += len(chunk)
        whole = b"".join(parts)
        self.buffer = whole[length:]
        return int(first.split(" ")[1]), headers, whole[:length]

    def _receive(self):
        chunk = self.connection.recv(65536)
        if not chunk:
            raise ConnectionError("the Runtime API went away")
        self.buffer += chunk
