/* SPDX-License-Identifier: MIT */
/*
 * win32_console.c - standard handles and the console.
 *
 * Layer: win32. Standard handles are 3, 7 and 11: values with the two low bits set, which no kernel
 * object has, and which consoles used up to Windows 7. Output goes where the descriptor goes, so
 * WriteConsole also appears when output is redirected; on Windows it fails then. Attributes become
 * ANSI colour sequences on a terminal. ReadFile and WriteFile are in win32_io.c.
 */
#include "win32_private.h"

#include "host_console.h"
#include "host_system.h"

#define INPUT_HANDLE ((HANDLE)(ULONG_PTR)3)
#define OUTPUT_HANDLE ((HANDLE)(ULONG_PTR)7)
#define ERROR_HANDLE ((HANDLE)(ULONG_PTR)11)

static HANDLE StandardHandles[3] = {INPUT_HANDLE, OUTPUT_HANDLE, ERROR_HANDLE};

BOOL Win32IsStandardHandle(HANDLE Handle, int *Descriptor)
{
    ULONG_PTR Value = (ULONG_PTR)Handle;
    *Descriptor = (int)(Value >> 2);
    return Value == 3 || Value == 7 || Value == 11;
}

static int StandardIndex(DWORD Which)
{
    return Which == STD_INPUT_HANDLE    ? 0
           : Which == STD_OUTPUT_HANDLE ? 1
           : Which == STD_ERROR_HANDLE  ? 2
                                        : -1;
}

HANDLE WINAPI GetStdHandle(DWORD Which)
{
    int Index = StandardIndex(Which);
    if (Index >= 0)
        return __atomic_load_n(&StandardHandles[Index], __ATOMIC_SEQ_CST);
    SetLastError(ERROR_INVALID_HANDLE);
    return INVALID_HANDLE_VALUE;
}

BOOL WINAPI SetStdHandle(DWORD Which, HANDLE Handle)
{
    int Index = StandardIndex(Which);
    if (Index < 0)
        return Win32Fail(ERROR_INVALID_HANDLE);
    __atomic_store_n(&StandardHandles[Index], Handle, __ATOMIC_SEQ_CST);
    return TRUE;
}

/* --- console output --- */

static BOOL FinishTransfer(NTSTATUS Status, DWORD Bytes, LPDWORD Transferred)
{
    if (Transferred != NULL)
        *Transferred = NT_SUCCESS(Status) ? Bytes : 0;
    return NT_SUCCESS(Status) ? TRUE : Win32SetStatus(Status);
}

static BOOL CheckConsole(HANDLE Console, int *Descriptor)
{
    return Win32IsStandardHandle(Console, Descriptor) ? TRUE : Win32Fail(ERROR_INVALID_HANDLE);
}

BOOL WINAPI WriteConsoleA(
    HANDLE Console, const VOID *Text, DWORD Chars, LPDWORD Written, LPVOID Reserved)
{
    int Descriptor;
    if (!CheckConsole(Console, &Descriptor))
        return FALSE;
    return FinishTransfer(host_console_write(Descriptor, Text, Chars), Chars, Written);
}

BOOL WINAPI WriteConsoleW(
    HANDLE Console, const VOID *Text, DWORD Chars, LPDWORD Written, LPVOID Reserved)
{
    int Descriptor, Bytes;

    if (!CheckConsole(Console, &Descriptor))
        return FALSE;
    if (Chars == 0)
        return FinishTransfer(STATUS_SUCCESS, 0, Written);
    Bytes = WideCharToMultiByte(CP_UTF8, 0, Text, (int)Chars, NULL, 0, NULL, NULL);
    PSTR Utf8 = Bytes > 0 ? host_allocate((SIZE_T)Bytes) : NULL;
    if (Utf8 == NULL)
        return Win32Fail(ERROR_NOT_ENOUGH_MEMORY);
    WideCharToMultiByte(CP_UTF8, 0, Text, (int)Chars, Utf8, Bytes, NULL, NULL);
    NTSTATUS Status = host_console_write(Descriptor, Utf8, (SIZE_T)Bytes);
    host_free(Utf8);
    return FinishTransfer(Status, Chars, Written);
}

/* --- modes and looks --- */

