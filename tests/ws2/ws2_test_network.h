/* SPDX-License-Identifier: MIT */
/*
 * ws2_test_network.h - a network of the test's own, which it may change.
 *
 * Plain Linux code behind it; needs no header.
 */
#ifndef WS2_TEST_NETWORK_H
#define WS2_TEST_NETWORK_H

/* The calling process, with one thread, enters a new network with nothing but a loopback. 0: not allowed here. */
int enter_own_network(void);
/* Gives the loopback one more address, 10.0.0.last. 0: failed. */
int add_address(int last);

#endif
