"""The wire between clients and the hub: a TCP proxy that counts bytes per request, and can let the hub die at one of them."""

import re
import socket
import threading

_CHUNK = 256 * 1024


class Exchange:
    """One request: the bytes that went to the hub and those that came back, heads included."""

    def __init__(self, method, target):
        self.line = f"{method} {target}"
        self.sent = 0
        self.received = 0


class Traffic:
    """The requests since some moment. Patterns are matched against lines such as `GET /api/whoami-v2`."""

    def __init__(self, wire):
        self._wire = wire
        self._start = len(wire.exchanges)

    def matching(self, pattern):
        return [exchange for exchange in self._wire.exchanges[self._start :] if re.match(pattern, exchange.line)]

    def count(self, pattern):
        return len(self.matching(pattern))

    def sent(self, pattern):
        return sum(exchange.sent for exchange in self.matching(pattern))

    def received(self, pattern):
        return sum(exchange.received for exchange in self.matching(pattern))


class Trap:
    """Springs once, when the matching requests have moved so many bytes in one direction: `sent` or `received`."""

    def __init__(self, pattern, direction, after_bytes, act):
        self.sprung = threading.Event()
        self._pattern = re.compile(pattern)
        self._direction = direction
        self._left = after_bytes
        self._act = act
        self._lock = threading.Lock()

    def count(self, exchange, direction, size):
        if direction != self._direction or not self._pattern.match(exchange.line):
            return
        with self._lock:
            self._left -= size
            if self._left > 0 or self.sprung.is_set():
                return
            self._act()
            self.sprung.set()


class Wire:
    """Listens at `port` and passes everything on to `hub_port`."""

    def __init__(self, port, hub_port):
        self.exchanges = []
        self._port = port
        self._hub_port = hub_port
        self._lock = threading.Lock()
        self._sockets = set()
        self._trap = None
        self._listener = self._bind()

    def connect(self):
        """From now on clients reach the hub."""
        self._listener.listen(256)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def disconnect(self):
        """Breaks every connection and refuses new ones. The port stays taken."""
        old = self._listener
        old.shutdown(socket.SHUT_RDWR)
        old.close()
        self._listener = self._bind()
        with self._lock:
            sockets = list(self._sockets)
        for each in sockets:
            _shut(each, socket.SHUT_RDWR)

    def traffic(self):
        return Traffic(self)

    def trap(self, pattern, direction, after_bytes, act):
        """Calls `act` before the byte that reaches the limit is passed on."""
        self._trap = Trap(pattern, direction, after_bytes, act)
        return self._trap

    def _bind(self):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        return listener

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            hub = socket.create_connection(("127.0.0.1", self._hub_port))
        except OSError:
            client.close()
            return
        pair = (client, hub)
        for each in pair:
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._sockets.update(pair)
        # What the hub sends belongs to the request that was passed on last: nobody pipelines.
        current = [Exchange("", "")]
        answers = threading.Thread(target=_until_closed, args=(self._answers, client, hub, current), daemon=True)
        answers.start()
        _until_closed(self._requests, client, hub, current)
        answers.join()
        with self._lock:
            self._sockets.difference_update(pair)
        for each in pair:
            each.close()

    def _requests(self, client, hub, current):
        stream = client.makefile("rb")
        while head := _head(stream):
            method, target = head.split(b" ", 2)[:2]
            exchange = current[0] = Exchange(method.decode(), target.decode())
            self.exchanges.append(exchange)
            self._pass(hub, exchange, "sent", head)
            for piece in _body(stream, head):
                self._pass(hub, exchange, "sent", piece)
        _shut(hub, socket.SHUT_WR)

    def _answers(self, client, hub, current):
        while piece := hub.recv(_CHUNK):
            self._pass(client, current[0], "received", piece)
        _shut(client, socket.SHUT_WR)

    def _pass(self, target, exchange, direction, piece):
        setattr(exchange, direction, getattr(exchange, direction) + len(piece))
        if self._trap:
            self._trap.count(exchange, direction, len(piece))
        target.sendall(piece)


def _until_closed(transfer, client, hub, current):
    """Either side may close at any time; the other learns of it."""
    try:
        transfer(client, hub, current)
    except OSError:
        for each in (client, hub):
            _shut(each, socket.SHUT_RDWR)


def _shut(each, how):
    try:
        each.shutdown(how)
    except OSError:
        pass  # it is closed already


def _head(stream):
    """The lines up to the empty one; nothing when the client is done."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            return b""
        head += line
    return head


def _body(stream, head):
    if re.search(rb"\r\ntransfer-encoding: *chunked", head, re.IGNORECASE):
        yield from _chunked_body(stream)
        return
    length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    yield from _pieces(stream, int(length[1]) if length else 0)


def _chunked_body(stream):
    while True:
        line = stream.readline()
        yield line
        size = int(line.split(b";")[0], 16)
        if size == 0:
            yield _head_or_blank(stream)
            return
        yield from _pieces(stream, size + 2)


def _head_or_blank(stream):
    """The trailers of a chunked body, which end like a head and are mostly just the empty line."""
    line = stream.readline()
    return line if line == b"\r\n" else line + _head(stream)


def _pieces(stream, left):
    while left > 0:
        piece = stream.read1(min(left, _CHUNK))
        if not piece:
            raise ConnectionError("the client went away in the middle of a body")
        left -= len(piece)
        yield piece
