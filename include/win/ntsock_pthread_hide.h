/* SPDX-License-Identifier: MIT */
/*
 * ntsock_pthread_hide.h - renames the types of POSIX threads while the C library's headers are read.
 *
 * Layer: application headers. No guard: ntsock_pthread_show.h undoes it. Windows sources in C often have types of
 * these names of their own; who includes pthread.h gets the C library's. In C++ libstdc++ needs them.
 */
#ifndef __cplusplus
#define pthread_t ntsock_libc_pthread_t
#define pthread_attr_t ntsock_libc_pthread_attr_t
#define pthread_mutex_t ntsock_libc_pthread_mutex_t
#define pthread_mutexattr_t ntsock_libc_pthread_mutexattr_t
#define pthread_cond_t ntsock_libc_pthread_cond_t
#define pthread_condattr_t ntsock_libc_pthread_condattr_t
#define pthread_key_t ntsock_libc_pthread_key_t
#define pthread_once_t ntsock_libc_pthread_once_t
#define pthread_rwlock_t ntsock_libc_pthread_rwlock_t
#define pthread_rwlockattr_t ntsock_libc_pthread_rwlockattr_t
#define pthread_spinlock_t ntsock_libc_pthread_spinlock_t
#define pthread_barrier_t ntsock_libc_pthread_barrier_t
#define pthread_barrierattr_t ntsock_libc_pthread_barrierattr_t
#endif
