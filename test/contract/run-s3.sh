#!/usr/bin/env bash
# Runs the object store contract, in path and in virtual-host style, and the LFS and Xet tests against a real S3 server: versitygw
# over a directory, built by Go on first use. With arguments, runs that command instead, with a hub configuration (KOHAKU_HUB_S3_*) in its environment.
#
# usage: bash test/contract/run-s3.sh [command …]
set -euo pipefail
cd "$(dirname "$0")/../.."

version=v1.8.0
cache="${XDG_CACHE_HOME:-$HOME/.cache}/kohaku-hub/versitygw-$version"
gateway="$cache/versitygw"

if [ ! -x "$gateway" ]; then
  go="$(command -v go || true)"
  if [ -z "$go" ] && [ -x /usr/local/go/bin/go ]; then go=/usr/local/go/bin/go; fi
  if [ -z "$go" ]; then
    echo "The S3 contract needs Go to build versitygw: install Go, or put versitygw at $gateway." >&2
    exit 1
  fi
  GOBIN="$cache" "$go" install "github.com/versity/versitygw/cmd/versitygw@$version"
fi

data="$(mktemp -d)"
mkdir -p "$data/objects/hub"
gateway_pid=
stop() {
  if [ -n "$gateway_pid" ]; then
    kill "$gateway_pid" 2>/dev/null || true
    wait "$gateway_pid" 2>/dev/null || true
  fi
  rm -rf "$data"
}
trap stop EXIT

# The second port stands for the public endpoint, where clients reach the same store.
read -r port public_port < <(node -e "
  const servers = [0, 1].map(() => require('net').createServer().listen(0, '127.0.0.1'));
  Promise.all(servers.map((s) => new Promise((done) => s.once('listening', done)))).then(() => {
    console.log(...servers.map((s) => s.address().port));
    servers.forEach((s) => s.close());
  })")
export TEST_S3_ENDPOINT="http://127.0.0.1:$port"
# Only names below this host exist, one for each bucket; see bucket-hosts.ts.
export TEST_S3_VIRTUAL_HOST_ENDPOINT="http://s3.test:$port"
export TEST_S3_VIRTUAL_HOST_PUBLIC_ENDPOINT="http://s3.test:$public_port"
export TEST_S3_REGION=us-east-1
export TEST_S3_ACCESS_KEY=test-access-key
export TEST_S3_SECRET_KEY=test-secret-key

ROOT_ACCESS_KEY="$TEST_S3_ACCESS_KEY" ROOT_SECRET_KEY="$TEST_S3_SECRET_KEY" \
  "$gateway" --port "127.0.0.1:$port" --port "127.0.0.1:$public_port" --virtual-domain s3.test \
  --region "$TEST_S3_REGION" --health /health --quiet \
  posix "$data/objects" >"$data/log" 2>&1 &
gateway_pid=$!

for _ in $(seq 100); do
  if curl --silent --fail --output /dev/null "$TEST_S3_ENDPOINT/health"; then break; fi
  if ! kill -0 "$gateway_pid" 2>/dev/null; then
    echo "versitygw did not start:" >&2
    cat "$data/log" >&2
    exit 1
  fi
  sleep 0.1
done

export PATH="$PWD/node_modules/.bin:$PATH"
if [ $# -gt 0 ]; then
  export KOHAKU_HUB_S3_ENDPOINT="$TEST_S3_ENDPOINT" KOHAKU_HUB_S3_BUCKET=hub KOHAKU_HUB_S3_REGION="$TEST_S3_REGION"
  export KOHAKU_HUB_S3_ACCESS_KEY="$TEST_S3_ACCESS_KEY" KOHAKU_HUB_S3_SECRET_KEY="$TEST_S3_SECRET_KEY"
  "$@"
else
  NODE_OPTIONS="${NODE_OPTIONS:-} --import=./test/contract/bucket-hosts.ts" vitest run --project s3
  vitest run --project integration test/integration/lfs \
    test/integration/xet-{forms,fsck,read,sweep,upload,usage}.test.ts
fi
