/* SPDX-License-Identifier: MIT */
/* initguid.h - makes DEFINE_GUID define what it names from here on. */
#ifndef INITGUID
#define INITGUID
#endif
#include <guiddef.h>
