/* SPDX-License-Identifier: MIT */
/*
 * win32.h - what the shared library itself asks of win32.
 *
 * Layer: win32. Includes nothing: windows.h and wdm.h cannot stand together.
 */
#ifndef WIN32_H
#define WIN32_H

/* Threads of the thread pool that have nothing to do end soon, with what they hold. Does not wait. */
void Win32TrimPool(void);

#endif
