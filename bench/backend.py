"""The engines of the local run behind TLS, with the rows that the events need."""

import json
import os
import shutil
import subprocess
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "target" / "bench"
ITEM = "019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173"  # the id in the sample events
NOTIFICATION = "019bc0fe-749b-79d1-ab7f-05c3d8e46a19"
CHUNK = "019bc0ff-6084-7001-8f16-2b9d04c7e5a1"
IMPORT = "019bc0ff-6084-7000-8f16-2b9d04c7e5a1"
LINE, LINES, CHUNK_LINES = 200, 1_000, 25  # bytes of a line without its line feed, lines of an import and of a chunk
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")  # Debian's; a start includes reading all of them
TIME = {"S": "2026-01-15T10:00:00.000Z"}
NEVER = "2099-01-15T10:00:00.000Z"


def new_id():
    """Returns a UUID of version 7, like those of the functions."""
    random = str(uuid.uuid4())
    return f"019bc0fd-8a3b-7{random[15:]}"


def lines(count):
    """Returns items for an import, one a line."""
    item = '{"name":"Lamp","price":12.5,"tags":["home"],"description":"%s"}'
    return "\n".join([item % ("x" * (LINE - len(item % "")))] * count)


def jdk():
    homes = [os.environ.get("JAVA25_HOME", ""), os.environ.get("JAVA_HOME", ""), *map(str, Path("/usr/lib/jvm").glob("*25*"))]
    for home in homes:
        release = Path(home, "release")
        if home and release.exists() and 'JAVA_VERSION="25' in release.read_text():
            return Path(home)
    sys.exit("A JDK 25 must be installed, or named by JAVA25_HOME.")


JAVA = jdk() / "bin/java"


def java(main, *arguments, options=()):
    """Returns the command for a main class of bench/."""
    path = f"{ROOT}/bench/target/classes:" + (ROOT / "bench/target/classpath").read_text()
    return [
        str(JAVA), "-Daws.configFile=none", "-Daws.sharedCredentialsFile=none", "-XX:+UseSerialGC",
        "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", *options,
        "-cp", path, main, *map(str, arguments),
    ]  # fmt: skip


class Credentials(BaseHTTPRequestHandler):
    """An endpoint for container credentials, as functions with SnapStart use it ("Container credential provider")."""

    def do_GET(self):
        body = json.dumps({"AccessKeyId": "local", "SecretAccessKey": "local", "Token": "local", "Expiration": NEVER}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *line):
        pass


