#!/bin/sh
# SPDX-License-Identifier: MIT
# Our headers and samples against MinGW's headers, which are independent of ours: the ABI numbers, every
# prototype, and that the samples are ordinary Windows programs. Skipped (77) where MinGW is not installed.
set -eu
cc=x86_64-w64-mingw32-gcc
command -v $cc >/dev/null 2>&1 || { echo "skipped: no $cc"; exit 77; }
tests=$(CDPATH='' cd -- "$(dirname "$0")" && pwd)
top=$tests/../..
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
check() { # NAME COMMAND...
    name=$1
    shift
    if "$@" >"$work/out" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL $name"
        head -n 20 "$work/out"
    fi
}

check abi $cc -D_WIN32_WINNT=0x0A00 -fsyntax-only "$tests/abi.c"
for sample in "$top"/samples/echo/*.c; do
    check "${sample##*/}" $cc -Wall -Wextra -Wno-unknown-pragmas "$sample" -o "$work/sample.exe" -lws2_32
done
cxx=x86_64-w64-mingw32-g++-posix # the variant with std::thread
if command -v $cxx >/dev/null 2>&1; then
    check echo_server_cxx $cxx -std=c++17 -Wall "$top/samples/echo/echo_server_cxx.cpp" -o "$work/sample.exe" -lws2_32
fi

# Each of our prototypes after MinGW's of the same name: another type is an error. Left out: struct timeval and
# LONG by value, which differ by design, and what only one side has.
{
    cat <<'END'
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <ws2spi.h>
#include <iphlpapi.h>
#include <windows.h>
#include <process.h>
#include <winternl.h>
#define NTSOCK_LIBC_NAME(name)
#define NTSOCKAPI
#undef WINBASEAPI
#undef WINUSERAPI
#define WINBASEAPI DECLSPEC_IMPORT
#define WINUSERAPI DECLSPEC_IMPORT
END
    for header in "$top"/include/win/*.h; do
        case $header in */ntsock_* | */conio.h | */netioapi.h) continue ;; esac
        awk '
            /^(WINSOCK_API_LINKAGE|WINBASEAPI|WINUSERAPI|NTSOCKAPI) / { text = ""; open = 1 }
            open { text = text " " $0; if (/;/) { print text; open = 0 } }' "$header"
    done | grep -vE '[ *](ioctlsocket|inet_addr|select|WSAConnectByName[AW]|WSAConnectByList|HeapSetInformation|GetAddrInfoEx[AW])\('
} >"$work/prototypes.c"
count=$(grep -cE '^ (WINSOCK_API|WINBASE|WINUSER|NTSOCK)' "$work/prototypes.c")
check prototypes $cc -D_WIN32_WINNT=0x0A00 -w -fsyntax-only "$work/prototypes.c"
echo "$count prototypes compared"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
