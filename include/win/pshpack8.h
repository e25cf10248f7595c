/* SPDX-License-Identifier: MIT */
/* pshpack8.h - structures are packed to 8 byte(s) until poppack.h. No guard, on purpose. */
#pragma pack(push, 8)
