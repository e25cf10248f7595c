#!/bin/sh
# SPDX-License-Identifier: MIT
# ntsock-cc as a compiler: arguments survive, Windows' libraries are dropped, .Cpp is C++, symbols are ours.
#   cc.sh BUILD-FOLDER [SANITIZER-OPTION]     the option that the library was built with
set -eu
build=$1 sanitize=${2:-}
cc=$build/tools/cc/ntsock-cc
cxx=$build/tools/cc/ntsock-c++
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
passed=0 failed=0
check() { # NAME COMMAND...
    name=$1
    shift
    if "$@" >out 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL $name"
        head -n 20 out
    fi
}
prints() { # TEXT COMMAND...
    text=$1
    shift
    [ "$("$@")" = "$text" ] || { "$@"; return 1; }
}

cat >'two words.c' <<'END'
#include <WinSock2.h>
#include <Windows.h>
#include <stdio.h>
#pragma comment(lib, "ws2_32.lib")
int main(void)
{
    WSADATA Data;
    printf("%s %d %d\n", TEXT_ARGUMENT, WSAStartup(MAKEWORD(2, 2), &Data), (int)sizeof(L'x'));
    return WSACleanup();
}
END
for compiler in gcc clang; do
    command -v $compiler >/dev/null 2>&1 || continue
    # A program under clang's sanitizer run-time cannot load a library that is under gcc's.
    if [ -n "$sanitize" ] && [ $compiler != gcc ]; then continue; fi
    NTSOCK_CC="$compiler $sanitize"
    export NTSOCK_CC
    # shellcheck disable=SC2016 # the dollar is part of what must survive
    check "$compiler builds" "$cc" -Wall -Wextra -Werror '-DTEXT_ARGUMENT="it'\''s $HOME \"x\""' 'two words.c' \
        -o 'a program' -lws2_32 -lmswsock -lkernel32 -mconsole ws2_32.lib
    check "$compiler result" prints "it's \$HOME \"x\" 0 2" './a program' || :
done
NTSOCK_CC="gcc $sanitize" NTSOCK_CXX="g++ $sanitize"
export NTSOCK_CC NTSOCK_CXX

cat >Main.Cpp <<'END'
#include <string>
#include <windows.h>
int main() { return std::wstring(L"abc").size() == 3 ? 0 : 1; }
END
check '.Cpp is C++' "$cxx" Main.Cpp -o cpp
check '.Cpp runs' ./cpp
check '.Cpp compiles alone' "$cxx" -c Main.Cpp -o Main.o
check 'objects link' "$cxx" Main.o -o cpp2

# Headers as Windows finds them: any case, either slash, beside the source, its header, or in -I.
mkdir -p part/Sub 'with space'
printf '#include "OTHER.H"\n' >part/Sub/First.h
printf '#define OTHER 1\n' >part/Sub/other.h
printf '#define SPACED 2\n' >'with space/Spaced.h'
cat >case.c <<'END'
#include <sub\first.H>
#include "With Space\SPACED.h"
int main(void) { return OTHER + SPACED - 3; }
END
check 'headers in any case' "$cc" -Wall -Wextra -Werror -Ipart case.c -o case
check 'headers in any case run' ./case
printf '#include <no_such.h>\nint main(void) { return 0; }\n' >missing.c
check 'a missing header is an error' sh -c "! '$cc' missing.c -o missing 2>text && grep -q 'no_such.h' text"

cat >symbols.c <<'END'
#include <winsock2.h>
#include <ws2tcpip.h>
int use(SOCKET s, char *p)
{
    struct sockaddr a;
    struct addrinfo *i;
    int n = sizeof a;
    return accept(s, &a, &n) + bind(s, &a, n) + connect(s, &a, n) + getpeername(s, &a, &n) + getsockname(s, &a, &n) +
        getsockopt(s, 1, 1, p, &n) + setsockopt(s, 1, 1, p, n) + listen(s, 1) + recv(s, p, n, 0) +
        recvfrom(s, p, n, 0, &a, &n) + select(0, 0, 0, 0, 0) + send(s, p, n, 0) + sendto(s, p, n, 0, &a, n) +
        shutdown(s, 1) + socket(1, 1, 1) + htonl(1) + htons(1) + ntohl(1) + ntohs(1) + inet_addr(p) +
        inet_pton(2, p, p) + !!inet_ntop(2, p, p, 1) + !!gethostbyname(p) + gethostname(p, 1) + !!getservbyname(p, p) +
        !!getprotobyname(p) + getaddrinfo(p, p, 0, &i) + getnameinfo(&a, n, p, 1, p, 1, 0) + !!inet_ntoa(*(IN_ADDR *)p);
}
END
check 'symbols compile' "$cc" -c symbols.c -o symbols.o
nm -u symbols.o | awk '{ print $2 }' | grep -vE '^(ws2_|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|__asan_|__ubsan_|__tsan_)' >others || :
check 'every socket function is ws2_...' test ! -s others

# Programs that start elsewhere than in main.
cat >wide.c <<'END'
#include <windows.h>
int wmain(int count, wchar_t **words) { return !(count == 2 && words[1][0] == 0xe9 && words[2] == NULL); }
END
cat >wide.cpp <<'END'
#define UNICODE
#define _UNICODE
#include <windows.h>
#include <tchar.h>
int _tmain(int count, TCHAR *words[]) { return !(count == 2 && words[1][0] == 0xe9 && words[1][1] == 0); }
END
cat >gui.cpp <<'END'
#include <windows.h>
#include <string.h>
int WINAPI WinMain(HINSTANCE, HINSTANCE, LPSTR text, int) { return strcmp(text, "one two") != 0; }
END
for source in wide.c wide.cpp gui.cpp; do
    compiler=$cc
    [ $source = wide.c ] || compiler=$cxx
    check "$source links" "$compiler" -Wall -Wextra -Werror $source -o program
    case $source in
    gui*) check "$source runs" ./program one two ;;
    *) check "$source runs" ./program é ;;
    esac
done

cat >host.c <<'END'
#include <ntsock.h>
#include <sys/socket.h>
#ifdef _WIN32
#error _WIN32
#endif
int main(void) { return ntsock_version() == 0 || sizeof(L'x') != 4 || socket(-1, 0, 0) != -1; }
END
check '--ntsock-host' "$cc" --ntsock-host host.c -o host
check '--ntsock-host runs' ./host
check 'flags for cflags' sh -c "'$cc' --ntsock-flags=cflags | grep -q -- -fshort-wchar"
check 'flags for libs' sh -c "'$cc' --ntsock-flags=libs | grep -q -- -lntsock"

cat >driver.c <<'END'
#include <ntddk.h>
#include <afd_ioctl.h>
NTSTATUS DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING Path)
{
    UNREFERENCED_PARAMETER(Driver);
    UNREFERENCED_PARAMETER(Path);
    return STATUS_SUCCESS;
}
END
check 'driver' "$cc" -shared -Wall -Wextra -Werror driver.c -o driver.so
check 'DriverEntry is exported' sh -c 'nm -D --defined-only driver.so | grep -q " T DriverEntry$"'
check '--driver' "$cc" --driver -Wall -Werror driver.c -o driver2.so

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
