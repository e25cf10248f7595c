/* SPDX-License-Identifier: MIT */
/*
 * host_guard.c - looking at memory that may not be there, at the price of looking.
 *
 * Layer: host. NT counterpart: structured exceptions around user buffers. A few instructions, in a range of
 * their own, read and write addresses of the program; a handler for SIGSEGV and SIGBUS sends a fault
 * inside that range to its end, where it becomes a result, and passes every other one on to whoever
 * handled the signal before, or to the default action. So a good pointer costs a few nanoseconds and a bad
 * one a signal. What the debugger shows as SIGSEGV in host_guard_xxx is a program's bad pointer, and is handled.
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

/* No stack is used between begin and end, so that any instruction there can be left for fault. */
__asm__(".text\n"
        ".p2align 4\n"
        ".hidden host_guard_begin, host_guard_end\n"
        ".globl host_guard_begin, host_guard_end\n"
        ".hidden host_guard_copy, host_guard_read, host_guard_store, host_guard_write\n"
        ".globl host_guard_copy, host_guard_read, host_guard_store, host_guard_write\n"
        ".type host_guard_copy, @function\n"
        ".type host_guard_read, @function\n"
        ".type host_guard_store, @function\n"
        ".type host_guard_write, @function\n"
        "host_guard_begin:\n"
        "host_guard_copy:\n" /* rdi to, rsi from, rdx bytes */
        "    cmpq $128, %rdx\n"
        "    jae 3f\n"
        "5:  cmpq $16, %rdx\n"
        "    jb 1f\n"
        "    movups (%rsi), %xmm0\n"
        "    movups %xmm0, (%rdi)\n"
        "    addq $16, %rsi\n"
        "    addq $16, %rdi\n"
        "    subq $16, %rdx\n"
        "    jne 5b\n"
        "    xorl %eax, %eax\n"
        "    ret\n"
        "1:  cmpq $8, %rdx\n"
        "    jb 2f\n"
        "    movq (%rsi), %rax\n"
        "    movq %rax, (%rdi)\n"
        "    addq $8, %rsi\n"
        "    addq $8, %rdi\n"
        "    subq $8, %rdx\n"
        "    jmp 1b\n"
        "2:  testq %rdx, %rdx\n"
        "    je 4f\n"
        "    movb (%rsi), %al\n"
        "    movb %al, (%rdi)\n"
        "    incq %rsi\n"
        "    incq %rdi\n"
        "    decq %rdx\n"
        "    jmp 2b\n"
        "3:  movq %rdx, %rcx\n"
        "    rep movsb\n"
        "4:  xorl %eax, %eax\n"
        "    ret\n"
        "host_guard_read:\n" /* rdi address */
        "    movb (%rdi), %al\n"
        "    xorl %eax, %eax\n"
        "    ret\n"
        "host_guard_store:\n" /* rdi address, esi value */
        "    movl %esi, (%rdi)\n"
        "    xorl %eax, %eax\n"
        "    ret\n"
        "host_guard_write:\n" /* with nothing, atomically: other threads may be writing there */
        "    lock orb $0, (%rdi)\n"
        "    xorl %eax, %eax\n"
        "    ret\n"
        "host_guard_end:\n"
        "    movl $1, %eax\n"
        "    ret\n"
        ".size host_guard_copy, host_guard_read - host_guard_copy\n"
        ".size host_guard_read, host_guard_store - host_guard_read\n"
        ".size host_guard_store, host_guard_write - host_guard_store\n"
        ".size host_guard_write, host_guard_end - host_guard_write\n");

extern const char host_guard_begin[], host_guard_end[];

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
    greg_t at = where->uc_mcontext.gregs[REG_RIP];
    if (info->si_code > 0 && at >= (greg_t)(uintptr_t)host_guard_begin && at < (greg_t)(uintptr_t)host_guard_end)
        where->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)host_guard_end;
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

int host_guard_read(const void *address)
{
    (void)address;
    return 1;
}

int host_guard_store(uint32_t *address, uint32_t value)
{
    (void)address, (void)value;
    return 1;
}

int host_guard_write(void *address)
{
    (void)address;
    return 1;
}

#endif
