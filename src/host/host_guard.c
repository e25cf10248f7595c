/* SPDX-License-Identifier: MIT */
/*
 * host_guard.c - looking at memory that may not be there, at the price of looking.
 *
 * Layer: host. NT counterpart: structured exceptions around user buffers. A few instructions, each place of which is
 * in a table, read and write addresses of the program; a handler for SIGSEGV and SIGBUS sends a fault inside such a
 * place to its end, where it becomes a result, and passes every other one on to whoever handled the signal
 * before, or to the default action. So a good pointer costs a few instructions and a bad one a signal. What the
 * debugger shows as SIGSEGV at "movups" or in host_guard_copy is a program's bad pointer, and is handled.
 *
 * If the program installs a handler of its own later, a bad pointer reaches that one. On processors without
 * a guard here the kernel is asked instead (host_memory.c).
 */
#include "host_private.h"

#include "host_guard.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#if defined(__x86_64__)

/* No stack is used, so that any instruction can be left for the end. */
__asm__(".text\n"
        ".p2align 4\n"
        ".hidden host_guard_copy\n"
        ".globl host_guard_copy\n"
        ".type host_guard_copy, @function\n"
        "host_guard_copy:\n" /* rdi to, rsi from, rdx bytes */
        "    movl $1, %eax\n"
        "1:  cmpq $128, %rdx\n"
        "    jae 7f\n"
        "3:  cmpq $16, %rdx\n"
        "    jb 4f\n"
        "    movups (%rsi), %xmm0\n"
        "    movups %xmm0, (%rdi)\n"
        "    addq $16, %rsi\n"
        "    addq $16, %rdi\n"
        "    subq $16, %rdx\n"
        "    jne 3b\n"
        "    jmp 8f\n"
        "4:  cmpq $8, %rdx\n"
        "    jb 5f\n"
        "    movq (%rsi), %rcx\n"
        "    movq %rcx, (%rdi)\n"
        "    addq $8, %rsi\n"
        "    addq $8, %rdi\n"
        "    subq $8, %rdx\n"
        "    jmp 4b\n"
        "5:  testq %rdx, %rdx\n"
        "    je 8f\n"
        "    movb (%rsi), %cl\n"
        "    movb %cl, (%rdi)\n"
        "    incq %rsi\n"
        "    incq %rdi\n"
        "    decq %rdx\n"
        "    jmp 5b\n"
        "7:  movq %rdx, %rcx\n"
        "    rep movsb\n"
        "8:  xorl %eax, %eax\n"
        "2:  ret\n"
        ".size host_guard_copy, . - host_guard_copy\n" HOST_GUARD_PLACE);

/* Both relative to themselves. */
struct guard_place {
    int32_t begin, end;
};
#define HIDDEN __attribute__((visibility("hidden")))
extern const struct guard_place first_place[] __asm__("__start_host_guard_places") HIDDEN;
extern const struct guard_place last_place[] __asm__("__stop_host_guard_places") HIDDEN;

/* 0: at is in none. Otherwise the end of its place. */
static uintptr_t end_of_place(uintptr_t at)
{
    for (const struct guard_place *place = first_place; place < last_place; place++) {
        uintptr_t begin = (uintptr_t)&place->begin + (uintptr_t)(intptr_t)place->begin;
        uintptr_t end = (uintptr_t)&place->end + (uintptr_t)(intptr_t)place->end;
        if (at >= begin && at < end)
            return end;
    }
    return 0;
}

int host_guard_ready;
static struct sigaction earlier[2]; /* of SIGSEGV and SIGBUS */

static void pass_on(int number, siginfo_t *info, void *context)
{
    const struct sigaction *before = &earlier[number == SIGBUS];
    if ((before->sa_flags & SA_SIGINFO) != 0) {
        before->sa_sigaction(number, info, context);
    } else if (before->sa_handler != SIG_DFL && before->sa_handler != SIG_IGN) {
        before->sa_handler(number);
    } else {
        /* The instruction faults again, and the kernel does what it does without a handler. */
        struct sigaction none = {.sa_handler = SIG_DFL};
        (void)sigaction(number, &none, NULL);
        if (info->si_code <= 0) /* sent by somebody, not a fault: nothing would happen again */
            (void)raise(number);
    }
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    ucontext_t *where = context;
    uintptr_t at = (uintptr_t)where->uc_mcontext.gregs[REG_RIP];
    uintptr_t end = info->si_code > 0 ? end_of_place(at) : 0;
    if (end != 0)
        where->uc_mcontext.gregs[REG_RIP] = (greg_t)end;
    else
        pass_on(number, info, context);
}

__attribute__((constructor(101))) static void install(void)
{
    static const int numbers[] = {SIGSEGV, SIGBUS};
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK | SA_RESTART};
    int good = 1;
    /* valgrind tells a wrong instruction pointer of some faults: there the kernel is asked. */
    if (host_under_valgrind())
        return;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < 2; i++)
        good &= sigaction(numbers[i], &action, &earlier[i]) == 0;
    host_guard_ready = good;
}

#else

int host_guard_ready;

int host_guard_copy(void *to, const void *from, size_t bytes)
{
    (void)to, (void)from, (void)bytes;
    return 1;
}

#endif
