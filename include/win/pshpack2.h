/* SPDX-License-Identifier: MIT */
/* pshpack2.h - structures are packed to 2 byte(s) until poppack.h. No guard, on purpose. */
#pragma pack(push, 2)
