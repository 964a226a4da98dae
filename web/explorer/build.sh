#!/usr/bin/env bash
# Builds graph/explorer, which is committed and embedded, from npm packages at exact versions; another
# folder may be named. It needs Node 20 and npm.
set -euo pipefail
out=$(realpath -m "${1:-$(dirname "$0")/../../graph/explorer}")
cd "$(dirname "$0")"
npm ci --no-audit --no-fund --ignore-scripts
node build.mjs "$out"
du -sh "$out"
