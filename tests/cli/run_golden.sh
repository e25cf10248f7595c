#!/bin/sh
# SPDX-License-Identifier: MIT
# Golden tests of the command line tool.
#
#   run_golden.sh TOOL DRIVER_FOLDER TEST_DRIVER_FOLDER SOURCE_ROOT [CASE...]
#
# A case is golden/NAME.sh with NAME.stdout.glob, NAME.stderr.glob and NAME.exit beside it; a missing file
# means: nothing is printed, exit code 0. In a .glob file "*" is any text within a line, and a line
# "..." any number of lines. The script runs in an empty folder, with $NTSOCK, $DRIVERS, $TEST_DRIVERS
# and $ROOT.
set -u
here=$(cd "$(dirname "$0")" && pwd)
NTSOCK=$(realpath "$1") DRIVERS=$2 TEST_DRIVERS=$3 ROOT=$4
shift 4
export NTSOCK DRIVERS TEST_DRIVERS ROOT
unset NTSOCK_DRIVERS NTSOCK_SERVICE_PACK NTSOCK_HOTFIXES NTSOCK_ENGINE NTSOCK_CONFIG
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

matches() { # PATTERN_FILE TEXT_FILE
    awk '
        function as_regex(text,    i, c, r) {
            r = "^"
            for (i = 1; i <= length(text); i++) {
                c = substr(text, i, 1)
                if (c == "*") r = r ".*"
                else if (c ~ /[A-Za-z0-9 _=:,;<>\/"#%&@!~`-]/) r = r c
                else if (c == "\\") r = r "\\\\"
                else if (c == "\047") r = r c
                else r = r "[" (c == "^" ? "\\^" : c == "]" ? "\\]" : c == "[" ? "\\[" : c) "]"
            }
            return r "$"
        }
        FILENAME == ARGV[1] { pattern[++patterns] = $0; next }
        { line[++lines] = $0 }
        END {
            at = 1
            for (p = 1; p <= patterns; p++) {
                if (pattern[p] == "...") { any = 1; continue }
                regex = as_regex(pattern[p])
                while (any && at <= lines && line[at] !~ regex) at++
                any = 0
                if (at > lines || line[at] !~ regex) {
                    print "        expected: " pattern[p]
                    print "        got:      " (at > lines ? "(the end)" : line[at])
                    exit 1
                }
                at++
            }
            if (!any && at <= lines) { print "        not expected: " line[at]; exit 1 }
        }
    ' "$1" "$2"
}

passed=0 failed=0
run_case() {
    name=$1 wrong=''
    rm -rf "$work/run"
    mkdir "$work/run"
    code=0
    (cd "$work/run" && exec sh "$here/golden/$name.sh") >"$work/stdout" 2>"$work/stderr" </dev/null || code=$?
    expected=0
    [ ! -f "$here/golden/$name.exit" ] || expected=$(cat "$here/golden/$name.exit")
    [ "$code" = "$expected" ] || wrong="        exit code $code, expected $expected"
    for stream in stdout stderr; do
        glob=$here/golden/$name.$stream.glob
        [ -f "$glob" ] || glob=/dev/null
        if ! difference=$(matches "$glob" "$work/$stream"); then
            wrong="$wrong
    $stream
$difference"
        fi
    done
    if [ -z "$wrong" ]; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    echo "FAIL $name"
    printf '%s\n' "$wrong"
    sed 's/^/    stdout| /' "$work/stdout"
    sed 's/^/    stderr| /' "$work/stderr"
}

if [ $# -gt 0 ]; then
    for name; do run_case "$name"; done
else
    for script in "$here"/golden/*.sh; do
        name=${script##*/}
        run_case "${name%.sh}"
    done
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
