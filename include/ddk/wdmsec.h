/* SPDX-License-Identifier: MIT */
/*
 * wdmsec.h - devices with a security descriptor.
 *
 * Layer: driver headers. There is one process and no security: the descriptor is accepted and not looked at,
 * and IoCreateDeviceSecure is IoCreateDevice. A device without a name is refused as on Windows.
 * [ddi:wdmsec/IoCreateDeviceSecure]
 */
#ifndef _WDMSEC_H_
#define _WDMSEC_H_

#include <wdm.h>

#include <guiddef.h>

#define NTSOCK_SDDL_(name, text)                                  \
    static const WCHAR name##_TEXT_[] __attribute__((unused)) = L##text; \
    static const UNICODE_STRING name __attribute__((unused)) = {  \
        sizeof(name##_TEXT_) - sizeof(WCHAR), sizeof(name##_TEXT_), (PWCH)name##_TEXT_}
NTSOCK_SDDL_(SDDL_DEVOBJ_KERNEL_ONLY, "D:P");
NTSOCK_SDDL_(SDDL_DEVOBJ_INF_SUPPLIED, "D:P");
NTSOCK_SDDL_(SDDL_DEVOBJ_SYS_ALL, "D:P(A;;GA;;;SY)");
NTSOCK_SDDL_(SDDL_DEVOBJ_SYS_ALL_ADM_ALL, "D:P(A;;GA;;;SY)(A;;GA;;;BA)");
NTSOCK_SDDL_(SDDL_DEVOBJ_SYS_ALL_ADM_RX, "D:P(A;;GA;;;SY)(A;;GRGX;;;BA)");
NTSOCK_SDDL_(SDDL_DEVOBJ_SYS_ALL_ADM_RWX_WORLD_R, "D:P(A;;GA;;;SY)(A;;GRGWGX;;;BA)(A;;GR;;;WD)");
NTSOCK_SDDL_(SDDL_DEVOBJ_SYS_ALL_ADM_RWX_WORLD_RW_RES_R, "D:P(A;;GA;;;SY)(A;;GRGWGX;;;BA)(A;;GRGW;;;WD)(A;;GR;;;RC)");
NTSOCK_SDDL_(SDDL_DEVOBJ_SYS_ALL_ADM_RWX_WORLD_RWX_RES_RWX,
    "D:P(A;;GA;;;SY)(A;;GRGWGX;;;BA)(A;;GRGWGX;;;WD)(A;;GRGWGX;;;RC)");

FORCEINLINE NTSTATUS IoCreateDeviceSecure(_In_ PDRIVER_OBJECT DriverObject, ULONG DeviceExtensionSize,
    _In_opt_ PUNICODE_STRING DeviceName, DEVICE_TYPE DeviceType, ULONG DeviceCharacteristics, BOOLEAN Exclusive,
    _In_ PCUNICODE_STRING DefaultSDDLString, _In_opt_ LPCGUID DeviceClassGuid, _Out_ PDEVICE_OBJECT *DeviceObject)
{
    UNREFERENCED_PARAMETER(DefaultSDDLString);
    UNREFERENCED_PARAMETER(DeviceClassGuid);
    if (DeviceName == NULL || DeviceName->Length == 0)
        return STATUS_INVALID_PARAMETER;
    return IoCreateDevice(DriverObject, DeviceExtensionSize, DeviceName, DeviceType, DeviceCharacteristics, Exclusive,
        DeviceObject);
}
#define WdmlibIoCreateDeviceSecure IoCreateDeviceSecure

#endif
