/* SPDX-License-Identifier: MIT */
/*
 * crt_console.c - one key from the terminal, as conio.h has it.
 *
 * Layer: win32; NT counterpart: the C run-time's console functions. Keys that send several bytes (arrows,
 * letters beyond ASCII) come as several keys; there is no 0 or 0xE0 prefix.
 */
#include <conio.h>

#include "host_console.h"

int _getch(void)
{
    return host_console_key();
}

int _getche(void)
{
    int Key = host_console_key();
    if (Key >= 0)
        putchar(Key);
    return Key;
}

int _kbhit(void)
{
    return host_console_key_ready();
}
