/* SPDX-License-Identifier: MIT */
/*
 * windows.h - the Windows API as far as socket programs use it.
 *
 * Layer: application headers. Without WIN32_LEAN_AND_MEAN it includes winsock.h, as on Windows; unlike
 * there, winsock2.h may follow, because winsock.h and winsock2.h share one set of definitions here.
 */
#ifndef _WINDOWS_
#define _WINDOWS_
#define _INC_WINDOWS

#include <sdkddkver.h>

#include <stdarg.h>

#include <windef.h>

#include <excpt.h>
#include <winbase.h>
#include <wincon.h>
#include <winerror.h>
#include <winnls.h>
#include <winuser.h>
#ifndef NOSERVICE
#include <winsvc.h>
#endif

#ifndef WIN32_LEAN_AND_MEAN
#include <timeapi.h>
#ifndef NTSOCK_NO_WINSOCK1
#include <winsock.h>
#endif
#endif

#endif /* _WINDOWS_ */
