"""What the VMs boot: a kernel, an initial RAM file system with drivers, and a root file system. One image serves all functions."""

import lzma
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from backend import ADDRESS, NAME

HERE = Path(__file__).resolve().parent
PYTHON = Path(os.path.realpath(sys.executable))
KERNEL = "linux-image-cloud-amd64"
# In an order in which each finds the modules that it needs. Some kernels have some of them built in.
DRIVERS = (
    "drivers/virtio/virtio_ring", "drivers/virtio/virtio", "drivers/virtio/virtio_pci_modern_dev", "drivers/virtio/virtio_pci_legacy_dev",
    "drivers/virtio/virtio_pci", "drivers/block/virtio_blk", "drivers/char/virtio_console", "net/core/failover", "drivers/net/net_failover",
    "drivers/net/virtio_net",
)  # fmt: skip
INIT = f"""#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t devtmpfs none /dev
mount -t proc none /proc
mount -t sysfs none /sys
for driver in /drivers/*; do insmod $driver; done
ip addr add 127.0.0.1/8 dev lo
ip link set lo up
ip addr add 10.0.2.15/24 dev eth0
ip link set eth0 up
mount -t ext4 -o ro /dev/vda /root
for folder in dev proc sys; do mount -o move /$folder /root/$folder; done
mount -t tmpfs none /root/tmp
exec switch_root /root {PYTHON} -I -S -B /guest.py
"""
# The JDK's parts for development and for screens.
JDK_LEFT_OUT = (
    "src.zip", "ct.sym", "jmods", "include", "legal", "man", "*awt*", "*font*", "*freetype*", "*jpeg*", "*mlib*", "*splash*", "*nocoops*",
)  # fmt: skip
STDLIB_LEFT_OUT = (
    "site-packages", "dist-packages", "test", "tests", "config-*", "ensurepip", "idlelib", "tkinter", "turtledemo", "lib2to3", "*.a",
)  # fmt: skip
# Libraries that the native parts of jars need; ldd finds those of the other binaries.
IN_JARS = ("libdl.so.2", "libm.so.6", "libpthread.so.0", "librt.so.1", "libgcc_s.so.1")


@dataclass(frozen=True)
class Image:
    kernel: Path
    initrd: Path
    root: Path
    busybox: Path  # for the host


def build(folder, task, runtime, certificate, jdk):
    """Builds the image in an empty folder.

    task: the unpacked functions.zip; runtime: a folder with the jars of Lambda's Java runtime; certificate: of the only authority that
    the functions trust.
    """
    packages = unpacked_packages(folder)
    [kernel] = packages.glob("boot/vmlinuz-*")
    [busybox] = packages.glob("**/bin/busybox")
    [modules] = packages.glob("**/lib/modules/*/kernel")
    image = Image(kernel, folder / "initrd", folder / "root", busybox)
    build_initrd(image.initrd, busybox, modules)
    build_root(image.root, task, runtime, certificate, jdk)
    return image


def run(*command, **options):
    return subprocess.run(list(map(str, command)), check=True, text=True, stdout=subprocess.PIPE, **options).stdout


def unpacked_packages(folder):
    """Downloads and unpacks Debian's kernel for clouds and its static busybox, without installing them."""
    kernel = re.search(r"Depends: (linux-image-\S+)", run("apt-cache", "depends", KERNEL))[1]
    run("apt-get", "-o", "APT::Sandbox::User=root", "download", "-qq", kernel, "busybox-static", cwd=folder)
    for package in folder.glob("*.deb"):
        run("dpkg", "-x", package, folder / "packages")
    return folder / "packages"


def build_initrd(file, busybox, modules):
    root = file.with_suffix(".d")
    for folder in ("bin", "dev", "proc", "sys", "root", "drivers"):
        (root / folder).mkdir(parents=True)
    shutil.copy(busybox, root / "bin")
    for number, driver in enumerate(DRIVERS):
        for module in modules.glob(f"{driver}.ko*"):
            content = module.read_bytes()
            (root / "drivers" / f"{number:02}.ko").write_bytes(lzma.decompress(content) if module.suffix == ".xz" else content)
    (root / "init").write_text(INIT)
    (root / "init").chmod(0o755)
    names = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    file.touch()
    run(busybox, "cpio", "-o", "-H", "newc", "-F", file, cwd=root, input=names)


def build_root(file, task, runtime, certificate, jdk):
    root = file.with_suffix(".d")
    for folder in ("dev", "proc", "sys", "tmp", "etc/ssl/certs", "opt", "var"):
        (root / folder).mkdir(parents=True)
    stdlib = Path(sysconfig.get_path("stdlib"))
    for source, target, left_out in (
        (task, "var/task", ()),
        (runtime, "opt/runtime", ()),
        (jdk, "jdk", JDK_LEFT_OUT),
        (stdlib, stdlib.relative_to("/"), STDLIB_LEFT_OUT),
    ):
        shutil.copytree(source, root / target, ignore=shutil.ignore_patterns(*left_out))
    binaries = [PYTHON, root / "jdk/bin/java", *root.rglob("*.so")]
    for source in {str(PYTHON), *libraries(binaries)}:
        if not source.startswith(str(root)):
            target = root / source.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    shutil.copy(certificate, root / "etc/ssl/certs/ca-certificates.crt")
    shutil.copy(HERE / "guest.py", root)
    (root / "etc/hosts").write_text(f"127.0.0.1 localhost\n{ADDRESS} {NAME}\n")
    (root / "etc/nsswitch.conf").write_text("hosts: files\n")
    size = int(run("du", "-sk", root).split()[0])
    run("mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", root, file, f"{size * 5 // 4 + 16_384}k")
    shutil.rmtree(root)


def libraries(binaries):
    """Returns the shared libraries that these need, and their loader."""
    known = dict(re.findall(r"^\t(\S+) \(libc6,x86-64.*=> (\S+)$", run("/sbin/ldconfig", "-p"), re.MULTILINE))
    found = {known[name] for name in IN_JARS if name in known}
    for binary in binaries:
        listed = subprocess.run(["ldd", binary], check=False, text=True, capture_output=True)  # fails for a static one
        found.update(re.findall(r"(/\S+) \(0x", listed.stdout))
    return found
