/* SPDX-License-Identifier: MIT */
/*
 * win32_environment.c - environment variables and the command line.
 *
 * Layer: win32. The environment is the C library's, so getenv and child processes see what is set
 * here. Names keep the case they have; they are found without regard to it, as on Windows.
 */
#include "win32_private.h"

#include "host_process.h"

#include <string.h>

/* --- variables --- */

static char *Lookup(LPCSTR Name)
{
    char *Value = Name != NULL && *Name != 0 ? host_variable_get(Name) : NULL;
    if (Value == NULL)
        SetLastError(ERROR_ENVVAR_NOT_FOUND);
    else
        SetLastError(ERROR_SUCCESS); /* an empty variable also returns 0 */
    return Value;
}

DWORD WINAPI GetEnvironmentVariableA(LPCSTR Name, LPSTR Buffer, DWORD Size)
{
    char *Value = Lookup(Name);
    DWORD Result = Value != NULL ? Win32CopyOutAnsi(Value, Buffer, Size) : 0;
    host_free(Value);
    return Result;
}

DWORD WINAPI GetEnvironmentVariableW(LPCWSTR Name, LPWSTR Buffer, DWORD Size)
{
    PSTR Ansi = Win32AnsiFromWide(Name);
    char *Value = Lookup(Ansi);
    DWORD Result = Value != NULL ? Win32CopyOutWide(Value, Buffer, Size) : 0;
    host_free(Value);
    host_free(Ansi);
    return Result;
}

BOOL WINAPI SetEnvironmentVariableA(LPCSTR Name, LPCSTR Value)
{
    if (Name == NULL || *Name == 0 || strchr(Name, '=') != NULL)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    if (Value == NULL) {
        char *Old = host_variable_get(Name);
        host_free(Old);
        if (Old == NULL)
            return Win32Fail(ERROR_ENVVAR_NOT_FOUND);
    }
    return host_variable_set(Name, Value) == 0 ? TRUE : Win32Fail(ERROR_NOT_ENOUGH_MEMORY);
}

BOOL WINAPI SetEnvironmentVariableW(LPCWSTR Name, LPCWSTR Value)
{
    PSTR AnsiName = Win32AnsiFromWide(Name), AnsiValue = Win32AnsiFromWide(Value);
    BOOL Result = FALSE;
    if ((Name == NULL || AnsiName != NULL) && (Value == NULL || AnsiValue != NULL))
        Result = SetEnvironmentVariableA(AnsiName, AnsiValue);
    host_free(AnsiName);
    host_free(AnsiValue);
    return Result;
}

/*
 * %NAME% replaced where NAME is set, kept where it is not. Appends to Out when there is room;
 * returns the bytes needed with the terminator.
 */
static SIZE_T Expand(LPCSTR Source, LPSTR Out, SIZE_T Room)
{
    SIZE_T Needed = 0;

    while (*Source != 0) {
        const char *End = *Source == '%' ? strchr(Source + 1, '%') : NULL, *From = Source;
        SIZE_T Length = 1;
        char *Value = NULL;
        if (End != NULL && End > Source + 1) {
            SIZE_T NameLength = (SIZE_T)(End - Source - 1);
            char *Name = host_allocate(NameLength + 1);
            if (Name != NULL) {
                RtlCopyMemory(Name, Source + 1, NameLength);
                Name[NameLength] = 0;
                Value = host_variable_get(Name);
            }
            host_free(Name);
            Length =
                NameLength + 1; /* up to the second per cent sign, which may begin another name */
        }
        Source += Value != NULL ? Length + 1 : Length;
        if (Value != NULL) {
            From = Value;
            Length = strlen(Value);
        }
        if (Out != NULL && Needed + Length < Room)
            RtlCopyMemory(Out + Needed, From, Length);
        Needed += Length;
        host_free(Value);
    }
    if (Out != NULL && Needed < Room)
        Out[Needed] = 0;
    return Needed + 1;
}

/* Returns the size with the terminator, also on success. */
DWORD WINAPI ExpandEnvironmentStringsA(LPCSTR Source, LPSTR Target, DWORD Size)
{
    return (DWORD)Expand(Source, Target, Size);
}

