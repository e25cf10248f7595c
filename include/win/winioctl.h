/* SPDX-License-Identifier: MIT */
/* winioctl.h - CTL_CODE and device types for DeviceIoControl. Layer: application headers. */
#ifndef _WINIOCTL_
#define _WINIOCTL_

#include <devioctl.h>
#include <minwindef.h>

#endif
