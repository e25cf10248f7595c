/* SPDX-License-Identifier: MIT */
/* ntsock_pthread_show.h - undoes ntsock_pthread_hide.h. Layer: application headers. */
#ifndef __cplusplus
#undef pthread_t
#undef pthread_attr_t
#undef pthread_mutex_t
#undef pthread_mutexattr_t
#undef pthread_cond_t
#undef pthread_condattr_t
#undef pthread_key_t
#undef pthread_once_t
#undef pthread_rwlock_t
#undef pthread_rwlockattr_t
#undef pthread_spinlock_t
#undef pthread_barrier_t
#undef pthread_barrierattr_t
#endif
