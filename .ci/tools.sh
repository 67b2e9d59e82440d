# What .ci/run and its lanes share. To be sourced, from the root of the project, under `set -euo pipefail`.
# shellcheck shell=bash

fail() {
  echo "$*" >&2
  exit 1
}

# install PACKAGE: from Debian, where it can.
install() {
  local as_root=()
  command -v apt-get >/dev/null || return 1
  if [[ $(id -u) != 0 ]]; then
    command -v sudo >/dev/null || return 1
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -qq -y --no-install-recommends "$1" >/dev/null
}

# venv NAME: prints the folder of a Python environment that holds what .ci/requirements/NAME.txt
# pins; makes it at the first time, outside the project.
venv() {
  local list=.ci/requirements/$1.txt home
  home=${XDG_CACHE_HOME:-$HOME/.cache}/async-items-ci/$1-$(cksum <"$list" | tr ' ' -)
  if [[ ! -e $home/.complete ]]; then
    python3 -c 'import ensurepip, venv' 2>/dev/null || install python3-venv ||
      fail "Python 3 with venv must be installed."
    rm -rf "$home"
    python3 -m venv "$home" >&2
    "$home/bin/pip" install -q --disable-pip-version-check -r "$list" >&2 ||
      fail "$list can't be installed."
    touch "$home/.complete"
  fi
  echo "$home"
}

# npm_packages NAME: prints the folder node_modules that holds the packages which .ci/requirements/NAME.npm pins; installs them at
# the first time, outside the project. Node.js 20 or later is needed, and Debian 12's is older.
npm_packages() {
  local list=.ci/requirements/$1.npm home
  home=${XDG_CACHE_HOME:-$HOME/.cache}/async-items-ci/npm-$1-$(cksum <"$list" | tr ' ' -)
  if [[ ! -e $home/.complete ]]; then
    command -v npm >/dev/null || install npm || fail "Node.js 20 or later with npm must be installed."
    rm -rf "$home"
    # shellcheck disable=SC2046 # a line is a package
    npm install --prefix "$home" --silent --no-fund --no-audit --ignore-scripts $(grep -v '^#' "$list") >&2 ||
      fail "$list can't be installed."
    touch "$home/.complete"
  fi
  echo "$home/node_modules"
}

# Scripts that CI may have beside the project, for machines without an image registry.
stand_ins=${CI:+../shared/docker}

# needs_docker: returns when an engine answers, starting one where a script beside the project can.
needs_docker() {
  timeout 10 docker info >/dev/null 2>&1 && return
  [[ -x $stand_ins/docker-engine ]] && "$stand_ins/docker-engine" >&2 && return
  fail "This lane needs Docker, and no engine answers (docker info)."
}

# needs_image IMAGE STAND_IN: the image is there, pulled or made by that script beside the project.
needs_image() {
  docker image inspect "$1" >/dev/null 2>&1 && return
  [[ -x $stand_ins/$2 ]] && "$stand_ins/$2" >&2 && return
  docker pull -q "$1" >&2 || fail "The image $1 can't be had."
}

# Every `mvn` of a lane, without questions, colours and download bars.
mvn() {
  command mvn -B -ntp "$@"
}

# free_port: prints one of 127.0.0.1.
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# background NAME=VALUE... COMMAND ...: runs it, with that environment alone, until the lane ends. What it
# prints is in target/background.log.
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

# answers URL: waits until what runs in the background does.
answers() {
  for _ in $(seq 240); do
    curl -s -o /dev/null "$1" && return
    kill -0 "$background_pid" 2>/dev/null || break
    sleep 0.25
  done
  tail -20 target/background.log >&2
  fail "Nothing answers at $1."
}

# integration_tests LANE: those that depend on the engine, on the lane's. Tests that aren't applicable to it
# are printed with the reason; one that was skipped for another reason is a failure.
integration_tests() {
  local reports=functions/target/failsafe-reports skipped
  rm -rf ./*/target/failsafe-reports # what failed before would fail this again
  mvn verify -pl functions -am -Dlane="$1"
  skipped=$(sed -n -e '/<testcase /{s/.*name="\([^"]*\)" classname="[^"]*\.\([^".]*\)".*/\2.\1/;h}' \
    -e '/<skipped/{s/.*<skipped message="\([^"]*\)".*/\1/;s/&apos;/'"'"'/g;G;s/\(.*\)\n\(.*\)/\2: \1/;p}' \
    "$reports"/TEST-*.xml)
  echo "$skipped"
  ! grep -v ': not applicable to ' <<<"$skipped" | grep . || fail "These tests were skipped in silence."
}

# end_to_end_tests URL GATEWAY [OPTION...]: those tests, against the API there. Cases that the gateway can't pass are
# printed with the reason; one that was skipped for another reason is a failure.
end_to_end_tests() {
  local reports=functions/target/failsafe-reports
  rm -rf ./*/target/failsafe-reports # what failed before would fail this again
  mvn verify -pl functions -am -Dapi.url="$1" -Dgateway="$2" "${@:3}"
  grep -ho 'not applicable to [^"]*' "$reports"/TEST-*.xml | sort | uniq -c
  ! grep -h '<skipped' "$reports"/TEST-*.xml | grep -v 'not applicable to ' || fail "These tests were skipped in silence."
}
