#!/usr/bin/env bash
# Unpacks an archive and sees that what it holds runs here.
#
#   scripts/archive/try.sh dist/exec-server-VERSION-TARGET.tar.gz
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# From standard input: a tar of Windows takes what is before a colon for a machine.
(cd "$folder" && tar -xzf -) < "$1"
cd "$folder"/exec-server-*/
for file in README.md LICENSE THIRD-PARTY-NOTICES; do test -s "$file"; done
./exec-server --version
test "$(./exec-server run -- git --version 2>/dev/null || ./exec-server run -- uname)" != ""
# There are no terminals on Windows, which is what it says.
./exec-server doctor || test "${RUNNER_OS:-}" = Windows
