/* SPDX-License-Identifier: MIT */
/*
 * wsnwlink.h - socket options of IPX/SPX, for sources that name them.
 *
 * Layer: application headers. No provider has the family.
 */
#ifndef _WSNWLINK_
#define _WSNWLINK_

#define IPX_PTYPE 0x4000
#define IPX_FILTERPTYPE 0x4001
#define IPX_STOPFILTERPTYPE 0x4003
#define IPX_DSTYPE 0x4002
#define IPX_EXTENDED_ADDRESS 0x4004
#define IPX_RECVHDR 0x4005
#define IPX_MAXSIZE 0x4006
#define IPX_ADDRESS 0x4007
#define IPX_RECEIVE_BROADCAST 0x400F

#endif
