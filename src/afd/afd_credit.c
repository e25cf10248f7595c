/* SPDX-License-Identifier: MIT */
/*
 * afd_credit.c - accept credits: how many connections the transport may take from the host.
 *
 * Layer: afd. No NT counterpart: NT's transports indicate connections against a backlog of AFD's own.
 * See AFD_CREDIT and AFD_LISTENER.
 */
#include "afd_listener.h"

AFD_CREDIT *AfdAllocateCredit(AFD_ENDPOINT *Endpoint)
{
    AFD_CREDIT *Credit = ExAllocatePoolWithTag(NonPagedPool, sizeof *Credit, AFD_TAG_REQUEST);
    if (Credit == NULL)
        return NULL;
    Credit->Connection = ExAllocatePoolZero(NonPagedPool, sizeof *Credit->Connection, AFD_TAG_CONNECTION);
    if (Credit->Connection == NULL) {
        ExFreePoolWithTag(Credit, AFD_TAG_REQUEST);
        return NULL;
    }
    AfdInitializeDatagram(&Credit->Operation, Endpoint);
    Credit->Operation.Completed = AfdConnectIndication;
    Credit->Irp = NULL;
    Credit->Listed = FALSE;
    Credit->Held = TRUE;
    Credit->Arrived = FALSE;
    AfdReferenceEndpoint(Endpoint);
    return Credit;
}

VOID AfdFreeCredit(AFD_CREDIT *Credit)
{
    AFD_ENDPOINT *Endpoint = Credit->Operation.Endpoint;
    if (Credit->Connection != NULL)
        ExFreePoolWithTag(Credit->Connection, AFD_TAG_CONNECTION);
    ExFreePoolWithTag(Credit, AFD_TAG_REQUEST);
    AfdDereferenceEndpoint(Endpoint);
}

AFD_CONNECTION *AfdTakeArrival(AFD_CREDIT *Credit)
{
    AFD_CONNECTION *Connection = Credit->Connection;
    const TL_REQUEST *Tl = &Credit->Operation.Tl;

    Credit->Connection = NULL;
    Connection->Transport = Tl->Accepted;
    Connection->AddressLength = Tl->AddressLength;
    if (Connection->AddressLength > sizeof Connection->Address)
        Connection->AddressLength = sizeof Connection->Address;
    RtlCopyMemory(Connection->Address, Tl->Address, Connection->AddressLength);
    return Connection;
}

VOID AfdListCredit(AFD_LISTENER *Listener, AFD_CREDIT *Credit)
{
    InsertTailList(&Listener->Credits, &Credit->Link);
    Credit->Listed = TRUE;
    Listener->CreditCount++;
}

VOID AfdUnlistCredit(AFD_LISTENER *Listener, AFD_CREDIT *Credit)
{
    if (Credit->Irp != NULL) {
        Credit->Irp->Tail.Overlay.DriverContext[AFD_WAITER_CREDIT] = NULL;
        Credit->Irp = NULL;
    }
    if (!Credit->Listed)
        return;
    RemoveEntryList(&Credit->Link);
    Credit->Listed = FALSE;
    Listener->CreditCount--;
}

BOOLEAN AfdReleaseCredit(AFD_CREDIT *Credit)
{
    ASSERT(Credit->Held);
    Credit->Held = FALSE;
    return Credit->Arrived;
}

AFD_CREDIT *AfdPickSurplus(AFD_LISTENER *Listener, AFD_CREDIT *Preferred)
{
    PLIST_ENTRY Entry;
    AFD_CREDIT *Credit = Preferred;

    if (Listener->CreditCount <= Listener->Claims)
        return NULL;
    if (Credit == NULL || !Credit->Listed || Credit->Held) {
        for (Entry = Listener->Credits.Flink; Entry != &Listener->Credits; Entry = Entry->Flink) {
            Credit = CONTAINING_RECORD(Entry, AFD_CREDIT, Link);
            if (Credit->Irp == NULL && !Credit->Held)
                break;
        }
        if (Entry == &Listener->Credits)
            return NULL;
    }
    AfdUnlistCredit(Listener, Credit);
    Credit->Held = TRUE;
    return Credit;
}

VOID AfdTakeBackCredit(AFD_CREDIT *Credit)
{
    AFD_ENDPOINT *Endpoint;
    BOOLEAN Free = TRUE;

    if (Credit == NULL)
        return;
    Endpoint = Credit->Operation.Endpoint;
    if (!AfdTransport->Cancel(AfdEndpointTransport(Endpoint), &Credit->Operation.Tl)) {
        AfdLockEndpoint(Endpoint);
        Free = AfdReleaseCredit(Credit);
        AfdUnlockEndpoint(Endpoint);
    }
    if (Free)
        AfdFreeCredit(Credit);
}
