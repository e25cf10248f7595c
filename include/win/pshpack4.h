/* SPDX-License-Identifier: MIT */
/* pshpack4.h - structures are packed to 4 byte(s) until poppack.h. No guard, on purpose. */
#pragma pack(push, 4)
