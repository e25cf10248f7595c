/* SPDX-License-Identifier: MIT */
/* dontuse.h - on Windows it marks string functions without a size as deprecated; here it says nothing. */
#ifndef _DONTUSE_H_
#define _DONTUSE_H_
#endif
