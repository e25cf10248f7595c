#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs accept_matrix under every shape of driver x every profile x one engine and adds up the cases.
#
#   run_matrix.sh PROGRAM ENGINE PASSTHROUGH_SO COPYING_SO PEND_SO [STORM] [PROFILES]
#
# STORM: connections at once, 1000 by default; in the profiles after the first a tenth of them, because a profile changes
# what happens to a connection and not how many there can be.
# PROFILES: words out of fixed 3 4 5; all four by default. NTSTEST_SLOW_TOOL in the environment (valgrind): a small
# storm, and the two profiles that differ in code; still every way to accept under every shape.
set -u
program=$1 engine=$2 passthrough=$3 copying=$4 pend=$5
if [ -z "${NTSTEST_SLOW_TOOL:-}" ]; then
    storm=${6:-1000} profiles=${7:-fixed 3 4 5}
else
    storm=50 profiles=${7:-fixed 4}
fi

if [ "$engine" = uring ]; then
    NTSOCK_ENGINE=uring "$program" none_of_this_name
    [ $? -ne 77 ] || exit 77
fi

passed=0 failed=0
repeat() { # SPEC COUNT: the same driver, that many deep
    list=$1 n=1
    while [ "$n" -lt "$2" ]; do
        list="$list;$1"
        n=$((n + 1))
    done
    echo "$list"
}

run() { # NAME ATTACH DRIVERS
    name=$1 attach=$2 drivers=$3
    unset NTSOCK_DRIVERS MATRIX_DRIVER NTSOCK_HOTFIXES
    # Where a case attaches the driver itself, each needs a process without it.
    NTSTEST_TOGETHER=always
    export NTSTEST_TOGETHER
    case $attach in late | between) unset NTSTEST_TOGETHER ;; esac
    case $attach in
        start) NTSOCK_DRIVERS=$drivers; export NTSOCK_DRIVERS ;;
        late | between) MATRIX_DRIVER=$drivers; export MATRIX_DRIVER ;;
    esac
    MATRIX_ATTACH=$attach MATRIX_STORM=$storm NTSOCK_ENGINE=$engine NTSOCK_SERVICE_PACK=$profile
    export MATRIX_ATTACH MATRIX_STORM NTSOCK_ENGINE NTSOCK_SERVICE_PACK
    output=$("$program" 2>&1)
    summary=$(printf '%s\n' "$output" | tail -n 1)
    case $summary in
        *" passed, "*" failed, "*" skipped")
            p=${summary%% passed*}
            f=${summary#* passed, }
            f=${f%% failed*}
            ;;
        *) p=0 f=1 ;;
    esac
    passed=$((passed + p)) failed=$((failed + f))
    if [ "$f" -ne 0 ]; then
        echo "FAIL engine=$engine service-pack=$profile drivers=$name"
        printf '%s\n' "$output" | sed 's/^/    /'
    fi
}

for profile in $profiles; do
    run none none ""
    run passthrough start "$passthrough"
    run passthrough-without-fast-io start "$passthrough:fastio=0"
    run copying start "$copying"
    run pend-and-resume start "$pend"
    run three-different start "$passthrough;$copying;$pend"
    run sixteen-deep start "$(repeat "$passthrough" 16)"
    run sixteen-deep-without-fast-io start "$(repeat "$passthrough:fastio=0" 16)"
    run attached-to-open-listener late "$passthrough"
    run attached-between between "$passthrough"
    run attached-between-copying between "$copying"
    run attached-between-pending between "$pend"
    [ "$profile" != "${profiles%% *}" ] || [ "$storm" -lt 1000 ] || storm=$((storm / 10))
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
