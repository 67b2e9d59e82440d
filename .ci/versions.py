"""Lists the pinned versions that are older than six months, and why each of them stays.

The argument is the URL of the Maven repository that the build uses. The list has the versions of every POM and of .ci/requirements. An old
version that has a successor needs a reason in .ci/requirements/kept.txt. After nine months a missing reason is an error: the three months
between are notice, so that no release elsewhere breaks a build here from one day to the next. A version whose registry can't be reached
counts as not checked.
"""

import base64
import datetime
import http.client
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

REQUIREMENTS = Path(".ci/requirements")
KEPT = REQUIREMENTS / "kept.txt"
UNREACHABLE = OSError, subprocess.TimeoutExpired, http.client.HTTPException
SIX_MONTHS_AGO, NINE_MONTHS_AGO = (str(datetime.date.today() - datetime.timedelta(days=days)) for days in (183, 274))


def output(*command, **variables):
    """Returns what a command prints. The error of a failed one is an OSError, as that of a failed request is."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ | variables)
    if done.returncode:
        raise OSError(done.stderr.strip().partition("\n")[0])
    return done.stdout


def fetched(url, **headers):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as response:
        return response.read()


def lines(pattern):
    """Returns the lines of these lists, without comments."""
    texts = [file.read_text() for file in REQUIREMENTS.glob(pattern) if file != KEPT]
    return [line for line in "".join(texts).splitlines() if not line.startswith("#")]


def newest(versions):
    """Returns the highest version that isn't a preview."""
    releases = [v for v in versions if re.fullmatch(r"\d+(\.\d+)*([.-](Final|RELEASE|GA|post\d+))?", v)]
    return max(releases, key=lambda v: [int(n) for n in re.findall(r"\d+", v)])


# Each registry has the pinned names with their versions, and tells the day of a release, or None, and the newest version.


class Maven:
    def __init__(self, repository):
        self.repository = repository.rstrip("/")

    def pins(self):
        """Returns the versions in the POMs. A property counts once, by the first artifact that has it."""
        root = ElementTree.parse("pom.xml").getroot()
        pins = {}
        for path in output("git", "ls-files", "*pom.xml").split():
            project = ElementTree.parse(path).getroot()
            properties = {p.tag.partition("}")[2]: p.text for pom in (root, project) for p in pom.iterfind("{*}properties/*")}
            for element in project.iter():
                group = element.findtext("{*}groupId", "org.apache.maven.plugins")
                artifact, version = element.findtext("{*}artifactId"), element.findtext("{*}version")
                if element is project or group == root.findtext("{*}groupId") or not artifact or not version:
                    continue
                name = f"{group}:{artifact}"
                if not version.startswith("${"):
                    pins[name, version] = name, version
                elif value := properties.get(version[2:-1]):  # a framework's parent sets the others
                    pins.setdefault((version, value), (name, value))
        return list(pins.values())

    def release(self, name, version):
        if not self.repository:
            raise OSError("mvn doesn't name it")
        group, artifact = name.split(":")
        folder = f"{self.repository}/{group.replace('.', '/')}/{artifact}"
        versions = ElementTree.fromstring(fetched(f"{folder}/maven-metadata.xml")).iter("version")
        return self.signed(f"{folder}/{version}/{artifact}-{version}.pom.asc"), newest(v.text for v in versions)

    def signed(self, url):
        """Returns the day of an OpenPGP signature. The files of a jar may have any date, and a POM has none."""
        try:
            armored = fetched(url).decode().replace("\r", "")
        except urllib.error.HTTPError as e:
            if e.code == 404:
                return None
            raise
        packet = base64.b64decode(armored.partition("\n\n")[2].partition("\n=")[0])
        # RFC 9580: the subpacket of five bytes and type 2, which may be marked as critical; in version 3, five bytes of type 0.
        found = re.search(rb"\x05[\x00\x02\x82](.{4})", packet, re.DOTALL)
        return found and str(datetime.datetime.fromtimestamp(int.from_bytes(found[1], "big"), datetime.timezone.utc).date())


class Pip:
    def __init__(self):
        usage = output(sys.executable, "-m", "pip", "install", "--help", COLUMNS="999")
        self.index = re.search(r"--index-url <url>.*?\(default (\S+)\)", usage)[1].rstrip("/")

    def pins(self):
        return [(re.sub(r"\[.*", "", name), version) for name, version in (line.split("==") for line in lines("*.txt"))]

    def release(self, name, version):
        project = json.loads(fetched(f"{self.index}/{name}/", Accept="application/vnd.pypi.simple.v1+json"))
        days = [f["upload-time"][:10] for f in project["files"] if re.search(rf"-{re.escape(version)}(-|\.tar)", f["filename"])]
        return min(days, default=None), newest(project["versions"])


class Npm:
    def pins(self):
        return [tuple(line.rsplit("@", 1)) for line in lines("*.npm")]

    def release(self, name, version):
        package = json.loads(output("npm", "view", name, "version", "time", "--json", "--fetch-retries=1"))
        return package["time"][version][:10], package["version"]


class Go:
    def pins(self):
        return [tuple(line.split("@")) for line in lines("*.golang")]

    def release(self, name, version):
        module = "/".join(name.split("/")[:3])
        pinned, latest = (json.loads(output("go", "list", "-m", "-json", f"{module}@{v}")) for v in (version, "latest"))
        return pinned["Time"][:10], latest["Version"]


def looked_up(pin):
    registry, name, version = pin
    try:
        return pin, registry.release(name, version), None
    except UNREACHABLE as e:
        return pin, None, e


registries = Maven(sys.argv[1]), Pip(), Npm(), Go()
pins = sorted({(registry, *pin) for registry in registries for pin in registry.pins()}, key=lambda pin: pin[1:])
reasons, problems, unchecked = {}, [], defaultdict(list)
for line in KEPT.read_text().splitlines():
    if line and not line.startswith("#"):
        name, version, reason = [*line.split(maxsplit=2), "", ""][:3]
        reasons[name, version] = reason
        if not any(pin[1:] == (name, version) for pin in pins):
            problems.append(f"{KEPT} has a reason for {name} {version}, which is no longer pinned: remove the line.")

rows = [("name", "pinned", "date", "newest", "reason")]
with ThreadPoolExecutor(8) as threads:
    for (registry, name, version), release, error in threads.map(looked_up, pins):
        reason = reasons.get((name, version))
        if error:
            unchecked[type(registry).__name__.lower(), str(error)].append(f"{name} {version}")
            continue
        day, latest = release
        old = day and day < SIX_MONTHS_AGO
        if day and day < NINE_MONTHS_AGO and latest != version and not reason:
            problems.append(f"{name} {version} is from {day}, and {latest} is out: raise it, or say in {KEPT} why it stays.")
        if old or reason or not day and latest != version:
            rows.append((name, version, day or "unknown", latest, reason or ("the newest" if latest == version else "NO REASON YET")))

widths = [max(len(row[column]) for row in rows) for column in range(4)]
for row in rows:
    print(*(cell.ljust(width) for cell, width in zip(row, widths)), row[4], sep="  ")
for (registry, error), names in unchecked.items():
    print(f"NOT CHECKED, because the registry of {registry} can't be reached ({error}): {', '.join(names)}")
print(f"{len(pins) - sum(map(len, unchecked.values()))} of {len(pins)} versions checked.")
if problems:
    sys.exit("\n".join(problems))