DWORD WINAPI ExpandEnvironmentStringsW(LPCWSTR Source, LPWSTR Target, DWORD Size)
{
    PSTR Ansi = Win32AnsiFromWide(Source);
    DWORD Result = 0;

    if (Ansi == NULL)
        return 0;
    SIZE_T Needed = Expand(Ansi, NULL, 0);
    PSTR Expanded = host_allocate(Needed);
    if (Expanded == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    } else {
        Expand(Ansi, Expanded, Needed);
        Result = Win32CopyOutWide(Expanded, Target, Size);
        if (Target != NULL && Result < Size)
            Result++;
    }
    host_free(Expanded);
    host_free(Ansi);
    return Result;
}

LPCH WINAPI GetEnvironmentStringsA(VOID)
{
    size_t Bytes;
    LPCH List = host_variable_list(&Bytes);
    if (List == NULL)
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return List;
}

LPWCH WINAPI GetEnvironmentStringsW(VOID)
{
    size_t Bytes;
    char *List = host_variable_list(&Bytes);
    LPWCH Wide = NULL;

    if (List != NULL) {
        int Count = MultiByteToWideChar(CP_ACP, 0, List, (int)Bytes, NULL, 0);
        Wide = host_allocate((SIZE_T)Count * sizeof(WCHAR));
        if (Wide != NULL)
            MultiByteToWideChar(CP_ACP, 0, List, (int)Bytes, Wide, Count);
    }
    host_free(List);
    if (Wide == NULL)
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return Wide;
}

BOOL WINAPI FreeEnvironmentStringsA(LPCH Strings)
{
    host_free(Strings);
    return TRUE;
}

BOOL WINAPI FreeEnvironmentStringsW(LPWCH Strings)
{
    host_free(Strings);
    return TRUE;
}

/* --- the command line: arguments quoted so that Windows' rules give them back --- */

static PSTR CommandLineA;
static PWSTR CommandLineW;

static BOOL NeedsQuotes(const char *Argument)
{
    return *Argument == 0 || strpbrk(Argument, " \t\"") != NULL;
}

/* Room needed is at most twice the argument and two quotes.
 * [doc:cpp/main-function-command-line-args] */
static char *AppendArgument(char *To, const char *Argument)
{
    SIZE_T Backslashes = 0;

    if (!NeedsQuotes(Argument)) {
        SIZE_T Length = strlen(Argument);
        RtlCopyMemory(To, Argument, Length);
        return To + Length;
    }
    *To++ = '"';
    for (; *Argument != 0; Argument++) {
        if (*Argument ==
            '"') { /* backslashes before a quote count double, and it needs one itself */
            for (SIZE_T i = 0; i <= Backslashes; i++)
                *To++ = '\\';
        }
        Backslashes = *Argument == '\\' ? Backslashes + 1 : 0;
        *To++ = *Argument;
    }
    for (; Backslashes > 0; Backslashes--)
        *To++ = '\\';
    *To++ = '"';
    return To;
}

static PSTR BuildCommandLine(VOID)
{
    size_t Bytes = 0;
    char *Arguments = host_arguments(&Bytes);
    PSTR Line = host_allocate(Bytes * 4 + 1), To = Line;

    for (SIZE_T At = 0; Line != NULL && At < Bytes; At += strlen(Arguments + At) + 1) {
        if (To != Line)
            *To++ = ' ';
        To = AppendArgument(To, Arguments + At);
    }
    if (Line != NULL)
        *To = 0;
    host_free(Arguments);
    return Line;
}

/* Made once and never freed: Windows hands out the same pointer for ever. */
static VOID MakeCommandLines(VOID)
{
    static INIT_ONCE Once = INIT_ONCE_STATIC_INIT;
    BOOL Pending;

    if (!InitOnceBeginInitialize(&Once, 0, &Pending, NULL) || !Pending)
        return;
    CommandLineA = BuildCommandLine();
    if (CommandLineA != NULL)
        Win32WideFromAnsi(CommandLineA, &CommandLineW);
    InitOnceComplete(&Once, 0, NULL);
}

LPSTR WINAPI GetCommandLineA(VOID)
{
    MakeCommandLines();
    return CommandLineA;
}

LPWSTR WINAPI GetCommandLineW(VOID)
{
    MakeCommandLines();
    return CommandLineW;
}
