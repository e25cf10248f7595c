/* SPDX-License-Identifier: MIT */
/* securitybaseapi.h - security descriptors, as far as programs make one for CreateMutex and its kin.
 * Layer: application headers. Contracts are those documented for Windows; nothing is enforced. */
#ifndef _APISECUREBASE_
#define _APISECUREBASE_

#include <minwinbase.h>

#ifndef WINBASEAPI
#define WINBASEAPI NTSOCKAPI
#endif

NTSOCK_EXTERN_C_BEGIN

WINBASEAPI BOOL WINAPI InitializeSecurityDescriptor(PSECURITY_DESCRIPTOR pSecurityDescriptor,
    DWORD dwRevision);
WINBASEAPI BOOL WINAPI SetSecurityDescriptorDacl(PSECURITY_DESCRIPTOR pSecurityDescriptor,
    BOOL bDaclPresent, PACL pDacl, BOOL bDaclDefaulted);
WINBASEAPI BOOL WINAPI IsValidSecurityDescriptor(PSECURITY_DESCRIPTOR pSecurityDescriptor);

NTSOCK_EXTERN_C_END

#endif
