#!/usr/bin/env bash
# Installs what Tarn needs, each thing once: a step leaves a stamp that holds its pins and is skipped while they match.
# Everything lands in ${TARN_CACHE:-~/.cache/tarn} or, for Debian packages, in the system.
# Usage: tools/setup.sh [core|quickstart|dev|diff|peers]...      (default: core)
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
deps=${TARN_CACHE:-$HOME/.cache/tarn}
mkdir -p "$deps/stamps" "$deps/tmp"

say() { printf '\033[2m[setup]\033[0m %s\n' "$*" >&2; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

installed() { # name minimum-version
  local found
  found=$(dpkg-query -W -f='${db:Status-Status}|${Version}' "$1" 2>/dev/null) || return 1
  [[ $found == installed\|* ]] && dpkg --compare-versions "${found#*|}" ge "${2:-0}"
}

apt_need() { # name[=minimum]...   asks apt only for what is missing, then checks every minimum
  local missing=() spec name
  for spec in "$@"; do
    name=${spec%%=*}
    installed "$name" "$([[ $spec == *=* ]] && echo "${spec#*=}" || echo 0)" || missing+=("$name")
  done
  [[ ${#missing[@]} -eq 0 ]] && return 0
  local sudo=()
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null && sudo=(sudo) ||
      die "these Debian packages are missing; install them and run again:
  sudo apt-get install --no-install-recommends ${missing[*]}"
  fi
  say "Debian packages: ${missing[*]} (about a minute)"
  "${sudo[@]}" apt-get update -qq >/dev/null
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    die "apt-get could not install: ${missing[*]}"
  for spec in "$@"; do
    name=${spec%%=*}
    installed "$name" "$([[ $spec == *=* ]] && echo "${spec#*=}" || echo 0)" || die "Debian package $spec is needed; found: $(dpkg-query -W -f='${Version}' "$name" 2>/dev/null || echo none)"
  done
}

stamp() { # name key command...   runs the command unless it ran before with the same key
  local file="$deps/stamps/$1" key=$2
  shift 2
  [[ -f $file && $(<"$file") == "$key" ]] && return 0
  "$@"
  echo "$key" >"$file"
}

sdist() { # requirements-file package target   downloads a source package, hash-checked, and unpacks it
  rm -rf "$3" && mkdir -p "$3"
  python3 -m pip download -q --no-deps --no-binary "$2" --no-build-isolation --require-hashes -d "$3" -r "$1" 2>/dev/null ||
    python3 -m pip download -q --no-deps --no-binary "$2" --require-hashes -d "$3" -r "$1"
  tar -xzf "$3"/*.tar.gz -C "$3" --strip-components=1
}

fetch_arrow() {
  say "Arrow C++ 26.0.1 out of the pyarrow wheel (55 MB)"
  local tmp; tmp=$(mktemp -d "$deps/tmp/arrow.XXXX")
  python3 -m pip download -q --no-deps --only-binary=:all: --require-hashes --implementation cp --python-version 311 \
    --abi cp311 --platform "manylinux_2_28_$(uname -m)" -d "$tmp" -r "$root/tools/requirements/arrow.txt"
  rm -rf "$deps/arrow"
  python3 "$root/tools/unpack_arrow.py" "$tmp"/*.whl "$deps/arrow"
  rm -rf "$tmp"
}

fetch_simdjson() {
  say "simdjson 3.12.3 (compiles for about 10 s)"
  local tmp; tmp=$(mktemp -d "$deps/tmp/simdjson.XXXX")
  sdist "$root/tools/requirements/simdjson.txt" pysimdjson "$tmp/src"
  mkdir -p "$deps/simdjson/include" "$deps/simdjson/lib"
  cp "$tmp/src/simdjson/simdjson.h" "$deps/simdjson/include/"
  g++ -O2 -std=c++20 -fPIC -fvisibility=hidden -DNDEBUG -c "$tmp/src/simdjson/simdjson.cpp" -o "$tmp/simdjson.o"
  rm -f "$deps/simdjson/lib/libsimdjson.a"
  ar rcs "$deps/simdjson/lib/libsimdjson.a" "$tmp/simdjson.o"
  rm -rf "$tmp"
}

need_rust() {
  local want=1.94
  [[ -d $HOME/.cargo/bin ]] && export PATH="$HOME/.cargo/bin:$PATH"
  if command -v cargo >/dev/null; then
    local have; have=$(cargo --version | awk '{print $2}')
    [[ $(printf '%s\n%s\n' "$want" "$have" | sort -V | head -1) == "$want" ]] && return 0
    if command -v rustup >/dev/null && rustup toolchain install 1.95.0 --profile minimal >/dev/null 2>&1; then return 0; fi
    die "Rust $want or newer is needed, found $have. Run: rustup toolchain install 1.95.0"
  fi
  if command -v rustup >/dev/null; then rustup toolchain install 1.95.0 --profile minimal >/dev/null && return 0; fi
  die "Rust $want or newer is needed and no cargo is on the PATH. Install it with rustup (https://rustup.rs), then run this again."
}

fetch_flights() {   # the quickstart's data; the pin is the sha512 that the registry publishes
  apt_have npm || apt_need npm
  say "quickstart data: vega-datasets 3.2.1 (11 MB)"
  local tmp; tmp=$(mktemp -d "$deps/tmp/flights.XXXX")
  (cd "$tmp" && npm pack --silent vega-datasets@3.2.1 >/dev/null)
  local digest; digest=$(openssl dgst -sha512 -binary "$tmp"/vega-datasets-3.2.1.tgz | base64 -w0)
  [[ $digest == lTSwZA6yq6qSU2YZm+6bqILiIvTPPxn4itir7jPGFmHIdPvUfQ9pCzzcrklYywMJgLUbaIeSkZQdiJd6wBxPug== ]] ||
    die "vega-datasets-3.2.1.tgz is not the pinned file (sha512 $digest)"
  mkdir -p "$deps/flights"
  tar -xzf "$tmp"/vega-datasets-3.2.1.tgz -C "$deps/flights" --strip-components=2 \
    package/data/airports.csv package/data/flights-3m.parquet
  rm -rf "$tmp"
}
apt_have() { command -v "$1" >/dev/null; }

venv() { # name requirements-file
  say "Python environment '$1'"
  python3 -m venv "$deps/venv-$1"
  "$deps/venv-$1/bin/pip" install -q --require-hashes -r "$2"
}

core() {
  apt_need g++=4:12 cmake=3.25 ninja-build mold ccache pkg-config python3 python3-pip python3-venv protobuf-compiler=3.21 libprotobuf-dev=3.21 \
    libssl-dev=3.0 libfmt-dev=9 libcli11-dev=2 libxxhash-dev libre2-dev libutf8proc-dev libgtest-dev libgmock-dev
  need_rust
  stamp arrow 26.0.1 fetch_arrow
  stamp simdjson 3.12.3 fetch_simdjson
}

quickstart() { core; stamp flights 3.2.1 fetch_flights; }

dev() {
  core
  apt_need clang-19 libclang-rt-19-dev lld-19 valgrind strace
  stamp venv-dev "$(sha256sum <"$root/tools/requirements/dev.txt")" venv dev "$root/tools/requirements/dev.txt"
}

# An independent graph engine for the differential tests.
diff() { core; stamp venv-diff "$(sha256sum <"$root/tools/requirements/diff.txt")" venv diff "$root/tools/requirements/diff.txt"; }

peers() { stamp venv-peers "$(sha256sum <"$root/tools/requirements/peers.txt")" venv peers "$root/tools/requirements/peers.txt"; }

for step in "${@:-core}"; do "$step"; done