static DWORD InputMode = ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT;
static DWORD OutputMode = ENABLE_PROCESSED_OUTPUT | 0x2; /* ENABLE_WRAP_AT_EOL_OUTPUT */

/* How programs find out whether there is a console: it fails when the handle is redirected. */
BOOL WINAPI GetConsoleMode(HANDLE Console, LPDWORD Mode)
{
    int Descriptor;
    if (!CheckConsole(Console, &Descriptor))
        return FALSE;
    if (host_console_kind(Descriptor) != HOST_CONSOLE_TERMINAL)
        return Win32Fail(ERROR_INVALID_HANDLE);
    *Mode = __atomic_load_n(Descriptor == 0 ? &InputMode : &OutputMode, __ATOMIC_SEQ_CST);
    return TRUE;
}

/* Remembered; the terminal keeps its own settings. */
BOOL WINAPI SetConsoleMode(HANDLE Console, DWORD Mode)
{
    int Descriptor;
    if (!CheckConsole(Console, &Descriptor))
        return FALSE;
    if (host_console_kind(Descriptor) != HOST_CONSOLE_TERMINAL)
        return Win32Fail(ERROR_INVALID_HANDLE);
    __atomic_store_n(Descriptor == 0 ? &InputMode : &OutputMode, Mode, __ATOMIC_SEQ_CST);
    return TRUE;
}

BOOL WINAPI GetConsoleScreenBufferInfo(HANDLE Console, PCONSOLE_SCREEN_BUFFER_INFO Information)
{
    unsigned Columns, Rows;
    int Descriptor;

    if (!CheckConsole(Console, &Descriptor))
        return FALSE;
    if (host_console_size(Descriptor, &Columns, &Rows) != 0)
        return Win32Fail(ERROR_INVALID_HANDLE);
    RtlZeroMemory(Information, sizeof *Information);
    Information->dwSize = (COORD){(SHORT)Columns, (SHORT)Rows};
    Information->wAttributes = FOREGROUND_RED | FOREGROUND_GREEN | FOREGROUND_BLUE;
    Information->srWindow = (SMALL_RECT){0, 0, (SHORT)(Columns - 1), (SHORT)(Rows - 1)};
    Information->dwMaximumWindowSize = Information->dwSize;
    return TRUE;
}

/* Foreground only. Windows' bits are blue, green, red; ANSI counts red, green, blue. */
BOOL WINAPI SetConsoleTextAttribute(HANDLE Console, WORD Attributes)
{
    static const char Colours[] = {'0', '4', '2', '6', '1', '5', '3', '7'};
    char Sequence[] = "\033[0;37m";
    int Descriptor;

    if (!CheckConsole(Console, &Descriptor))
        return FALSE;
    if (host_console_kind(Descriptor) != HOST_CONSOLE_TERMINAL)
        return Win32Fail(ERROR_INVALID_HANDLE);
    Sequence[2] = (Attributes & FOREGROUND_INTENSITY) != 0 ? '1' : '0';
    Sequence[5] = Colours[Attributes & 7];
    return FinishTransfer(host_console_write(Descriptor, Sequence, sizeof Sequence - 1), 0, NULL);
}

UINT WINAPI GetConsoleOutputCP(VOID)
{
    return CP_UTF8;
}

BOOL WINAPI SetConsoleOutputCP(UINT CodePage)
{
    return IsValidCodePage(CodePage) ? TRUE : Win32Fail(ERROR_INVALID_PARAMETER);
}

BOOL WINAPI SetConsoleCP(UINT CodePage)
{
    return SetConsoleOutputCP(CodePage);
}

BOOL WINAPI SetConsoleTitleA(LPCSTR Title)
{
    return Title != NULL ? TRUE : Win32Fail(ERROR_INVALID_PARAMETER);
}

BOOL WINAPI SetConsoleTitleW(LPCWSTR Title)
{
    return Title != NULL ? TRUE : Win32Fail(ERROR_INVALID_PARAMETER);
}

BOOL WINAPI AllocConsole(VOID)
{
    return Win32Fail(ERROR_ACCESS_DENIED);
}

BOOL WINAPI FreeConsole(VOID)
{
    return TRUE;
}
