#!/usr/bin/env bash
# usage: eng/publish-agent.sh   — builds the agent as one static file, artifacts/bin/pewter-node, if it is older than its sources.
set -euo pipefail
cd "$(dirname "$0")/.."
eng/build.sh pewter-node
mkdir -p artifacts/bin
cmp -s artifacts/pewter-node/pewter-node artifacts/bin/pewter-node || cp artifacts/pewter-node/pewter-node artifacts/bin/pewter-node.new && [ ! -e artifacts/bin/pewter-node.new ] || mv artifacts/bin/pewter-node.new artifacts/bin/pewter-node
