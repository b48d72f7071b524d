"""First program of a Python sandbox: opens the listening sockets of the empty network namespace and hands them to the
server over Node's IPC channel, as start.cjs does. Once the channel is closed it waits for its function and becomes the
function's process by execve, so that the variables stand in /proc/self/environ as they do on Lambda."""

import json
import os
import socket
import sys


class Channel:
    """As much of Node's IPC (a JSON document a line, descriptors beside them) as it takes to give sockets away."""

    def __init__(self, descriptor):
        self.socket = socket.socket(fileno=descriptor)
        self.socket.setblocking(True)
        self.rest = b""

    def hand_over(self, handle, message, kind):
        text = json.dumps({"cmd": "NODE_HANDLE", "msg": message, **kind}) + "\n"
        socket.send_fds(self.socket, [text.encode()], [handle.fileno()])
        # Node takes one descriptor at a time.
        while b"NODE_HANDLE_ACK" not in self.line():
            pass
        handle.close()

    def send(self, message):
        self.socket.sendall((json.dumps(message) + "\n").encode())

    def line(self):
        while b"\n" not in self.rest:
            chunk = self.socket.recv(4096)
            if not chunk:
                sys.exit(70)
            self.rest += chunk
        line, _, self.rest = self.rest.partition(b"\n")
        return line

    def wait_for_end(self):
        while self.socket.recv(4096):
            pass
        self.socket.close()


def open_sockets(listeners):
    channel = Channel(int(os.environ["NODE_CHANNEL_FD"]))
    for place in listeners["tcp"]:
        server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((place["host"], place["port"]))
        server.listen(511)
        channel.hand_over(server, {"tcp": place["port"], "host": place["host"]}, {"type": "net.Server"})
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    place = listeners["udp"]
    names.bind((place["host"], place["port"]))
    channel.hand_over(names, {"udp": place["port"]}, {"type": "dgram.Socket", "dgramType": "udp4"})
    channel.send({"ready": True})
    channel.wait_for_end()


def main():
    from _lambda_range.client import RuntimeApi

    open_sockets(json.loads(sys.argv[1])["listeners"])
    status, _, body = RuntimeApi("127.0.0.1:9001").request("GET", "/range/start")
    if status != 200:
        sys.exit(71)
    start = json.loads(body)
    command = start["command"]
    try:
        os.execve(command[0], command, start["variables"])
    except OSError as error:
        print(f"Runtime failed to start: {command[0]}: {error.strerror}", file=sys.stderr, flush=True)
        sys.exit(1)


main()
