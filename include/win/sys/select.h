/* SPDX-License-Identifier: MIT */
/*
 * sys/select.h - shadow of the C library's, which would define fd_set, FD_SET ... and select with other
 * meanings. The types that come with it stay.
 */
#pragma GCC system_header
#ifndef _SYS_SELECT_H
#define _SYS_SELECT_H 1

#include <features.h>

#include <bits/types.h>

#include <bits/types/sigset_t.h>
#include <bits/types/struct_timespec.h>
#include <bits/types/struct_timeval.h>
#include <bits/types/time_t.h>

#ifndef __suseconds_t_defined
typedef __suseconds_t suseconds_t;
#define __suseconds_t_defined
#endif
typedef long int __fd_mask;

#endif
