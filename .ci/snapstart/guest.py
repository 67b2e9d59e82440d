"""Lambda's part inside the VM: the Runtime API, and the endpoint of container credentials, both on 127.0.0.1:9001.

The test controls it from the host by lines of JSON over a virtio serial port. The connection between the function and the Runtime API is
therefore part of a snapshot, as in Lambda's own VM. Sources: "Using the Lambda runtime API for custom runtimes", "Lambda SnapStart runtime
hooks", "Container credential provider", random(4).
"""

import fcntl
import http.server
import json
import os
import struct
import subprocess
import threading
import time
from pathlib import Path

ADDRESS = ("127.0.0.1", 9001)
RNDADDENTROPY, RNDRESEEDCRNG = 0x40085203, 0x5207  # linux/random.h
ESTABLISHED, TIME_WAIT, LISTEN = "01", "06", "0A"  # net/tcp_states.h
CLOSING = 5  # seconds


class Host:
    """The serial port. Messages may come from any thread, and commands are for one thread at a time."""

    def __init__(self):
        [name] = [name for name in os.listdir("/dev") if name.startswith("vport")]
        self._port = os.open(f"/dev/{name}", os.O_RDWR)
        self._lock = threading.Lock()
        self._unread = b""

    def tell(self, kind, **message):
        line = json.dumps({"kind": kind, **message}).encode() + b"\n"
        with self._lock:
            while line:
                line = line[os.write(self._port, line) :]

    def command(self):
        while b"\n" not in self._unread:
            read = os.read(self._port, 1 << 16)
            if not read:
                time.sleep(0.005)  # no host is connected, as between a snapshot and a restore
            self._unread += read
        line, self._unread = self._unread.split(b"\n", 1)
        return json.loads(line)


host = Host()
access_key = "before-the-snapshot"


def reseed(seed=b""):
    """Makes the kernel's random generator forget its past, and mixes in a seed, as Lambda does after a restore."""
    with open("/dev/random", "wb") as device:
        if seed:
            fcntl.ioctl(device, RNDADDENTROPY, struct.pack("ii", 8 * len(seed), len(seed)) + seed)
        fcntl.ioctl(device, RNDRESEEDCRNG)


def open_sockets():
    """Returns local address, remote address and state of the TCP sockets that neither listen nor are closed, as in /proc/net/tcp."""
    lines = [line.split() for file in ("tcp", "tcp6") for line in Path("/proc/net", file).read_text().splitlines()[1:]]
    return [(local, remote, state) for _, local, remote, state, *_ in lines if state not in (LISTEN, TIME_WAIT)]


def checkpoint():
    """Waits between the snapshot and the restore, then prepares the VM for the function."""
    global access_key
    # The last connections of the priming may be closing still. They get the time that Lambda, too, needs for a snapshot.
    end = time.monotonic() + CLOSING
    while any(state != ESTABLISHED for _, _, state in open_sockets()) and time.monotonic() < end:
        time.sleep(0.02)
    # Otherwise the kernel could happen to reseed itself just after the restore, and hide that nobody else did.
    reseed()
    host.tell("checkpoint", sockets=open_sockets())
    command = host.command()
    access_key = command["accessKey"]
    if command["time"]:
        time.clock_settime(time.CLOCK_REALTIME, command["time"])
    if command["seed"]:
        reseed(bytes.fromhex(command["seed"]))


class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def do_GET(self):
        if self.path == "/credentials":
            host.tell("credentials", accessKey=access_key)
            secrets = {"SecretAccessKey": "secret", "Token": "token", "Expiration": "2099-01-01T00:00:00Z"}
            self.answer(json.dumps({"AccessKeyId": access_key, **secrets}).encode())
        elif self.path.endswith("/restore/next"):
            checkpoint()
            self.answer()
        else:  # /invocation/next
            host.tell("ready")
            command = host.command()
            self.answer(
                command["event"].encode(),
                {
                    "Lambda-Runtime-Aws-Request-Id": command["id"],
                    "Lambda-Runtime-Deadline-Ms": str(int((time.time() + command["seconds"]) * 1000)),
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:000000000000:function:snapstart",
                },
            )

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        host.tell(self.path.rsplit("/", 1)[1], body=body)  # response or error
        self.answer(status=202)

    def answer(self, body=b"", headers=(), status=200):
        self.send_response(status)
        for name, value in {**dict(headers), "Content-Type": "application/json", "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *line):
        pass


def main():
    server = http.server.ThreadingHTTPServer(ADDRESS, Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host.tell("booted")
    start = host.command()
    function = subprocess.Popen(start["command"], cwd="/var/task", env=start["environment"], stdin=subprocess.DEVNULL)
    host.tell("error", body=f"The function ended with {function.wait()}.")
    threading.Event().wait()  # the kernel panics if this process ends


main()
