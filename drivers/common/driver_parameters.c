/* SPDX-License-Identifier: MIT */
/*
 * driver_parameters.c - walks all values of a driver's Parameters key.
 *
 * Layer: drivers. NT counterpart: the loop that every driver has around RtlQueryRegistryValues. An
 * entry without a name makes that routine call back for each value of the key, so a misspelt
 * parameter is found too. [ddi:RtlQueryRegistryValues]
 */
#include "driver_parameters.h"

#define PARAMETERS_PATH_CHARACTERS 512

typedef struct PARAMETER_WALK {
    PCSZ DriverName;
    const DRIVER_PARAMETER *Parameters;
    ULONG Count;
} PARAMETER_WALK;

/* UTF-16 to UTF-8; FALSE if it does not fit. */
static BOOLEAN ToUtf8(PCWSTR Source, ULONG Characters, CHAR *Text, ULONG TextBytes)
{
    ULONG At = 0;
    for (ULONG i = 0; i < Characters && Source[i] != 0; i++) {
        ULONG Code = (USHORT)Source[i];
        if (Code >= 0xD800 && Code < 0xDC00 && i + 1 < Characters)
            Code = 0x10000 + ((Code & 0x3FF) << 10) + ((USHORT)Source[++i] & 0x3FF);
        ULONG Bytes = Code < 0x80 ? 1 : Code < 0x800 ? 2 : Code < 0x10000 ? 3 : 4;
        if (At + Bytes >= TextBytes)
            return FALSE;
        if (Bytes == 1) {
            Text[At++] = (CHAR)Code;
            continue;
        }
        static const UCHAR Lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
        Text[At++] = (CHAR)(Lead[Bytes] | Code >> (6 * (Bytes - 1)));
        for (ULONG Left = Bytes - 1; Left > 0; Left--)
            Text[At++] = (CHAR)(0x80 | (Code >> (6 * (Left - 1)) & 0x3F));
    }
    Text[At] = 0;
    return TRUE;
}

static BOOLEAN ParseNumber(PCWSTR Source, ULONG Bytes, ULONG *Number)
{
    UNICODE_STRING String;
    ULONG Characters = 0;
    while (Characters < Bytes / sizeof(WCHAR) && Source[Characters] != 0) {
        if (Source[Characters] < '0' || Source[Characters] > '9')
            return FALSE;
        Characters++;
    }
    if (Characters == 0 || Characters > 9)
        return FALSE;
    String.Buffer = (PWSTR)Source;
    String.Length = String.MaximumLength = (USHORT)(Characters * sizeof(WCHAR));
    return NT_SUCCESS(RtlUnicodeStringToInteger(&String, 10, Number));
}

static BOOLEAN SameName(PCWSTR A, PCWSTR B)
{
    UNICODE_STRING NameA, NameB;
    RtlInitUnicodeString(&NameA, A);
    RtlInitUnicodeString(&NameB, B);
    return RtlEqualUnicodeString(&NameA, &NameB, TRUE);
}

static BOOLEAN StoreValue(const DRIVER_PARAMETER *Parameter, ULONG Type, PVOID Data, ULONG Length)
{
    ULONG Number = 0;
    if (Parameter->Text != NULL)
        return Type == REG_SZ &&
            ToUtf8(Data, Length / sizeof(WCHAR), Parameter->Text, Parameter->TextBytes);
    if (Type == REG_DWORD && Length == sizeof Number)
        RtlCopyMemory(&Number, Data, sizeof Number);
    else if (Type != REG_SZ || !ParseNumber(Data, Length, &Number))
        return FALSE;
    if (Number > Parameter->NumberMax)
        return FALSE;
    *Parameter->Number = Number;
    return TRUE;
}

static NTSTATUS QueryParameter(PWSTR ValueName, ULONG ValueType, PVOID ValueData, ULONG ValueLength,
    PVOID Context, PVOID EntryContext)
{
    PARAMETER_WALK *Walk = Context;
    CHAR Name[64] = "?";
    if (ValueName == NULL)
        return STATUS_SUCCESS;
    for (ULONG i = 0; i < Walk->Count; i++) {
        if (!SameName(ValueName, Walk->Parameters[i].Name))
            continue;
        if (StoreValue(&Walk->Parameters[i], ValueType, ValueData, ValueLength))
            return STATUS_SUCCESS;
        (void)ToUtf8(ValueName, sizeof Name, Name, sizeof Name);
        DbgPrint("%s: parameter '%s': the value cannot be used\n", Walk->DriverName, Name);
        return STATUS_INVALID_PARAMETER;
    }
    (void)ToUtf8(ValueName, sizeof Name, Name, sizeof Name);
    DbgPrint("%s: unknown parameter '%s'\n", Walk->DriverName, Name);
    return STATUS_INVALID_PARAMETER;
}

NTSTATUS DriverReadParameters(PCSZ DriverName, PUNICODE_STRING RegistryPath,
    const DRIVER_PARAMETER *Parameters, ULONG Count)
{
    WCHAR PathBuffer[PARAMETERS_PATH_CHARACTERS];
    UNICODE_STRING Path = {0, sizeof PathBuffer - sizeof(WCHAR), PathBuffer};
    PARAMETER_WALK Walk = {DriverName, Parameters, Count};
    RTL_QUERY_REGISTRY_TABLE Table[2];

    RtlCopyUnicodeString(&Path, RegistryPath);
    NTSTATUS Status = RtlAppendUnicodeToString(&Path, L"\\Parameters");
    if (!NT_SUCCESS(Status))
        return Status;
    PathBuffer[Path.Length / sizeof(WCHAR)] = 0;
    if (!NT_SUCCESS(RtlCheckRegistryKey(RTL_REGISTRY_ABSOLUTE, PathBuffer)))
        return STATUS_SUCCESS; /* no parameters were given */
    RtlZeroMemory(Table, sizeof Table);
    Table[0].QueryRoutine = QueryParameter;
    return RtlQueryRegistryValues(RTL_REGISTRY_ABSOLUTE, PathBuffer, Table, &Walk, NULL);
}
