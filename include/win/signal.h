/* SPDX-License-Identifier: MIT */
/* signal.h - shadow of the C library's: in C, kill and the types of POSIX threads stay free for programs. */
#pragma GCC system_header
#ifndef NTSOCK_SIGNAL_H
#define NTSOCK_SIGNAL_H
#include <sys/types.h>
#include <ntsock_pthread_hide.h>
#ifndef __cplusplus
#define kill ntsock_libc_kill
#endif
#include_next <signal.h>
#undef kill
#include <ntsock_pthread_show.h>
#endif
