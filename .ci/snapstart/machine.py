"""A QEMU machine with one function, its snapshot, and machines restored from a snapshot."""

import json
import secrets
import socket
import subprocess
import time
import uuid

from backend import ADDRESS

MEMORY = 1280  # MB, with the kernel's part; the JVM is told of 1,024
PATIENCE = 240  # seconds for each step; a machine with nothing else to do needs at most 40
# Longer than a request's 10 s in the template, because an emulated processor is slow.
DEADLINE = 60
# As on Lambda's java25 ("Configuring JDK settings", and the README of its runtime interface client).
JAVA = [
    "/jdk/bin/java", "-XX:MaxRAM=1024m", "-Xmx870m", "-XX:+UseSerialGC", "-Djava.net.preferIPv4Stack=true",
    "-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac", "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
    "-cp", "/opt/runtime/*:/var/task:/var/task/lib/*", "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
]  # fmt: skip
# Lambda's own variables for a function with SnapStart.
VARIABLES = {
    "PATH": "/jdk/bin", "LANG": "en_US.UTF-8", "TZ": ":UTC", "LD_LIBRARY_PATH": "/var/task/lib", "LAMBDA_TASK_ROOT": "/var/task",
    "AWS_REGION": "us-east-1", "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start", "AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO",
    "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9001/credentials",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "token",
}  # fmt: skip


class MachineFailed(Exception):
    pass


class Monitor:
    """QEMU's control socket ("QEMU Machine Protocol Specification")."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(str(path))
        self._file = self._socket.makefile("rw")
        self._file.readline()  # the greeting
        self("qmp_capabilities")

    def __call__(self, command, **arguments):
        self._file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._file.flush()
        while True:
            answer = json.loads(self._file.readline())
            if "error" in answer:
                raise MachineFailed(f"{command}: {answer['error']}")
            if "return" in answer:  # anything else is an event
                return answer["return"]

    def close(self):
        self._file.close()
        self._socket.close()


class Machine:
    """A machine as a context manager: boots, or goes on from a snapshot, and is killed at the end."""

    def __init__(self, image, backend_port, folder, memory, restored):
        folder.mkdir(parents=True)
        self._folder, self._unread, self.messages = folder, b"", []
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(folder / "serial"))
            listener.listen(1)
            listener.settimeout(PATIENCE)
            with (folder / "qemu.log").open("wb") as log:
                command = self._command(image, backend_port, memory, restored)
                self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            try:
                self._serial, _ = listener.accept()
                self._monitor = Monitor(folder / "monitor")
            except OSError as failure:
                self._process.kill()
                raise self._failed("QEMU did not start.") from failure
        self._serial.settimeout(PATIENCE)

    def _command(self, image, backend_port, memory, restored):
        # A restored machine maps the memory file copy-on-write, as Firecracker does.
        share = "off" if restored else "on"
        return list(map(str, [
            "qemu-system-x86_64", "-M", "pc,memory-backend=memory", "-accel", "tcg", "-cpu", "max", "-m", MEMORY,
            "-object", f"memory-backend-file,id=memory,size={MEMORY}M,mem-path={memory},share={share}",
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", *(["-incoming", "defer"] if restored else []),
            # The kernel's check of its timer fails on a busy machine.
            "-kernel", image.kernel, "-initrd", image.initrd, "-append", "console=ttyS0 quiet panic=-1 no_timer_check",
            "-drive", f"file={image.root},if=none,id=root,format=raw,readonly=on", "-device", "virtio-blk-pci,drive=root",
            # The guest reaches nothing but the backend.
            "-netdev", f"user,id=net,restrict=on,guestfwd=tcp:{ADDRESS}:443-cmd:{image.busybox} nc 127.0.0.1 {backend_port}",
            "-device", "virtio-net-pci,netdev=net", "-serial", f"file:{self._folder}/console",
            "-qmp", f"unix:{self._folder}/monitor,server=on,wait=off",
            "-chardev", f"socket,id=serial,path={self._folder}/serial",
            "-device", "virtio-serial-pci", "-device", "virtserialport,chardev=serial",
        ]))  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self._process.kill()
        self._process.wait()
        self._monitor.close()
        self._serial.close()

    def tell(self, **command):
        self._serial.sendall(json.dumps(command).encode() + b"\n")

    def hear(self, kind):
        """Returns the next message of this kind. Keeps all messages."""
        while True:
            while b"\n" not in self._unread:
                try:
                    read = self._serial.recv(1 << 16)
                except TimeoutError:
                    raise self._failed(f"The guest did not say '{kind}' within {PATIENCE} s.") from None
                if not read:
                    raise self._failed(f"The machine ended before the guest said '{kind}'.")
                self._unread += read
            line, self._unread = self._unread.split(b"\n", 1)
            message = json.loads(line)
            self.messages.append(message)
            if message["kind"] == kind:
                return message
            if message["kind"] == "error":
                raise self._failed(message["body"])

    def _failed(self, reason):
        """Returns a failure with the ends of the logs."""
        logs = (self._folder / name for name in ("console", "qemu.log"))
        return MachineFailed("\n".join([reason, *(log.read_text(errors="replace")[-3000:] for log in logs if log.exists())]))

    def start(self, function, variables):
        """Starts the function, and returns the sockets that are open at the checkpoint."""
        self.hear("booted")
        environment = {**VARIABLES, "AWS_LAMBDA_FUNCTION_NAME": function, **variables}
        self.tell(command=[*JAVA, f"dev.asyncitems.function.{function}"], environment=environment)
        return self.hear("checkpoint")["sockets"]

    def save(self, state):
        """Stops the machine and writes its state except its memory, which is in a file already."""
        self._monitor("stop")
        self._ignore_memory()
        self._monitor("migrate", uri=f"exec:cat > {state}")
        self._wait(lambda: self._monitor("query-migrate")["status"] == "completed")

    def load(self, state):
        self._ignore_memory()
        self._monitor("migrate-incoming", uri=f"exec:cat {state}")
        self._wait(lambda: self._monitor("query-status")["status"] != "inmigrate")
        self._monitor("cont")

    def _ignore_memory(self):
        self._monitor("migrate-set-capabilities", capabilities=[{"capability": "x-ignore-shared", "state": True}])

    def _wait(self, done):
        end = time.monotonic() + PATIENCE
        while not done():
            if self._process.poll() is not None or time.monotonic() > end:
                raise self._failed("The state was not written or read.")
            time.sleep(0.005)

    def release(self, access_key, reseed, set_clock):
        """Lets the restored function go on until it requests an event, after what Lambda does for it."""
        self.tell(accessKey=access_key, seed=secrets.token_hex(32) if reseed else "", time=time.time() if set_clock else 0)
        self.hear("ready")

    def invoke(self, event):
        """Sends the requested event, and returns the response once the function requests the next event."""
        self.tell(event=json.dumps(event), id=str(uuid.uuid4()), seconds=DEADLINE)
        answer = self.hear("response")["body"]
        self.hear("ready")
        return json.loads(answer)
