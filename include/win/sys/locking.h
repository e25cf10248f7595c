/* SPDX-License-Identifier: MIT */
/* sys/locking.h - modes of _locking, which does not exist here; sources include it for its name alone. */
#ifndef _INC_LOCKING
#define _INC_LOCKING
#define _LK_UNLCK 0
#define _LK_LOCK 1
#define _LK_NBLCK 2
#define _LK_RLCK 3
#define _LK_NBRLCK 4
#endif
