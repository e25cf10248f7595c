/* SPDX-License-Identifier: MIT */
/*
 * cm_config.c - where the configuration comes from.
 *
 * Layer: ntos. Later sources replace what earlier ones say, key by key:
 *   /etc/ntsock/ntsock.conf, if it exists
 *   $NTSOCK_CONFIG, which must exist if it is set
 *   $NTSOCK_DRIVERS, $NTSOCK_SERVICE_PACK, $NTSOCK_HOTFIXES, $NTSOCK_ENGINE, $NTSOCK_URING_LEAST
 *
 *   [ntsock]
 *   drivers=trace:file=/tmp/t;passthrough     ; top of the stack first
 *   service-pack=4
 *   hotfixes=Q201348
 *   engine=auto
 *   uring-least=4
 *   [driver passthrough]
 *   fastio=0
 *
 * A mistake anywhere is reported with file and line, or the variable's name, and with what would have been
 * accepted; the process then ends (cm_system.c) rather than run half-configured.
 */
#include "cm/cmp.h"

#include "ex.h"
#include "host_memory.h"
#include "host_poller.h"
#include "host_ring.h"
#include "host_system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRIVERS_MAX 64
#define VALUE_MAX 4096
#define SYSTEM_FILE "/etc/ntsock/ntsock.conf"

typedef struct DRIVER_PARAMETER {
    struct DRIVER_PARAMETER *Next;
    char *Driver, *Key, *Value;
} DRIVER_PARAMETER;

/* Written once, at start, before there is a second reader. */
static char CmpDriversText[VALUE_MAX];
static const char *CmpDrivers[DRIVERS_MAX];
static ULONG CmpDriverCount;
static ULONG CmpPack = CM_FIXED;
static char CmpPackText[8] = "fixed";
static char CmpHotfixes[VALUE_MAX];
static char CmpEngine[16] = "auto";
static DRIVER_PARAMETER *CmpParameters;

static const char *const EngineNames[] = {"auto", "epoll", "uring", "loop"};

/* Removes blanks at both ends, in place. */
static char *Trim(char *Text)
{
    char *End;
    while (*Text == ' ' || *Text == '\t')
        Text++;
    End = Text + strlen(Text);
    while (End > Text && (End[-1] == ' ' || End[-1] == '\t'))
        *--End = 0;
    return Text;
}

/* Each setter returns NULL, or what it would have accepted. */

static const char *SetDrivers(const char *Value)
{
    char *Next = CmpDriversText;
    if (strlen(Value) >= sizeof CmpDriversText)
        return "fewer than 4096 characters";
    strcpy(CmpDriversText, Value);
    CmpDriverCount = 0;
    while (Next != NULL) {
        char *Spec = Next;
        Next = strchr(Spec, ';');
        if (Next != NULL)
            *Next++ = 0;
        Spec = Trim(Spec);
        if (*Spec == 0)
            continue;
        if (CmpDriverCount == DRIVERS_MAX)
            return "at most 64 drivers";
        CmpDrivers[CmpDriverCount++] = Spec;
    }
    return NULL;
}

static const char *SetServicePack(const char *Value)
{
    if (strcmp(Value, "fixed") == 0)
        CmpPack = CM_FIXED;
    else if (strcmp(Value, "6a") == 0)
        CmpPack = 6;
    else if (Value[0] >= '0' && Value[0] <= '6' && Value[1] == 0)
        CmpPack = (ULONG)(Value[0] - '0');
    else
        return "0 to 6, 6a or fixed";
    strcpy(CmpPackText, Value);
    return NULL;
}

static const char *SetHotfixes(const char *Value)
{
    static char Expected[512];
    char Copy[VALUE_MAX], *Next = Copy;
    ULONG Used = 0;
    if (strlen(Value) >= sizeof Copy)
        return "fewer than 4096 characters";
    strcpy(Copy, Value);
    CmpHotfixes[0] = 0;
    while (Next != NULL) {
        char *Id = Next;
        Next = strchr(Id, ',');
        if (Next != NULL)
            *Next++ = 0;
        Id = Trim(Id);
        if (*Id == 0)
            continue;
        if (!CmpHotfixKnown(Id)) {
            snprintf(Expected, sizeof Expected, "updates of known errata, separated by commas:");
            for (ULONG i = 0; i < CmErratumMax; i++) {
                size_t Length = strlen(Expected);
                snprintf(Expected + Length, sizeof Expected - Length, " %s", CmErratumInformation(i)->Id);
            }
            return Expected;
        }
        Used += (ULONG)snprintf(CmpHotfixes + Used, sizeof CmpHotfixes - Used, ",%s,", Id);
    }
    return NULL;
}

