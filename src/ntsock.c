/* SPDX-License-Identifier: MIT */
/*
 * ntsock.c - the one file of the shared library itself: it joins the layers, and answers the public
 * questions of ntsock/ntsock.h.
 *
 * AFD is told to the I/O manager here, so that ntos does not know it. If the configuration names
 * drivers, the stack comes up before main: a program never runs half-layered, and a driver that does
 * not load stops it before it has done anything.
 */
#include "ntsock.h"

#include <stdio.h>
#include <string.h>

#include "afd.h"
#include "cm.h"
#include "ex.h"
#include "fsd.h"
#include "host_system.h"
#include "iomgr.h"
#include "ob.h"
#include "transport.h"
#include "win32.h"

#define POOL_TAGS_MAX 64
#define ENDPOINT_TAG 'AfdE'

/* Tags of what the stack keeps for good: names, handle table, registry, drivers, thread records. */
static const ULONG PermanentTags[] = {'bThO', 'mNbO', 'kLbO', 'geRC', 'hToI', 'rDoI', 'iveD', 'virD', 'bmyS',
    'corP'};

__attribute__((constructor)) static void start(void)
{
    NtsAddBootDriver(L"HostFs", FsdDriverEntry);
    NtsAddBootDriver(L"Afd", AfdDriverEntry);
    /* The configuration is read when the stack starts; whether there is one is cheap to see. */
    if (host_environment("NTSOCK_DRIVERS") != NULL || host_environment("NTSOCK_CONFIG") != NULL ||
        host_file_exists("/etc/ntsock/ntsock.conf"))
        NtsInitializeSystem();
}

static int is_permanent(ULONG tag)
{
    for (ULONG i = 0; i < RTL_NUMBER_OF(PermanentTags); i++) {
        if (PermanentTags[i] == tag)
            return 1;
    }
    return 0;
}

/* A tag as Windows' tools show it: in memory order. */
static size_t describe_tag(char *text, size_t room, ULONG tag, LONG blocks)
{
    char name[5] = {0};
    for (int i = 0; i < 4; i++) {
        char c = (char)(tag >> (8 * i));
        name[i] = c > ' ' && c < 127 ? c : '.';
    }
    int length = snprintf(text, room, "%s%s:%d", text[-1] == 0 ? "" : " ", name, blocks);
    return length > 0 && (size_t)length < room ? (size_t)length : 0;
}

static void query_pool(struct ntsock_diagnostics *ret)
{
    EX_POOL_USAGE usage[POOL_TAGS_MAX];
    ULONG count = ExQueryPoolUsage(usage, POOL_TAGS_MAX);
    char text[1 + sizeof ret->pool_tags] = {0};
    size_t used = 0;

    for (ULONG i = 0; i < count && i < POOL_TAGS_MAX; i++) {
        if (usage[i].Tag == ENDPOINT_TAG)
            ret->endpoints = (unsigned)usage[i].Blocks;
        if (is_permanent(usage[i].Tag) || usage[i].Blocks <= 0)
            continue;
        ret->pool_blocks += (unsigned)usage[i].Blocks;
        used += describe_tag(text + 1 + used, sizeof ret->pool_tags - used, usage[i].Tag, usage[i].Blocks);
    }
    memcpy(ret->pool_tags, text + 1, used);
    ret->pool_tags[used] = 0;
}

void ntsock_query_diagnostics(struct ntsock_diagnostics *ret_diagnostics)
{
    NtsInitializeSystem();
    Win32TrimPool(); /* threads that are kept for the next callback are no leak */
    memset(ret_diagnostics, 0, sizeof *ret_diagnostics);
    ret_diagnostics->handles = ObQueryHandleCount();
    ret_diagnostics->objects = ObQueryObjectCount();
    ret_diagnostics->irps = IoQueryIrpCount();
    query_pool(ret_diagnostics);
}

int ntsock_load_driver(const char *specification, const char **ret_reason)
{
    const char *reason = NULL;
    NtsInitializeSystem();
    NTSTATUS status = IoLoadDriver(specification, &reason);
    if (ret_reason != NULL)
        *ret_reason = reason;
    return NT_SUCCESS(status) ? 0 : -1;
}

int ntsock_unload_driver(const char *name)
{
    NtsInitializeSystem();
    return NT_SUCCESS(IoUnloadDriver(name)) ? 0 : -1;
}

unsigned ntsock_query_device_stack(struct ntsock_device *devices, unsigned count)
{
    IO_STACK_ENTRY entries[IO_STACK_LOCATIONS_MAX];
    NtsInitializeSystem();
    ULONG depth = IoQueryDeviceStack(L"\\Device\\Afd", entries, RTL_NUMBER_OF(entries));
    for (ULONG i = 0; i < depth && i < count && i < RTL_NUMBER_OF(entries); i++) {
        memcpy(devices[i].driver, entries[i].DriverName, sizeof devices[i].driver);
        memcpy(devices[i].device, entries[i].DeviceName, sizeof devices[i].device);
        devices[i].stack_size = entries[i].StackSize;
        devices[i].fast_io = entries[i].FastIo;
    }
    return depth;
}

unsigned ntsock_query_errata(struct ntsock_erratum *errata, unsigned count)
{
    NtsInitializeSystem();
    for (unsigned i = 0; i < CmErratumMax && i < count; i++) {
        const CM_ERRATUM_INFORMATION *information = CmErratumInformation(i);
        errata[i].id = information->Id;
        errata[i].title = information->Title;
        errata[i].first_pack = information->FirstPack;
        errata[i].fixed_pack = information->FixedPack;
        errata[i].active = CmErratumActive(i);
    }
    return CmErratumMax;
}

const char *ntsock_version(void)
{
    return NTSOCK_VERSION;
}

const char *ntsock_engine(void)
{
    NtsInitializeSystem();
    return TlFindEngine(CmConfiguredEngine())->Name;
}

int ntsock_service_pack(void)
{
    NtsInitializeSystem();
    return CmServicePack() == CM_FIXED ? -1 : (int)CmServicePack();
}
