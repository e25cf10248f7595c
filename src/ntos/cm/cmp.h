/* SPDX-License-Identifier: MIT */
/*
 * cmp.h - private to src/ntos/cm, and to driver loading: parameters from texts.
 *
 * Layer: ntos.
 */
#ifndef NTOS_CMP_H
#define NTOS_CMP_H

#include "cm.h"

#define CMP_SERVICES L"\\Registry\\Machine\\System\\CurrentControlSet\\Services"
#define CMP_WINDOWS_NT L"\\Registry\\Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion"

/* Makes a key, so that it exists without values. */
_Must_inspect_result_ NTSTATUS CmpCreateKey(PCWSTR KeyPath);
/* A parameter as text: REG_DWORD if it is a number (decimal or 0x...), else REG_SZ. */
_Must_inspect_result_ NTSTATUS CmpSetParameter(PCWSTR KeyPath, const char *Name, const char *Value);
/* Sets what [driver NAME] sections say about the driver under KeyPath. */
_Must_inspect_result_ NTSTATUS CmpApplyDriverSection(const char *Name, PCWSTR KeyPath);
VOID CmpInitializeErrata(VOID);
/* Is the hotfix (Q201348) configured? Is it one that an erratum knows? */
BOOLEAN CmpHotfixInstalled(const char *Id);
BOOLEAN CmpHotfixKnown(const char *Id);

#endif
