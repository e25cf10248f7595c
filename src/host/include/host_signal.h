/* SPDX-License-Identifier: MIT */
/*
 * host_signal.h - the signals by which a terminal or a service manager ends a program.
 *
 * Layer: host. Signals are counted in the handler and taken by a thread of the caller's, which may
 * then do anything: nothing above the host ever runs in a signal handler.
 */
#ifndef HOST_SIGNAL_H
#define HOST_SIGNAL_H

enum host_signal {
    HOST_SIGNAL_INTERRUPT,
    HOST_SIGNAL_QUIT,
    HOST_SIGNAL_TERMINATE,
    HOST_SIGNAL_HANGUP,
    HOST_SIGNAL_COUNT
};

void host_signal_catch(enum host_signal which);   /* from now on count it */
void host_signal_default(enum host_signal which); /* from now on let it do what it does */
void host_signal_ignore(enum host_signal which);
/* As if it had come from outside; also serves to wake host_signal_wait. */
void host_signal_post(enum host_signal which);
/* Sleeps until a caught signal is there and takes it. One thread at a time. */
enum host_signal host_signal_wait(void);
/* Ends the process the way the signal does by default. */
void host_signal_die(enum host_signal which) __attribute__((noreturn));

#endif
