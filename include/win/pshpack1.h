/* SPDX-License-Identifier: MIT */
/* pshpack1.h - structures are packed to 1 byte(s) until poppack.h. No guard, on purpose. */
#pragma pack(push, 1)
