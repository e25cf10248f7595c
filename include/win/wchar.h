/* SPDX-License-Identifier: MIT */
/* wchar.h - shadow of the C library's: its functions are for 32-bit wchar_t, ours for 16. */
#pragma GCC system_header
#ifdef NTSOCK_INTERNAL
#include_next <wchar.h>
#else
#include <ntsock_wide_hide.h>
#include_next <wchar.h>
#include <ntsock_wide_show.h>
#include <ntsock_wchar.h>
#endif
