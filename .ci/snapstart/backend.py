"""The engines of the local run, behind a server with TLS that records the functions' calls."""

import contextlib
import http.client
import json
import re
import ssl
import subprocess
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ADDRESS, NAME = "10.0.2.100", "backend.test"  # in the machines
REFUSED = json.dumps({"__type": "com.amazon.coral.service#AccessDeniedException"}).encode()
NOT_PASSED_ON = {"connection", "content-length", "host", "transfer-encoding"}


@dataclass(frozen=True)
class Call:
    access_key: str
    action: str
    body: dict
    at: float  # when it arrived
    signed: float  # when it was signed, by the caller's clock
    status: int


class Backend:
    """A context manager, for any number of machines."""

    def __init__(self, folder, jdk, classpath):
        self._folder, self._jdk, self._classpath = folder, jdk, classpath
        self.calls, self._refused = [], None

    def __enter__(self):
        keys = self._folder / "keys"
        keys.mkdir()
        self.certificate = keys / "certificate.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", keys / "key.pem", "-out", self.certificate],
            check=True, capture_output=True,
        )  # fmt: skip
        self._engines, self._variables, self._addresses = self._start_engines()
        credentials = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
        self.dynamodb = boto3.client("dynamodb", endpoint_url=self._addresses["DynamoDB"], **credentials)
        self.sqs = boto3.client("sqs", endpoint_url=self._addresses["SQS"], **credentials)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.certificate, keys / "key.pem")
        # Each connection has a thread of its own, which also makes the handshake.
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.port = self._server.server_port
        return self

    def __exit__(self, *failure):
        self._server.shutdown()
        self._server.server_close()
        self._engines.stdin.close()
        self._engines.wait(30)

    def _start_engines(self):
        command = [
            self._jdk / "bin/java", "-Daws.configFile=none", "-Daws.sharedCredentialsFile=none", "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
            "-cp", self._classpath, HERE / "StartEngines.java", ROOT / "template.yaml",
        ]  # fmt: skip
        log = self._folder / "engines.log"
        with log.open("w") as file:
            process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file, text=True)
        printed = {}
        for line in process.stdout:
            if line == "ready\n":
                break
            owner, name, value = line.rstrip("\n").split("\t")
            printed.setdefault(owner, {})[name] = value
        else:
            raise AssertionError(f"The engines did not start: {log.read_text()}")
        return process, printed, printed.pop("engines")

    def variables(self, function):
        """Returns the function's variables of the template, which name this backend, without the local run's own."""
        own = {name: value for name, value in self._variables[function].items() if not name.startswith("AWS_")}
        return own | {"ENDPOINT_URL_DYNAMODB": f"https://{NAME}", "ENDPOINT_URL_SQS": f"https://{NAME}"}

    @contextlib.contextmanager
    def refusing(self, action):
        """Denies access for an action until the block ends."""
        self._refused = action
        yield
        self._refused = None

    def _handler(backend):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = 1 << 16

            def do_POST(self):
                at = time.time()
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service, action = re.match(r"(DynamoDB|AmazonSQS).*\.(\w+)", self.headers["X-Amz-Target"]).groups()
                signed = datetime.strptime(self.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
                status, headers, answer = 400, {"Content-Type": "application/x-amz-json-1.0"}, REFUSED
                if action != backend._refused:
                    status, headers, answer = self.ask(service.removeprefix("Amazon"), body)
                access_key = re.search("Credential=([^/]+)/", self.headers["Authorization"])[1]
                backend.calls.append(Call(access_key, action, json.loads(body), at, signed.timestamp(), status))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def ask(self, service, body):
                engine = http.client.HTTPConnection(backend._addresses[service].removeprefix("http://"))
                try:
                    engine.request("POST", self.path, body, self.passed_on(self.headers))
                    answer = engine.getresponse()
                    return answer.status, self.passed_on(answer.headers), answer.read()
                finally:
                    engine.close()

            def passed_on(self, headers):
                return {name: value for name, value in headers.items() if name.lower() not in NOT_PASSED_ON}

            def log_message(self, *line):
                pass

        return Handler
