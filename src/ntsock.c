/* SPDX-License-Identifier: MIT */
/*
 * ntsock.c - the one file of the shared library itself: it joins the layers.
 *
 * AFD is told to the I/O manager here, so that ntos does not know it.
 */
typedef int ntsock_join;
