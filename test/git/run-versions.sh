#!/usr/bin/env bash
# Runs the tests of Git clients with the git and the git-lfs of other Debian releases; the hub keeps the machine's git. Packages are
# unpacked below a cache directory and bring their own libraries, so that nothing on the machine changes. Needs apt of Debian, patchelf.
#
# usage: bash test/git/run-versions.sh [release …] [-- test …]     by default: bullseye trixie
#   bullseye     git 2.30, git-lfs 2.13
#   trixie       git 2.47, git-lfs 3.6
#   sid          the newest packages
set -euo pipefail
cd "$(dirname "$0")/../.."

releases=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do releases+=("$1"); shift; done
[ "${1:-}" != -- ] || shift
[ ${#releases[@]} -gt 0 ] || releases=(bullseye trixie)
tests=("$@")
# What clients do. The rest is about the hub, or needs a newer git-lfs.
[ ${#tests[@]} -gt 0 ] || tests=(test/git/{access,clone,lfs-,push.test,ssh-clone,ssh-push,ssh-lfs.test})

for tool in apt-get dpkg-deb patchelf; do
  command -v "$tool" >/dev/null || { echo "test/git/run-versions.sh needs $tool, which is not installed." >&2; exit 1; }
done
[ -d node_modules ] || { echo "Run npm ci first." >&2; exit 1; }
cache="${KOHAKU_GIT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kohaku-hub-git}"
architecture="$(dpkg --print-architecture)"
library="$(gcc -print-multiarch 2>/dev/null || dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")"

# Where this machine gets the packages of its own release from: its list without the fixes, whose codename has no hyphen.
mirror="$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' | grep -m 1 -v '^[^ ]*-' | cut -d ' ' -f 2)"
[ -n "$mirror" ] || { echo "apt has no list of packages here. Run apt-get update first." >&2; exit 1; }

# Downloads git and git-lfs with all that they need, as if nothing were installed, and unpacks them to "$1".
unpack() {
  local root="$1" release="$2" apt="$1.apt" deb
  rm -rf "$root" "$apt"
  mkdir -p "$root" "$apt"/{lists/partial,archives/partial}
  # Without the releases' own fixes, which move: these programs meet nobody but the hub of a test.
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" > "$apt/sources.list"
  : > "$apt/status"
  local options=(
    -q -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
    -o Dir::State::Lists="$apt/lists" -o Dir::State::status="$apt/status" -o Dir::Cache::Archives="$apt/archives"
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root -o APT::Architecture="$architecture"
    -o Acquire::Languages=none -o Acquire::Retries=3
  )
  apt-get "${options[@]}" update
  apt-get "${options[@]}" install -y --no-install-recommends --download-only git git-lfs
  for deb in "$apt"/archives/*.deb; do dpkg-deb -x "$deb" "$root"; done
  rm -rf "$apt"
}

# Lets the programs find their own libraries, and writes "front", which goes in front of PATH.
prepare() {
  local root="$1" libraries="$1/lib/$library:$1/usr/lib/$library" file loader
  loader="$(find "$root" -name 'ld-linux*.so.*' | head -n 1)"
  # One file with many names keeps them all.
  while read -r file; do
    patchelf --print-interpreter "$file" >/dev/null 2>&1 || continue
    patchelf --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" "$file"
  done < <(find "$root/usr/lib/git-core" "$root/usr/bin/git" -type f)
  mkdir "$root/front"
  printf '#!/bin/sh\nexport GIT_EXEC_PATH=%s GIT_TEMPLATE_DIR=%s\nexec %s "$@"\n' \
    "$root/usr/lib/git-core" "$root/usr/share/git-core/templates" "$root/usr/bin/git" > "$root/front/git"
  # patchelf breaks programs of older Go compilers.
  printf '#!/bin/sh\nexec %s --library-path %s %s "$@"\n' "$loader" "$libraries" "$root/usr/bin/git-lfs" > "$root/front/git-lfs"
  chmod +x "$root/front"/*
}

for release in "${releases[@]}"; do
  root="$cache/$release"
  if [ ! -e "$root/ready" ]; then
    unpack "$root" "$release"
    prepare "$root"
    touch "$root/ready"
  fi
  printf '== %s: %s, %s\n' "$release" "$("$root/front/git" --version)" "$("$root/front/git-lfs" version)"
  TEST_GIT_PATH="$root/front" npx vitest run --project git "${tests[@]}"
done
