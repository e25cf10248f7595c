/* SPDX-License-Identifier: MIT */
/*
 * devioctl.h - control codes and device types, for drivers (ntdef.h) and applications (winioctl.h).
 *
 * Layer: shared. AFD's codes have a layout of their own: see afd_ioctl.h.
 * [ddi:defining-i-o-control-codes]
 */
#ifndef _DEVIOCTL_
#define _DEVIOCTL_

#include <ntsock_types.h>

#define CTL_CODE(t, f, m, a) (((ULONG)(t) << 16) | ((ULONG)(a) << 14) | ((ULONG)(f) << 2) | (ULONG)(m))
#define DEVICE_TYPE_FROM_CTL_CODE(c) (((ULONG)((c) & 0xffff0000)) >> 16)
#define METHOD_FROM_CTL_CODE(c) ((ULONG)((c) & 3))
#define METHOD_BUFFERED 0
#define METHOD_IN_DIRECT 1
#define METHOD_OUT_DIRECT 2
#define METHOD_NEITHER 3
#define FILE_ANY_ACCESS 0
#define FILE_SPECIAL_ACCESS FILE_ANY_ACCESS
#define FILE_READ_ACCESS 0x0001
#define FILE_WRITE_ACCESS 0x0002
#define DEVICE_TYPE ULONG
#define FILE_DEVICE_BEEP 0x00000001
#define FILE_DEVICE_DISK 0x00000007
#define FILE_DEVICE_DISK_FILE_SYSTEM 0x00000008
#define FILE_DEVICE_FILE_SYSTEM 0x00000009
#define FILE_DEVICE_NAMED_PIPE 0x00000011
#define FILE_DEVICE_NETWORK 0x00000012
#define FILE_DEVICE_NULL 0x00000015
#define FILE_DEVICE_TRANSPORT 0x00000021
#define FILE_DEVICE_UNKNOWN 0x00000022

#endif /* _DEVIOCTL_ */
