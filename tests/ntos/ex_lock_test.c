/* SPDX-License-Identifier: MIT */
/* ex_lock_test.c - remove locks and resources: who waits for whom. */
#include "ke_test.h"

typedef struct REMOVAL {
    IO_REMOVE_LOCK Lock;
    KEVENT Started;
    LONG Done;
} REMOVAL;

static VOID release_last(PVOID context)
{
    REMOVAL *removal = context;
    KeSetEvent(&removal->Started, 0, FALSE);
    while (IoAcquireRemoveLock(&removal->Lock, NULL) == STATUS_SUCCESS) /* until the other waits */
        IoReleaseRemoveLock(&removal->Lock, NULL);
    __atomic_store_n(&removal->Done, 1, __ATOMIC_SEQ_CST);
    IoReleaseRemoveLock(&removal->Lock, context);
    PsTerminateSystemThread(STATUS_SUCCESS);
}

TEST(remove_lock__release_and_wait__waits_for_the_last_and_refuses_new)
{
    REMOVAL removal = {.Done = 0};
    HANDLE thread;
    KeInitializeEvent(&removal.Started, NotificationEvent, FALSE);
    IoInitializeRemoveLock(&removal.Lock, 'tseT', 0, 0);
    CHECK_EQ(IoAcquireRemoveLock(&removal.Lock, &removal), STATUS_SUCCESS); /* the thread's */
    CHECK_EQ(IoAcquireRemoveLock(&removal.Lock, NULL), STATUS_SUCCESS);
    CHECK_EQ(PsCreateSystemThread(&thread, 0, NULL, NULL, NULL, release_last, &removal), STATUS_SUCCESS);
    KeWaitForSingleObject(&removal.Started, Executive, KernelMode, FALSE, NULL);
    IoReleaseRemoveLockAndWait(&removal.Lock, NULL);
    CHECK_EQ(__atomic_load_n(&removal.Done, __ATOMIC_SEQ_CST), 1);
    CHECK_EQ(IoAcquireRemoveLock(&removal.Lock, NULL), STATUS_DELETE_PENDING);
    CHECK_EQ(ZwWaitForSingleObject(thread, FALSE, NULL), STATUS_WAIT_0);
    CHECK_EQ(ZwClose(thread), STATUS_SUCCESS);
}

TEST(remove_lock__nobody_in_the_device__does_not_wait)
{
    IO_REMOVE_LOCK lock;
    IoInitializeRemoveLock(&lock, 'tseT', 0, 0);
    CHECK_EQ(IoAcquireRemoveLock(&lock, NULL), STATUS_SUCCESS);
    IoReleaseRemoveLockAndWait(&lock, NULL);
    CHECK_EQ(IoAcquireRemoveLock(&lock, NULL), STATUS_DELETE_PENDING);
}

typedef struct SHARING {
    ERESOURCE Resource;
    LONG Sum; /* not atomic: the resource guards it */
    LONG Readers;
} SHARING;

#define ROUNDS 2000
static VOID write_often(PVOID context)
{
    SHARING *sharing = context;
    for (int i = 0; i < ROUNDS; i++) {
        CHECK(ExAcquireResourceExclusiveLite(&sharing->Resource, TRUE));
        CHECK_EQ(sharing->Readers, 0);
        CHECK(ExIsResourceAcquiredExclusiveLite(&sharing->Resource));
        CHECK(ExAcquireResourceSharedLite(&sharing->Resource, FALSE)); /* its own */
        sharing->Sum++;
        ExReleaseResourceLite(&sharing->Resource);
        if (i % 2 != 0)
            ExConvertExclusiveToSharedLite(&sharing->Resource);
        ExReleaseResourceLite(&sharing->Resource);
        CHECK(ExAcquireResourceSharedLite(&sharing->Resource, TRUE));
        InterlockedIncrement(&sharing->Readers);
        InterlockedDecrement(&sharing->Readers);
        ExReleaseResourceLite(&sharing->Resource);
    }
    PsTerminateSystemThread(STATUS_SUCCESS);
}

TEST(resource__four_threads__exclude_each_other)
{
    SHARING sharing = {.Sum = 0};
    HANDLE threads[4];
    CHECK_EQ(ExInitializeResourceLite(&sharing.Resource), STATUS_SUCCESS);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(PsCreateSystemThread(&threads[i], 0, NULL, NULL, NULL, write_often, &sharing), STATUS_SUCCESS);
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(ZwWaitForSingleObject(threads[i], FALSE, NULL), STATUS_WAIT_0);
        ZwClose(threads[i]);
    }
    CHECK_EQ(sharing.Sum, 4 * ROUNDS);
    CHECK_EQ(ExDeleteResourceLite(&sharing.Resource), STATUS_SUCCESS);
}
