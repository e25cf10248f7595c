/* SPDX-License-Identifier: MIT */
/*
 * afd.h - the one name by which the library starts the AFD driver.
 *
 * Layer: afd. NT counterpart: the entry point of afd.sys. Everything else about AFD is reached through
 * \Device\Afd and afd_ioctl.h.
 */
#ifndef AFD_H
#define AFD_H

#include <wdm.h>

/*
 * AfdDriverEntry - creates \Device\Afd. Given to NtsAddBootDriver(L"Afd", ...). Fails if the configured
 * engine does not exist (STATUS_OBJECT_NAME_NOT_FOUND) or the device cannot be created.
 */
NTSTATUS AfdDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);

#endif
