/* SPDX-License-Identifier: MIT */
/*
 * no_entry.c - a shared object that is no driver: it has no DriverEntry.
 *
 * Layer: tests.
 */
#include <wdm.h>

NTSTATUS NotDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);

NTSTATUS NotDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    return STATUS_SUCCESS;
}
