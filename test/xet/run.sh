#!/usr/bin/env bash
# Compares the hub's Xet hashes and cuts with those of hf_xet, the library behind huggingface_hub.
# Needs python3 with venv and pip, and the node_modules of `npm ci`.
#
# usage: bash test/xet/run.sh [version …]     versions of hf_xet; a fixed one and the newest by default
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/node_modules/.bin:$PATH"

command -v python3 >/dev/null || { echo "test/xet needs python3, which is not installed." >&2; exit 1; }
python3 -m pip --version >/dev/null 2>&1 || { echo "test/xet needs pip for python3." >&2; exit 1; }
python3 -m venv --help >/dev/null 2>&1 || { echo "test/xet needs venv for python3." >&2; exit 1; }
[ -d node_modules ] || { echo "Run npm ci first." >&2; exit 1; }

cache="${KOHAKU_CLIENTS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kohaku-hub-clients}"
mkdir -p "$cache"
versions=("$@")
[ ${#versions[@]} -gt 0 ] || versions=(1.6.0 latest)

# Prints the interpreter of a version's virtual environment, which is made once. "latest" is brought up to date each time.
interpreter() {
  local venv="$cache/hf-xet-$1" wanted="hf-xet==$1"
  [ "$1" != latest ] || wanted=hf-xet
  if [ "$(cat "$venv/packages" 2>/dev/null)" != "$wanted" ] || [ "$1" = latest ]; then
    [ -d "$venv" ] || python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade "$wanted" >&2
    echo "$wanted" > "$venv/packages"
  fi
  echo "$venv/bin/python"
}

for version in "${versions[@]}"; do
  python="$(interpreter "$version")"
  echo "== $version: $("$python" -m pip --disable-pip-version-check freeze | grep -i '^hf.xet')"
  XET_PYTHON="$python" vitest run --project xet
done