static const char *SetEngine(const char *Value)
{
    static char Expected[128];
    const char *Absence = strcmp(Value, "uring") == 0 ? host_ring_absence() : NULL;
    if (Absence != NULL) {
        snprintf(Expected, sizeof Expected, "auto, epoll or loop here: %s", Absence);
        return Expected;
    }
    for (ULONG i = 0; i < RTL_NUMBER_OF(EngineNames); i++) {
        if (strcmp(Value, EngineNames[i]) == 0) {
            strcpy(CmpEngine, Value);
            return NULL;
        }
    }
    return "auto, epoll, uring or loop";
}

_Static_assert(HOST_BATCH_MAX == 64, "what SetUringLeast says");
static const char *SetUringLeast(const char *Value)
{
    ULONG Least = 0;
    const char *At = Value;
    for (; *At >= '0' && *At <= '9' && Least <= HOST_BATCH_MAX; At++)
        Least = Least * 10 + (ULONG)(*At - '0');
    if (*At != 0 || Least < 1 || Least > HOST_BATCH_MAX)
        return "1 to 64";
    host_poller_set_batch_least(Least);
    return NULL;
}

typedef struct SETTING {
    const char *Name, *Variable;
    const char *(*Set)(const char *Value);
} SETTING;

static const SETTING Settings[] = {
    {"drivers", "NTSOCK_DRIVERS", SetDrivers},
    {"service-pack", "NTSOCK_SERVICE_PACK", SetServicePack},
    {"hotfixes", "NTSOCK_HOTFIXES", SetHotfixes},
    {"engine", "NTSOCK_ENGINE", SetEngine},
    {"uring-least", "NTSOCK_URING_LEAST", SetUringLeast},
};

static char *CopyText(const char *Text)
{
    size_t Bytes = strlen(Text) + 1;
    char *Copy = host_allocate(Bytes);
    if (Copy != NULL)
        RtlCopyMemory(Copy, Text, Bytes);
    return Copy;
}

static const char *AddParameter(const char *Driver, const char *Key, const char *Value)
{
    DRIVER_PARAMETER *Parameter = host_allocate(sizeof *Parameter);
    DRIVER_PARAMETER **Last = &CmpParameters;
    if (Parameter == NULL)
        return "memory";
    Parameter->Next = NULL;
    Parameter->Driver = CopyText(Driver);
    Parameter->Key = CopyText(Key);
    Parameter->Value = CopyText(Value);
    if (Parameter->Driver == NULL || Parameter->Key == NULL || Parameter->Value == NULL)
        return "memory"; /* the process ends */
    while (*Last != NULL)
        Last = &(*Last)->Next;
    *Last = Parameter;
    return NULL;
}

/* The first mistake of a file; its line is what host_ini_parse returns. */
typedef struct FILE_ERROR {
    char Text[1024];
} FILE_ERROR;

static int Mistake(FILE_ERROR *Error, const char *Name, const char *Value, const char *Expected)
{
    if (Error->Text[0] == 0)
        snprintf(Error->Text, sizeof Error->Text, "%s=%.200s: expected %s", Name, Value, Expected);
    return 0;
}

static int OnEntry(void *Context, const char *Section, const char *Name, const char *Value, int Line)
{
    FILE_ERROR *Error = Context;
    const char *Expected;
    (void)Line;
    if (strncmp(Section, "driver ", 7) == 0 && Section[7] != 0) {
        Expected = AddParameter(Section + 7, Name, Value);
        return Expected == NULL ? 1 : Mistake(Error, Name, Value, Expected);
    }
    if (strcmp(Section, "ntsock") != 0) {
        if (Error->Text[0] == 0)
            snprintf(Error->Text, sizeof Error->Text, "section [%.100s]: expected [ntsock] or [driver NAME]",
                Section);
        return 0;
    }
    for (ULONG i = 0; i < RTL_NUMBER_OF(Settings); i++) {
        if (strcmp(Name, Settings[i].Name) == 0) {
            Expected = Settings[i].Set(Value);
            return Expected == NULL ? 1 : Mistake(Error, Name, Value, Expected);
        }
    }
    if (Error->Text[0] == 0)
        snprintf(Error->Text, sizeof Error->Text,
            "unknown key %.100s: expected drivers, service-pack, hotfixes, engine or uring-least", Name);
    return 0;
}

static NTSTATUS ReadFile(const char *Path, BOOLEAN Required)
{
    FILE_ERROR Error = {""};
    int Longest, Line = host_ini_parse(Path, OnEntry, &Error, &Longest);
    if (Line == 0)
        return STATUS_SUCCESS;
    if (Line < 0) {
        if (!Required && !host_file_exists(Path))
            return STATUS_SUCCESS;
        host_print("ntsock: %s: cannot be read\n", Path);
    } else if (Longest != 0) {
        host_print("ntsock: %s:%d: a line has at most %d characters; variables, such as NTSOCK_DRIVERS, take more\n",
            Path, Line, Longest);
    } else {
        host_print("ntsock: %s:%d: %s\n", Path, Line,
            Error.Text[0] != 0 ? Error.Text : "expected [section] or key=value");
    }
    return STATUS_INVALID_PARAMETER;
}

