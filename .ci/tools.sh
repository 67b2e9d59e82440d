# Functions for .ci/run and its lanes. Source it from the root of the project, under `set -euo pipefail`.
# shellcheck shell=bash

fail() {
  echo "$*" >&2
  exit 1
}

# install PACKAGE: installs a Debian package, if possible. Outside CI it asks first; without a terminal it only prints the command.
install() {
  local as_root=() answer
  command -v apt-get >/dev/null || return 1
  if [[ $(id -u) != 0 ]]; then
    command -v sudo >/dev/null || return 1
    as_root=(sudo)
  fi
  echo "The Debian package $1 is missing. This installs it: ${as_root:+sudo }apt-get install $1" >&2
  if [[ -z ${CI:-} ]]; then
    { : >/dev/tty; } 2>/dev/null || return 1 # a lane has no standard input, but perhaps a terminal
    read -r -p "Install it now? [y/N] " answer </dev/tty 2>/dev/tty
    [[ $answer == [yY]* ]] || return 1
  fi
  (
    flock 9 # apt-get fails while another one works
    "${as_root[@]}" apt-get update -qq &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$1" >/dev/null
  ) 9>>"${TMPDIR:-/tmp}/async-items-apt.lock"
}

java_release=$(sed -n 's|.*<java.release>\(.*\)</java.release>.*|\1|p' pom.xml)

# jdk_home: prints the folder of a JDK of that release, if one is installed. The build's toolchain discovery also looks in these places.
jdk_home() {
  local home from_path named="JAVA${java_release}_HOME"
  from_path=$(readlink -f "$(command -v javac || true)" || true)
  for home in "${!named:-}" "${JAVA_HOME:-}" "${from_path%/bin/javac}" \
    /usr/lib/jvm/* ~/.sdkman/candidates/java/* ~/.jdks/*; do
    if [[ -x $home/bin/javac ]] &&
      grep -q "^JAVA_VERSION=\"$java_release[.\"]" "$home/release" 2>/dev/null; then
      echo "$home"
      return
    fi
  done
  return 1
}

# cached NAME LIST: prints the folder outside the project for the packages of .ci/requirements/LIST. Returns false if they are not
# installed, and says that they will be. The caller installs them and creates the file .complete.
cached() {
  local home
  home=${XDG_CACHE_HOME:-$HOME/.cache}/async-items-ci/$1-$(cksum <".ci/requirements/$2" | tr ' ' -)
  echo "$home"
  if [[ ! -e $home/.complete ]]; then
    echo "Installing the packages of .ci/requirements/$2 in $home." >&2
    rm -rf "$home"
    return 1
  fi
}

# venv NAME: prints the folder of a Python environment with the packages of .ci/requirements/NAME.txt.
venv() {
  local list=$1.txt home
  if ! home=$(cached "$1" "$list"); then
    python3 -c 'import ensurepip, venv' 2>/dev/null || install python3-venv ||
      fail "Python 3 with venv must be installed."
    python3 -m venv "$home" >&2
    "$home/bin/pip" install -q --disable-pip-version-check -r ".ci/requirements/$list" >&2 ||
      fail "The packages of .ci/requirements/$list can't be installed: see above."
    touch "$home/.complete"
  fi
  echo "$home"
}

# npm_packages NAME: prints the folder node_modules with the packages of .ci/requirements/NAME.npm. Needs Node.js 20 or later; Debian 12
# has an older one.
npm_packages() {
  local list=$1.npm home
  if ! home=$(cached "npm-$1" "$list"); then
    command -v npm >/dev/null || install npm || fail "Node.js 20 or later with npm must be installed."
    # shellcheck disable=SC2046 # one package per line
    npm install --prefix "$home" --silent --no-fund --no-audit --ignore-scripts $(grep -v '^#' ".ci/requirements/$list") >&2 ||
      fail "The packages of .ci/requirements/$list can't be installed: see above."
    touch "$home/.complete"
  fi
  echo "$home/node_modules"
}

# go_programs NAME: prints the folder with the programs of .ci/requirements/NAME.golang. Needs Go 1.21 or later; Debian 12 has an older one.
go_programs() {
  local list=$1.golang home
  if ! home=$(cached "go-$1" "$list"); then
    command -v go >/dev/null || install golang-go || fail "Go 1.21 or later must be installed: https://go.dev/doc/install"
    # shellcheck disable=SC2046 # one program per line
    GOBIN=$home go install $(grep -v '^#' ".ci/requirements/$list") >&2 ||
      fail "The programs of .ci/requirements/$list can't be installed: see above."
    touch "$home/.complete"
  fi
  echo "$home"
}

# Optional scripts beside the project, for machines without an image registry.
stand_ins=${CI:+../shared/docker}

# needs_docker: waits until a Docker engine responds. A script beside the project may start one.
needs_docker() {
  timeout 10 docker info >/dev/null 2>&1 && return
  [[ -x $stand_ins/docker-engine ]] && "$stand_ins/docker-engine" >&2 && return
  fail "This lane needs Docker, but no engine responds (docker info)."
}

# needs_image IMAGE STAND_IN: pulls an image, or builds it with that script beside the project.
needs_image() {
  docker image inspect "$1" >/dev/null 2>&1 && return
  [[ -x $stand_ins/$2 ]] && "$stand_ins/$2" >&2 && return
  docker pull -q "$1" >&2 || fail "Failed to pull the image $1."
}

# Runs every `mvn` of a lane without prompts, colours and download bars.
mvn() {
  command mvn -B -ntp "$@"
}

# free_port: prints a free port of 127.0.0.1.
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# background NAME=VALUE... COMMAND ...: runs a command with only that environment until the lane ends. Its output is in
# target/background.log.
background() {
  local home
  home=$(mktemp -d)
  mkdir -p target
  env -i PATH="$PATH" HOME="$home" TMPDIR="$home" ${DOCKER_HOST:+"DOCKER_HOST=$DOCKER_HOST"} "$@" \
    >target/background.log 2>&1 </dev/null &
  background_pid=$!
  # shellcheck disable=SC2064
  trap "kill $! 2>/dev/null; wait $! 2>/dev/null || true; rm -rf '$home'" EXIT
}

# answers URL: waits until a background process responds.
answers() {
  for _ in $(seq 240); do
    curl -s -o /dev/null "$1" && return
    kill -0 "$background_pid" 2>/dev/null || break
    sleep 0.25
  done
  tail -20 target/background.log >&2
  fail "No response from $1: see target/background.log."
}

# integration_tests OPTION...: runs integration tests of the functions. Prints the tests that do not apply, with their reasons. A test that is
# skipped for another reason fails the run (SkippedTests).
integration_tests() {
  rm -rf ./*/target/{failsafe-reports,skipped-tests} # old failures would fail this run
  mvn verify -pl local,functions -Dcyclonedx.skip "$@" # not the root, which checks the format
  sort functions/target/skipped-tests/*
}
