/* SPDX-License-Identifier: MIT */
/*
 * io_port.c - files and their completion ports.
 *
 * Layer: ntos. NT counterpart: the I/O manager's part of completion ports.
 */
#include "io/iop.h"

struct KE_POLLER *IoFilePoller(PFILE_OBJECT FileObject)
{
    return NULL;
}
