#!/bin/sh
# SPDX-License-Identifier: MIT
# The samples as a test: every server with the client, bare and under the sample filter.
#   samples.sh FOLDER-OF-THE-SAMPLES NTSOCK
set -eu
samples=$1 ntsock=$2
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
passed=0 failed=0

start() { # COMMAND...: runs a server in the background; its port is in $port
    mkfifo "$work/pipe"
    "$@" >"$work/pipe" 2>"$work/errors" &
    server=$!
    # The first line says the port; the rest is read so that the server never blocks on output.
    exec 3<"$work/pipe"
    rm "$work/pipe"
    port=
    read -r line <&3 && port=${line##* }
    cat <&3 >"$work/output" &
    exec 3<&-
}
finish() { # NAME CLIENT-RESULT: waits for the server, which ends by itself
    name=$1 result=$2
    if [ "$result" != 0 ]; then
        kill "$server" 2>/dev/null || :
    fi
    wait "$server" || result=1
    server=
    if [ "$result" = 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL $name"
        cat "$work/errors"
    fi
}
echo_case() { # NAME COMMAND...
    name=$1
    shift
    start "$@" --count 20
    result=0
    "$samples/echo_client" --port "$port" --count 20 --text "twenty times the same" >"$work/client" 2>&1 || result=$?
    [ "$(grep -c 'echoed 21 bytes' "$work/client")" = 20 ] || { cat "$work/client"; result=1; }
    finish "$name" "$result"
}

for each in echo_server select_server echo_server_cxx; do
    echo_case "$each" "$samples/$each"
    echo_case "$each under the filter" "$ntsock" run --driver "$samples/filter.so" -- "$samples/$each"
done
start "$samples/udp_echo" server --count 50
result=0
"$samples/udp_echo" client --port "$port" --count 50 >"$work/client" 2>&1 || result=$?
finish udp_echo "$result"

# Nothing listens there: the client says so with Winsock's number.
"$samples/echo_client" --port 1 >"$work/client" 2>&1 && result=1 || result=0
grep -q 'connect failed: 10061' "$work/client" || result=1
if [ "$result" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); cat "$work/client"; fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
