#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs test programs with a driver layered above AFD and adds up their cases: run_under.sh SPEC PROGRAM...
# SPEC is what NTSOCK_DRIVERS takes, or AFD_TEST_FILTER=SHAPE for the programs of tests/afd, which link the shapes.
set -u
spec=$1
shift
case $spec in
    AFD_TEST_FILTER=*) AFD_TEST_FILTER=${spec#*=} && export AFD_TEST_FILTER ;;
    *) NTSOCK_DRIVERS=$spec && export NTSOCK_DRIVERS ;;
esac
passed=0 failed=0 skipped=0
for program; do
    code=0
    output=$("$program" 2>&1) || code=$?
    # shellcheck disable=SC2046  # three numbers
    set -- $(printf '%s\n' "$output" | tail -n 1 |
        sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p')
    if [ $# -ne 3 ] && [ "$code" -eq 77 ]; then
        set -- 0 0 1
    elif [ $# -ne 3 ]; then
        set -- 0 1 0
    elif [ "$code" -ne 0 ] && [ "$code" -ne 77 ] && [ "$2" -eq 0 ]; then
        set -- "$1" 1 "$3"
    fi
    passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
    if [ "$2" -ne 0 ]; then
        echo "FAIL ${program##*/} under $spec, exit code $code"
        printf '%s\n' "$output" | sed 's/^/    /'
    fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] || exit 1
[ "$passed" -ne 0 ] || exit 77
