/* SPDX-License-Identifier: MIT */
/*
 * cm_system.c - bringing the stack up, once.
 *
 * Layer: ntos. NT counterpart: the phases of system initialization, as far as they concern us:
 * configuration, object types, boot driver, configured drivers from the bottom of the stack to its top.
 */
#include "cm/cmp.h"

#include "host_system.h"
#include "host_thread.h"
#include "io/iop.h"

#define EXIT_CONFIGURATION 125

enum { NotStarted, Starting, Started };
static volatile uint32_t CmpState = NotStarted;
static volatile uint32_t CmpStarter; /* thread id */

#define BOOT_DRIVERS_MAX 4
static struct {
    PCWSTR Name;
    PDRIVER_INITIALIZE Initialize;
} CmpBootDrivers[BOOT_DRIVERS_MAX];
static ULONG CmpBootDriverCount;

/* Called by the library's constructor, alone. */
VOID NtsAddBootDriver(PCWSTR Name, PDRIVER_INITIALIZE Initialize)
{
    ASSERT(CmpBootDriverCount < BOOT_DRIVERS_MAX);
    CmpBootDrivers[CmpBootDriverCount].Name = Name;
    CmpBootDrivers[CmpBootDriverCount].Initialize = Initialize;
    CmpBootDriverCount++;
}

static VOID StartSystem(VOID)
{
    NTSTATUS Status = CmInitializeConfiguration();
    if (!NT_SUCCESS(Status))
        host_exit(EXIT_CONFIGURATION);
    IopInitialize();
    for (ULONG i = 0; i < CmpBootDriverCount; i++) {
        Status = IoCreateDriver(CmpBootDrivers[i].Name, CmpBootDrivers[i].Initialize);
        if (!NT_SUCCESS(Status)) {
            host_print("ntsock: built-in driver %u did not start: %s (0x%08X), engine %s\n", (unsigned)i,
                IopStatusName(Status), (unsigned)Status, CmConfiguredEngine());
            host_exit(EXIT_CONFIGURATION);
        }
    }
    if (!NT_SUCCESS(IoLoadConfiguredDrivers()))
        host_exit(EXIT_CONFIGURATION);
}

VOID NtsInitializeSystem(VOID)
{
    uint32_t State = __atomic_load_n(&CmpState, __ATOMIC_ACQUIRE);
    if (__builtin_expect(State == Started, 1))
        return;
    if (State == NotStarted && __atomic_compare_exchange_n(&CmpState, &State, Starting, FALSE, __ATOMIC_ACQ_REL,
        __ATOMIC_ACQUIRE)) {
        __atomic_store_n(&CmpStarter, host_thread_id(), __ATOMIC_SEQ_CST);
        StartSystem();
        __atomic_store_n(&CmpState, Started, __ATOMIC_SEQ_CST);
        host_futex_wake((const void *)&CmpState, MAXLONG);
        return;
    }
    /* A DriverEntry that uses the API comes here again, and finds what is there so far. */
    if (__atomic_load_n(&CmpStarter, __ATOMIC_SEQ_CST) == host_thread_id())
        return;
    while (__atomic_load_n(&CmpState, __ATOMIC_ACQUIRE) == Starting)
        host_futex_wait((const void *)&CmpState, Starting, -1);
}
