/* SPDX-License-Identifier: MIT */
/*
 * fails_entry.c - a driver whose DriverEntry fails, for the test of the message that people get.
 *
 * Layer: tests.
 */
#include "shape.h"

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    return STATUS_INSUFFICIENT_RESOURCES;
}