static NTSTATUS ReadEnvironment(VOID)
{
    for (ULONG i = 0; i < RTL_NUMBER_OF(Settings); i++) {
        const char *Value = host_environment(Settings[i].Variable);
        const char *Expected = Value != NULL ? Settings[i].Set(Value) : NULL;
        if (Expected != NULL) {
            host_print("ntsock: %s=%.200s: expected %s\n", Settings[i].Variable, Value, Expected);
            return STATUS_INVALID_PARAMETER;
        }
    }
    return STATUS_SUCCESS;
}

/* What programs and drivers can read about the profile. */
static NTSTATUS FillRegistry(VOID)
{
    WCHAR Text[] = L"Service Pack 0", Key[160];
    ULONG One = 1;
    NTSTATUS Status = CmSetValue(CMP_WINDOWS_NT, L"CurrentVersion", REG_SZ, L"4.0", sizeof L"4.0");
    if (NT_SUCCESS(Status) && CmpPack != CM_FIXED && CmpPack != 0) {
        Text[sizeof Text / sizeof Text[0] - 2] = (WCHAR)('0' + CmpPack);
        Status = CmSetValue(CMP_WINDOWS_NT, L"CSDVersion", REG_SZ, Text, sizeof Text);
    }
    for (ULONG i = 0; NT_SUCCESS(Status) && i < CmErratumMax; i++) {
        static const WCHAR Base[] = CMP_WINDOWS_NT L"\\Hotfix\\";
        const char *Id = CmErratumInformation(i)->Id;
        ULONG Length = RTL_NUMBER_OF(Base) - 1;
        if (!CmpHotfixInstalled(Id))
            continue;
        RtlCopyMemory(Key, Base, sizeof Base);
        do
            Key[Length++] = (WCHAR)*Id;
        while (*Id++ != 0);
        Status = CmSetValue(Key, L"Installed", REG_DWORD, &One, sizeof One);
    }
    return Status;
}

NTSTATUS CmInitializeConfiguration(VOID)
{
    const char *File = host_environment("NTSOCK_CONFIG");
    NTSTATUS Status = ReadFile(SYSTEM_FILE, FALSE);
    if (NT_SUCCESS(Status) && File != NULL)
        Status = ReadFile(File, TRUE);
    if (NT_SUCCESS(Status))
        Status = ReadEnvironment();
    if (NT_SUCCESS(Status))
        Status = FillRegistry();
    if (NT_SUCCESS(Status))
        CmpInitializeErrata();
    return Status;
}

const char *CmConfiguredEngine(VOID)
{
    return CmpEngine;
}

ULONG CmConfiguredDriverCount(VOID)
{
    return CmpDriverCount;
}

const char *CmConfiguredDriver(ULONG Index)
{
    return CmpDrivers[Index];
}

ULONG CmServicePack(VOID)
{
    return CmpPack;
}

BOOLEAN CmpHotfixInstalled(const char *Id)
{
    char Pattern[32];
    snprintf(Pattern, sizeof Pattern, ",%s,", Id);
    return strstr(CmpHotfixes, Pattern) != NULL;
}

static ULONG Widen(WCHAR *To, ULONG Count, const char *From)
{
    ULONG i = 0;
    for (; From[i] != 0 && i + 1 < Count; i++)
        To[i] = (UCHAR)From[i];
    To[i] = 0;
    return i;
}

NTSTATUS CmpSetParameter(PCWSTR KeyPath, const char *Name, const char *Value)
{
    WCHAR WideName[128];
    ANSI_STRING Ansi;
    UNICODE_STRING Wide;
    NTSTATUS Status;
    char *End;
    unsigned long long Number = strtoull(Value, &End, 0);

    Widen(WideName, RTL_NUMBER_OF(WideName), Name);
    if (Value[0] >= '0' && Value[0] <= '9' && *End == 0 && Number <= MAXULONG) {
        ULONG Dword = (ULONG)Number;
        return CmSetValue(KeyPath, WideName, REG_DWORD, &Dword, sizeof Dword);
    }
    RtlInitAnsiString(&Ansi, Value);
    Status = RtlAnsiStringToUnicodeString(&Wide, &Ansi, TRUE);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmSetValue(KeyPath, WideName, REG_SZ, Wide.Buffer, Wide.Length + (ULONG)sizeof(WCHAR));
    RtlFreeUnicodeString(&Wide);
    return Status;
}

NTSTATUS CmpApplyDriverSection(const char *Name, PCWSTR KeyPath)
{
    NTSTATUS Status = STATUS_SUCCESS;
    for (DRIVER_PARAMETER *At = CmpParameters; At != NULL && NT_SUCCESS(Status); At = At->Next) {
        if (strcmp(At->Driver, Name) == 0)
            Status = CmpSetParameter(KeyPath, At->Key, At->Value);
    }
    return Status;
}
