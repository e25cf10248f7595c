/* SPDX-License-Identifier: MIT */
/*
 * ntsock_main.c - main() for programs that start with wmain or WinMain: the archive libntsock_main.
 *
 * Layer: beside the program, over win32's public functions. NT counterpart: the start-up code of the C
 * run-time (wmainCRTStartup, WinMainCRTStartup). The linker takes this main only when the program has
 * none. wmain in C++ has no C linkage, hence the mangled names. Deliberately absent: expansion of
 * wildcards in arguments.
 */
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>

#define WEAK __attribute__((weak))
int wmain(int Count, WCHAR **Arguments, WCHAR **Environment) WEAK;
int WmainCxx(int Count, WCHAR **Arguments) __asm__("_Z5wmainiPPw") WEAK;
int WmainCxxConst(int Count, WCHAR **Arguments) __asm__("_Z5wmainiPPKw") WEAK;
int WmainCxxEnvironment(int Count, WCHAR **Arguments, WCHAR **Environment) __asm__("_Z5wmainiPPwS0_") WEAK;
int WmainCxxVoid(void) __asm__("_Z5wmainv") WEAK;
int WINAPI WinMain(HINSTANCE Instance, HINSTANCE Previous, LPSTR CommandLine, int Show) WEAK;
int WINAPI wWinMain(HINSTANCE Instance, HINSTANCE Previous, LPWSTR CommandLine, int Show) WEAK;

/* The strings live as long as the process, as those that main gets do. */
static WCHAR **WideStrings(char **Strings)
{
    size_t Count = 0;
    while (Strings[Count] != NULL)
        Count++;
    WCHAR **Wide = calloc(Count + 1, sizeof *Wide);
    for (size_t i = 0; Wide != NULL && i < Count; i++) {
        int Length = MultiByteToWideChar(CP_ACP, 0, Strings[i], -1, NULL, 0);
        Wide[i] = calloc((size_t)Length + 1, sizeof(WCHAR));
        if (Wide[i] == NULL)
            return NULL;
        MultiByteToWideChar(CP_ACP, 0, Strings[i], -1, Wide[i], Length);
    }
    return Wide;
}

/* What follows the program's name, which may be quoted. */
#define AFTER_PROGRAM(Text)                             \
    do {                                                \
        int Quoted = 0;                                 \
        while (*Text && (Quoted || *Text > ' '))        \
            Quoted ^= *Text++ == '"';                   \
        while (*Text && *Text <= ' ')                   \
            Text++;                                     \
    } while (0)

int main(int Count, char **Arguments, char **Environment)
{
    if (WinMain) {
        LPSTR Text = GetCommandLineA();
        AFTER_PROGRAM(Text);
        return WinMain(GetModuleHandleA(NULL), NULL, Text, SW_SHOW);
    }
    if (wWinMain) {
        LPWSTR Text = GetCommandLineW();
        AFTER_PROGRAM(Text);
        return wWinMain(GetModuleHandleA(NULL), NULL, Text, SW_SHOW);
    }
    if (WmainCxxVoid)
        return WmainCxxVoid();
    WCHAR **Wide = WideStrings(Arguments);
    WCHAR **WideEnvironment = WideStrings(Environment);
    if (Wide == NULL || WideEnvironment == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (wmain)
        return wmain(Count, Wide, WideEnvironment);
    if (WmainCxx)
        return WmainCxx(Count, Wide);
    if (WmainCxxConst)
        return WmainCxxConst(Count, Wide);
    if (WmainCxxEnvironment)
        return WmainCxxEnvironment(Count, Wide, WideEnvironment);
    fprintf(stderr, "%s: the program has neither main nor wmain nor WinMain\n", Arguments[0]);
    return 127;
}