class Backend:
    """A context manager with its own certificate. Use one at a time, because they share a folder."""

    def __enter__(self):
        keys = WORK / "keys"
        keys.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", keys / "key.pem", "-out", keys / "cert.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
        subprocess.run(
            ["openssl", "pkcs12", "-export", "-in", keys / "cert.pem", "-inkey", keys / "key.pem", "-out", keys / "keys.p12",
             "-passout", "pass:bench"],
            check=True,
        )  # fmt: skip
        # Each reads this certificate and those that it would read on AWS: the system's authorities, or the JDK's.
        self.bundle = keys / "bundle.pem"
        self.bundle.write_text(AUTHORITIES.read_text() + (keys / "cert.pem").read_text())
        trust = keys / "trust.p12"
        shutil.copyfile(jdk() / "lib/security/cacerts", trust)
        subprocess.run(
            [jdk() / "bin/keytool", "-importcert", "-noprompt", "-alias", "bench", "-file", keys / "cert.pem", "-keystore", trust,
             "-storepass", "changeit"],
            check=True, capture_output=True,
        )  # fmt: skip
        self.java_trust = f"-Djavax.net.ssl.trustStore={trust} -Djavax.net.ssl.trustStorePassword=changeit"
        self._process = subprocess.Popen(
            java("dev.asyncitems.bench.Backend", ROOT / "template.yaml", keys / "keys.p12", "bench"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=(WORK / "backend.log").open("w"), text=True,
        )  # fmt: skip
        environments = {}
        for line in self._process.stdout:
            if line == "ready\n":
                break
            function, name, value = line.rstrip("\n").split("\t")
            environments.setdefault(function, {})[name] = value
        else:
            sys.exit((WORK / "backend.log").read_text())
        self._plain = environments.pop("plain")["DYNAMODB"]
        self._environments = environments
        self._client = boto3.client("dynamodb", endpoint_url=self._plain, region_name="us-east-1", aws_access_key_id="local", aws_secret_access_key="local")  # fmt: skip
        self._credentials = ThreadingHTTPServer(("127.0.0.1", 0), Credentials)
        threading.Thread(target=self._credentials.serve_forever, daemon=True).start()
        self.container_credentials = {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{self._credentials.server_port}/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "bench",
        }
        self._put("local-Items", [self._item(ITEM)])
        self._put("local-Notifications", [self._queued(NOTIFICATION)])
        self._put("local-Imports", [{"id": {"S": IMPORT}, "total": {"N": str(CHUNK_LINES)}, "shard": {"N": "0"}}, self._chunk(CHUNK)])
        self.items(40)
        return self

    def environment(self, function, plain=False):
        """Returns a function's environment from the template, with these engines. `plain`: DynamoDB without TLS."""
        own = {k: v for k, v in self._environments[function].items() if not k.startswith(("AWS_ENDPOINT", "AWS_LAMBDA"))}
        if plain:
            own["ENDPOINT_URL_DYNAMODB"] = self._plain
        return {
            **own, "SSL_CERT_FILE": str(self.bundle), "AWS_CA_BUNDLE": str(self.bundle), "AWS_DEFAULT_REGION": own["AWS_REGION"],
            "AWS_EC2_METADATA_DISABLED": "true",
        }  # fmt: skip

    def items(self, count):
        """Writes new items and returns their ids."""
        ids = [new_id() for _ in range(count)]
        self._put("local-Items", map(self._item, ids))
        return ids

    def queued_notifications(self, count):
        """Writes queued notifications whose entries are never due, and returns their ids."""
        ids = [new_id() for _ in range(count)]
        self._put("local-Notifications", map(self._queued, ids))
        return ids

    def queued_chunks(self, count):
        """Writes queued chunks whose entries are never due, and returns their ids."""
        ids = [new_id() for _ in range(count)]
        self._put("local-Imports", map(self._chunk, ids))
        return ids

    def settle(self):
        """Deletes the notifications and chunks that the relay would find."""
        for table in ("local-Notifications", "local-Imports"):
            due = self._client.get_paginator("scan").paginate(
                TableName=table, ProjectionExpression="id", FilterExpression="nextDispatchAt < :never", ExpressionAttributeValues={":never": {"S": NEVER}}
            )  # fmt: skip
            self._write(table, [{"DeleteRequest": {"Key": row}} for page in due for row in page["Items"]])

    def _item(self, id):
        return {"id": {"S": id}, "name": {"S": "Lamp"}, "price": {"N": "12.5"}, "tags": {"L": [{"S": "home"}]}, "createdAt": TIME,
                "updatedAt": TIME, "version": {"N": "1"}, "shard": {"N": "0"}}  # fmt: skip

    def _queued(self, id):
        return {"id": {"S": id}, "message": {"S": "hello"}, "status": {"S": "queued"}, "attempts": {"N": "0"},
                "shard": {"N": "0"}, "outbox": {"S": "queued#0"}, "nextDispatchAt": {"S": f"{NEVER}#{id}"}}  # fmt: skip

    def _chunk(self, id):
        return {"id": {"S": id}, "number": {"N": "1"}, "first": {"N": "1"}, "lines": {"B": lines(CHUNK_LINES).encode()}, "created": {"N": "0"},
                "rejected": {"N": "0"}, "status": {"S": "queued"}, "outbox": {"S": "queued#0"}, "nextDispatchAt": {"S": f"{NEVER}#{id}"}}  # fmt: skip

    def _put(self, table, rows):
        self._write(table, [{"PutRequest": {"Item": row}} for row in rows])

    def _write(self, table, requests):
        for begin in range(0, len(requests), 25):
            written = self._client.batch_write_item(RequestItems={table: requests[begin : begin + 25]})
            assert not written["UnprocessedItems"], json.dumps(written)

    def __exit__(self, *failure):
        self._credentials.shutdown()
        self._credentials.server_close()
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
