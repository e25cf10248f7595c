/* SPDX-License-Identifier: MIT */
/* pthread.h - shadow of the C library's: gives its types their names, which sys/types.h keeps free in C. */
#pragma GCC system_header
#ifndef NTSOCK_PTHREAD_H
#define NTSOCK_PTHREAD_H
#include <sys/types.h>
#include <ntsock_pthread_hide.h>
#include_next <pthread.h>
#include <ntsock_pthread_show.h>
#ifndef __cplusplus
typedef ntsock_libc_pthread_t pthread_t;
typedef ntsock_libc_pthread_attr_t pthread_attr_t;
typedef ntsock_libc_pthread_mutex_t pthread_mutex_t;
typedef ntsock_libc_pthread_mutexattr_t pthread_mutexattr_t;
typedef ntsock_libc_pthread_cond_t pthread_cond_t;
typedef ntsock_libc_pthread_condattr_t pthread_condattr_t;
typedef ntsock_libc_pthread_key_t pthread_key_t;
typedef ntsock_libc_pthread_once_t pthread_once_t;
typedef ntsock_libc_pthread_rwlock_t pthread_rwlock_t;
typedef ntsock_libc_pthread_rwlockattr_t pthread_rwlockattr_t;
typedef ntsock_libc_pthread_spinlock_t pthread_spinlock_t;
typedef ntsock_libc_pthread_barrier_t pthread_barrier_t;
typedef ntsock_libc_pthread_barrierattr_t pthread_barrierattr_t;
#endif
#endif
