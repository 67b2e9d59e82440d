"""Lambda's Runtime API and a function's process, as in an execution environment.

Source: "Using the Lambda runtime API for custom runtimes" (version 2018-06-01).
"""

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import shares

_LONGEST = 60  # seconds, the timeout of every step
_STORED = 0.5  # seconds from a snapshot to its restore, in which a share of a core that the priming has used up is whole again


@dataclass
class Sample:
    """The measurements of one process: times in seconds, memory in bytes."""

    snapshot: float = 0.0  # until it was ready for a snapshot, if it was; later times start there
    init: float = 0.0  # until it requested its first event
    first: float = 0.0  # from the start of the process to its first response
    first_cpu: float = 0.0  # processor time of all threads until then
    first_rss: int = 0  # peak memory until then
    later: list = field(default_factory=list)  # each later response, from its event
    later_cpu: float = 0.0  # processor time of all later responses
    peak_rss: int = 0
    answers: list = field(default_factory=list)
    log: str = ""


class FunctionFailed(Exception):
    pass


class RuntimeApi:
    """Serves one function's process with events and receives its responses. For one thread and one process. `seconds`: until each
    event's deadline."""

    def __init__(self, seconds):
        self._seconds = seconds
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(_LONGEST)
        self.address = "127.0.0.1:%d" % self._server.getsockname()[1]
        self._connection = None
        self._reader = None

    def close(self):
        if self._connection:
            self._disconnect()
        self._server.close()

    def _disconnect(self):
        self._reader.close()
        self._connection.close()
        self._connection = None

    def _request(self):
        """Returns the next request: method, path and body. A client may open a connection for each."""
        while True:
            if self._connection is None:
                self._connection, _ = self._server.accept()
                self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._connection.settimeout(_LONGEST)
                self._reader = self._connection.makefile("rb")
            line = self._reader.readline()
            if line:
                break
            self._disconnect()
        method, path, _ = line.decode().split(" ", 2)
        headers = {}
        while (line := self._reader.readline().strip()):
            name, value = line.decode().split(":", 1)
            headers[name.lower()] = value.strip()
        if headers.get("expect", "").lower() == "100-continue":
            self._connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while (size := int(self._reader.readline(), 16)):
                body += self._reader.read(size)
                self._reader.readline()
            self._reader.readline()
        else:
            body = self._reader.read(int(headers.get("content-length", 0)))
        return method, path, body

    def _reply(self, status, headers=b"", body=b""):
        self._connection.sendall(
            b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n%s"
            % (status, len(body), headers, body)
        )

    def wait_for_next(self, store=lambda: None):
        """Waits until the function requests an event. Returns the time of its restore from a snapshot, if any. `store` is called before."""
        restored = None
        method, path, body = self._request()
        if path.endswith("/restore/next"):
            store()
            restored = time.perf_counter()
            self._reply(b"200 OK", b"Connection: close\r\n")
            self._disconnect()  # the client opens a new connection afterwards
            method, path, body = self._request()
        if not path.endswith("/invocation/next"):
            raise FunctionFailed(f"{path}: {body.decode(errors='replace')[:2000]}")
        return restored

    def give(self, event):
        """Sends the requested event and returns the response."""
        id = str(uuid.uuid4())
        deadline = int((time.time() + self._seconds) * 1000)
        headers = (
            f"Lambda-Runtime-Aws-Request-Id: {id}\r\nLambda-Runtime-Deadline-Ms: {deadline}\r\n"
            "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:bench\r\n"
            "Lambda-Runtime-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0\r\n"
        )
        self._reply(b"200 OK", headers.encode(), event)
        method, path, body = self._request()
        if not path.endswith(f"/invocation/{id}/response"):
            raise FunctionFailed(f"{path}: {body.decode(errors='replace')[:2000]}")
        return body

    def accepted(self):
        self._reply(b"202 Accepted", body=b"{}")


def _cpu(pid):
    """Returns the processor time of a process and its ended threads, in seconds. Computes the clock's id like clock_getcpuclockid(3)."""
    return time.clock_gettime(((~pid) << 3) | 2)


def _peak_rss(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise FunctionFailed("the process has ended")


class Function:
    """A process that requests events, created by started(). Like on Lambda, it is frozen between events."""

    def __init__(self, api, pid, log):
        self._api, self._pid, self._log, self._cpu_before = api, pid, log, 0
        self.sample = Sample()

    def answer(self, events):
        """Sends the events one after another."""
        sample = self.sample
        os.killpg(self._pid, signal.SIGCONT)
        with self._telling_its_log():
            for event in events:
                given = time.perf_counter()
                sample.answers.append(self._api.give(event))
                took = time.perf_counter() - given
                if len(sample.answers) > 1:
                    sample.later.append(took)
                else:
                    sample.first = sample.init + took
                    sample.first_cpu = _cpu(self._pid) - self._cpu_before
                    sample.first_rss = _peak_rss(self._pid)
                self._api.accepted()
                self._api.wait_for_next()
        self.freeze()
        sample.later_cpu = _cpu(self._pid) - self._cpu_before - sample.first_cpu
        sample.peak_rss = _peak_rss(self._pid)

    def begin(self, start):
        """Waits for the end of init, measured from `start` or from the restore of a snapshot."""
        with self._telling_its_log():
            restored = self._api.wait_for_next(self._store)
        self.sample.init = time.perf_counter() - (restored or start)
        if restored:
            self.sample.snapshot = restored - start - _STORED

    def _store(self):
        """Freezes the process as a snapshot would, and lets it go on."""
        self.freeze()
        self._cpu_before = _cpu(self._pid)
        time.sleep(_STORED)
        os.killpg(self._pid, signal.SIGCONT)

    def freeze(self):
        os.killpg(self._pid, signal.SIGSTOP)

    @contextlib.contextmanager
    def _telling_its_log(self):
        try:
            yield
        except (FunctionFailed, OSError) as failure:
            time.sleep(0.5)  # lets it print its last lines
            raise FunctionFailed(f"{failure}\n" + b"".join(self._log).decode(errors="replace")[-4000:]) from failure


@contextlib.contextmanager
def started(command, environment, folder, memory_mb=1024, share=False, seconds=10):
    """Starts a function's process and waits until it requests its first event. Kills it at the end.

    The process gets only this environment and Lambda's own variables. `share`: whether it gets only the share of a core that Lambda gives
    for this memory; a shell that enters it is then part of the start. `seconds`: until each event's deadline.
    """
    api = RuntimeApi(seconds)
    variables = {
        "PATH": os.environ["PATH"],
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "LAMBDA_TASK_ROOT": str(folder),
        "AWS_LAMBDA_RUNTIME_API": api.address,
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",  # an environment may set snap-start
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_LEVEL": "INFO",
        **environment,
    }
    log = []
    with shares.limited(memory_mb, command) if share else contextlib.nullcontext(command) as command:
        read, write = os.pipe()
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=write, stderr=write, start_new_session=True
        )
        os.close(write)
        drain = threading.Thread(target=lambda: log.extend(iter(lambda: os.read(read, 65536), b"")))
        drain.start()
        function = Function(api, process.pid, log)
        try:
            function.begin(start)
            yield function
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            drain.join()
            os.close(read)
            api.close()
            function.sample.log = b"".join(log).decode(errors="replace")
