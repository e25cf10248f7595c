/* SPDX-License-Identifier: MIT */
/*
 * conio.h - one key from the terminal.
 *
 * Layer: application headers (C run-time); implemented in src/win32/crt_console.c. When standard input is
 * no terminal, _getch reads a byte from it and _kbhit says whether one is there.
 */
#ifndef _INC_CONIO
#define _INC_CONIO

#include <ntsock_types.h>
#include <stdio.h>

NTSOCK_EXTERN_C_BEGIN

NTSOCKAPI int _getch(void);
NTSOCKAPI int _getche(void);
NTSOCKAPI int _kbhit(void);
#define _putch putchar
#define _cputs(s) fputs((s), stdout)
#define _cprintf printf
#define getch _getch
#define kbhit _kbhit

NTSOCK_EXTERN_C_END

#endif
