#!/bin/sh
# SPDX-License-Identifier: MIT
# Compiles the application and driver headers in many ways: each alone, in every order, with the standard
# headers before and after, C11 and C++17, gcc and clang, warnings as errors. What one compiler has seen in C the other
# sees in C++: a header that lacks something lacks it in both.
#
#   headers.sh BUILD-FOLDER PART     PART: alone, orders, standard
# Prints one line per failure and last "N passed, N failed". A compiler that is missing is left out.
set -eu
build=$1 part=$2
tests=$(CDPATH='' cd -- "$(dirname "$0")" && pwd)
include=$tests/../../include
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# As users compile, but with our headers as ordinary ones, so that warnings in them count. The shadows of the
# C library's headers are system headers in any case.
flags=$("$build/tools/cc/ntsock-cc" --ntsock-flags=cflags | sed "s/-isystem/-I/g")
warnings='-Wall -Wextra -Werror -fsyntax-only'
jobs=0
have() { command -v "$1" >/dev/null 2>&1; }
job() { # COMPILER STANDARD SUFFIX LINE...: one source of these lines
    compiler=$1 dialect=$2 suffix=$3
    shift 3
    jobs=$((jobs + 1))
    file=$work/$jobs.$suffix
    printf '%s\n' "$@" 'int main(void) { return 0; }' >"$file"
    printf '%s %s %s %s %s\n' "$compiler" "-std=$dialect" "$warnings" "$flags" "$file" >>"$work/jobs"
}
c_job() {
    for each in gcc clang; do have $each && job $each c11 c "$@"; done
}
cxx_job() {
    for each in g++ clang++; do have $each && job $each c++17 cpp "$@"; done
}
: >"$work/jobs"


# Each alone, by one compiler in C and by the other in C++; all together by the others.
all=''
alone() { # HEADER [TWICE]
    all="$all
#include <$1>"
    set -- "#include <$1>" ${2:+"#include <$1>"}
    ! have gcc || job gcc c11 c "$@"
    ! have clang++ || job clang++ c++17 cpp "$@"
    have clang++ || ! have g++ || job g++ c++17 cpp "$@"
}
all_together() {
    ! have clang || job clang c11 c "$all"
    ! have g++ || job g++ c++17 cpp "$all"
    all=''
}

windows='windows.h winsock2.h ws2tcpip.h mswsock.h winsock.h'
case $part in
alone)
    for header in "$include"/win/*.h; do
        header=${header##*/}
        case $header in
        pshpack* | poppack.h | ntsock_wide_* | winsock2_api.h | winsock2_names.h | winsock2_typedefs.h) continue ;;
        poll.h | netdb.h) continue ;; # clash with winsock2.h by design, tested below
        esac
        case $header in winsock.h) ;; *) alone "$header" twice ;; esac
    done
    all_together
    c_job '#include <winsock.h>' '#include <winsock.h>'
    cxx_job '#include <winsock.h>' '#include <winsock.h>'
    for header in "$include"/shared/*.h; do
        alone "${header##*/}"
    done
    for header in wdm.h ntddk.h ntifs.h; do
        alone "$header"
    done
    all_together
    alone ntsock.h
    all_together
    for header in "$build"/include/spellings/*.[hH]; do
        have gcc && job gcc c11 c "#include <${header##*/}>"
    done
    for define in WIN32_LEAN_AND_MEAN UNICODE NOMINMAX STRICT 'INCL_WINSOCK_API_TYPEDEFS 1' 'FD_SETSIZE 1024' \
        WIN32_NO_STATUS; do
        c_job "#define $define" '#include <winsock2.h>' '#include <ws2tcpip.h>' '#include <tchar.h>' '#include <ws2spi.h>'
        cxx_job "#define $define" '#include <winsock2.h>' '#include <ws2tcpip.h>' '#include <tchar.h>' \
            '#include <ws2spi.h>'
    done
    c_job '#define WIN32_NO_STATUS' '#include <windows.h>' '#undef WIN32_NO_STATUS' '#include <ntstatus.h>' \
        '#include <winternl.h>' 'NTSTATUS s = STATUS_PENDING;'
    c_job '#include <windows.h>' '#include <winternl.h>' '#include <ntstatus.h>'
    c_job '#include <winternl.h>' '#include <windows.h>'
    ;;
