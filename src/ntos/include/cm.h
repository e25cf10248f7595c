/* SPDX-License-Identifier: MIT */
/*
 * cm.h - configuration: the registry, the service-pack profile, the errata.
 *
 * Layer: ntos. The registry is filled once at start (environment over $NTSOCK_CONFIG over
 * /etc/ntsock/ntsock.conf) and read with RtlQueryRegistryValues:
 *   \Registry\Machine\Software\Microsoft\Windows NT\CurrentVersion         CSDVersion = "Service Pack 4"
 *   ...\Hotfix\Q201348                                                     Installed = 1
 *   \Registry\Machine\System\CurrentControlSet\Services\NAME\Parameters    a driver's parameters
 */
#ifndef NTOS_CM_H
#define NTOS_CM_H

#include <wdm.h>

_Must_inspect_result_ NTSTATUS CmSetValue(PCWSTR KeyPath, PCWSTR ValueName, ULONG Type, const VOID *Data, ULONG Length);
_Must_inspect_result_ NTSTATUS CmQueryValue(PCWSTR KeyPath, PCWSTR ValueName, PULONG Type, PVOID Data, PULONG Length);

/* Reads all sources; prints what is wrong and where, and returns a failure, if anything is. */
_Must_inspect_result_ NTSTATUS CmInitializeConfiguration(VOID);
const char *CmConfiguredEngine(VOID);             /* "auto", "epoll", "uring", "loop" */
ULONG CmConfiguredDriverCount(VOID);
const char *CmConfiguredDriver(ULONG Index);      /* spec, top of the stack first */

/* Service pack of the profile. CM_FIXED, the default, is later than every defect. */
#define CM_FIXED 0xFFFFFFFFu
ULONG CmServicePack(VOID);

/*
 * Errata that can be switched on: src/ntos/include/errata.def lists them. Present in service packs
 * FirstPack .. FixedPack - 1 and not if the hotfix of that number is configured.
 */
typedef enum CM_ERRATUM {
#define ERRATUM(id, first, fixed, title) CmErratum##id,
#include "errata.def"
#undef ERRATUM
    CmErratumMax
} CM_ERRATUM;
typedef struct CM_ERRATUM_INFORMATION {
    const char *Id;
    ULONG FirstPack;
    ULONG FixedPack;
    const char *Title;
} CM_ERRATUM_INFORMATION;
const CM_ERRATUM_INFORMATION *CmErratumInformation(CM_ERRATUM Erratum);
BOOLEAN CmErratumActive(CM_ERRATUM Erratum); /* one load; decided at start */

/*
 * NtsInitializeSystem - brings the stack up once: configuration, objects, I/O manager, AFD, drivers. Every
 * entry point of ws2 and win32 that needs the stack calls it; it costs one load afterwards. If drivers
 * or the configuration cannot be loaded, it has printed why and ends the process with exit code 125.
 * Built-in drivers register through NtsAddBootDriver, so that ntos does not know them; they start in that order.
 */
VOID NtsInitializeSystem(VOID);
VOID NtsAddBootDriver(PCWSTR Name, PDRIVER_INITIALIZE Initialize);

#endif