orders)
    for a in $windows; do for b in $windows; do for c in $windows; do for d in $windows; do for e in $windows; do
        case $b in "$a") continue ;; esac
        case $c in "$a" | "$b") continue ;; esac
        case $d in "$a" | "$b" | "$c") continue ;; esac
        case $e in "$a" | "$b" | "$c" | "$d") continue ;; esac
        ! have gcc || job gcc c11 c "#include <$a>" "#include <$b>" "#include <$c>" "#include <$d>" "#include <$e>" \
            'SOCKET s; fd_set f; ADDRINFOA a; OVERLAPPED o;'
    done; done; done; done; done
    # By clang, and in C++, each pair: what a header drags in is the same.
    for a in $windows; do for b in $windows; do
        [ "$a" != "$b" ] || continue
        ! have clang || job clang c11 c "#include <$a>" "#include <$b>" 'SOCKET s; fd_set f; OVERLAPPED o;'
        ! have g++ || job g++ c++17 cpp "#include <$a>" "#include <$b>" 'SOCKET s; fd_set f; OVERLAPPED o;'
        ! have clang++ || job clang++ c++17 cpp '#define WIN32_LEAN_AND_MEAN' "#include <$a>" "#include <$b>" \
            '#include <winsock2.h>' 'SOCKET s;'
    done; done
    ;;
standard)
    use='int use(void) { fd_set f; u_long m = 1; unsigned long l = 1; FD_ZERO(&f); FD_SET(1, &f);
        return select(0, &f, 0, 0, 0) + ioctlsocket(1, FIONBIO, &m) + ioctlsocket(1, FIONBIO, &l); } int use(void);'
    # Each of C's by one compiler, all of them by the other; those of C++, which are long, all at once.
    c_headers='stdlib.h stdio.h string.h time.h unistd.h sys/types.h sys/time.h wchar.h errno.h'
    cxx_headers='string vector thread mutex iostream filesystem map chrono cstdlib cwchar fstream
        condition_variable future regex sstream memory'
    includes() { printf '#include <%s>\n' "$@"; }
    # shellcheck disable=SC2086 # lists of plain words
    for header in $windows; do
        for standard in $c_headers; do
            ! have gcc || job gcc c11 c "#include <$standard>" "#include <$header>" '#include <winsock2.h>' "$use"
            ! have gcc || job gcc c11 c "#include <$header>" "#include <$standard>" '#include <winsock2.h>' "$use"
        done
        ! have clang || job clang c11 c "$(includes $c_headers)" "#include <$header>" '#include <winsock2.h>' "$use"
        ! have clang || job clang c11 c "#include <$header>" "$(includes $c_headers)" '#include <winsock2.h>' "$use"
    done
    # shellcheck disable=SC2086
    for list in "$c_headers" "$cxx_headers"; do
        cxx_job "$(includes $list)" '#include <windows.h>' '#include <winsock2.h>' "$use"
        cxx_job "$(includes $list)" '#include <winsock2.h>' '#include <ws2tcpip.h>' "$use"
        cxx_job '#include <winsock2.h>' '#include <windows.h>' "$(includes $list)" "$use"
        cxx_job '#include <winsock2.h>' '#include <ws2tcpip.h>' "$(includes $list)" "$use"
    done
    ;;
*)
    echo "headers.sh: alone, orders or standard, not $part" >&2
    exit 2
    ;;
esac

# Two lists, run side by side, each job with its output in a file of its own.
run_jobs() { # LIST
    while IFS= read -r command; do
        source=${command##* }
        eval "$command" >"$source.out" 2>&1 </dev/null || : >"$source.failed"
    done <"$1"
}
awk -v a="$work/jobs.0" -v b="$work/jobs.1" '{ print > (NR % 2 ? a : b) }' "$work/jobs"
touch "$work/jobs.0" "$work/jobs.1"
run_jobs "$work/jobs.0" &
run_jobs "$work/jobs.1"
wait

failed=0
for mark in "$work"/*.failed; do
    [ -e "$mark" ] || continue
    failed=$((failed + 1))
    source=${mark%.failed}
    printf 'FAIL %s:\n' "$(grep -F "$source" "$work/jobs" | cut -d' ' -f1,2)"
    sed 's/^/    /' "$source"
    head -n 12 "$source.out"
done

# What must not compile: a Linux network header in one source with winsock2.h, and says why.
if [ "$part" = alone ]; then
    for header in sys/socket.h netinet/in.h arpa/inet.h netdb.h poll.h sys/ioctl.h; do
        for order in "#include <winsock2.h>
#include <$header>" "#include <$header>
#include <winsock2.h>"; do
            case $order in *arpa/inet.h*) [ "${order#\#include <arpa}" = "$order" ] || continue ;; esac
            jobs=$((jobs + 1))
            printf '%s\n' "$order" >"$work/clash.c"
            # shellcheck disable=SC2086 # lists of plain words
            if gcc $warnings $flags "$work/clash.c" 2>"$work/clash.out" || ! grep -q 'Include one or the other' "$work/clash.out"; then
                failed=$((failed + 1))
                printf 'FAIL no clear error for:\n%s\n' "$order"
            fi
        done
    done
fi
printf '%d passed, %d failed\n' $((jobs - failed)) "$failed"
[ "$failed" = 0 ]
