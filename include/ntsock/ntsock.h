/* SPDX-License-Identifier: MIT */
/*
 * ntsock.h - what ntsock offers beyond Windows: a look inside, drivers at run time, errata.
 *
 * Layer: public. Needs no Windows and no Linux header, so that tools and tests built against either can
 * use it. Every call may come from any thread and, but for ntsock_version, starts the stack if it is not running.
 *
 * Example: does this process hold sockets or requests it should have let go?
 *
 *     struct ntsock_diagnostics now;
 *     ntsock_query_diagnostics(&now);
 *     printf("%u handles, %u IRPs\n", now.handles, now.irps);
 */
#ifndef NTSOCK_H
#define NTSOCK_H

#ifdef __cplusplus
extern "C" {
#endif

#define NTSOCK_PUBLIC __attribute__((visibility("default")))

struct ntsock_diagnostics {
    unsigned handles;        /* open handles */
    unsigned objects;        /* objects alive, the stack's own devices and drivers not counted */
    unsigned irps;           /* IRPs allocated and not freed */
    unsigned endpoints;      /* AFD endpoints alive */
    unsigned pool_blocks;    /* pool blocks of the layers that should return to zero when idle */
    char pool_tags[120];     /* "Tag1:3 Tag2:1", the tags of pool_blocks */
};
NTSOCK_PUBLIC void ntsock_query_diagnostics(struct ntsock_diagnostics *ret_diagnostics);

/*
 * ntsock_load_driver - loads a layered driver now: NAME[:key=value,...] as for `ntsock run --driver`. It
 * attaches on top of what is attached already; requests made from now on pass through it, on
 * sockets that are open too. Returns 0, or -1 with a reason in *ret_reason (valid until the next call).
 */
NTSOCK_PUBLIC int ntsock_load_driver(const char *specification, const char **ret_reason);
/* Calls the driver's Unload routine. 0; -1: no such driver, no Unload routine, or requests in flight. */
NTSOCK_PUBLIC int ntsock_unload_driver(const char *name);

/* The device stack over \Device\Afd, top first. Returns the number of devices, which may exceed count. */
struct ntsock_device {
    char driver[64];
    char device[64];  /* empty for a device without a name */
    int stack_size;
    int fast_io;      /* has a FastIoDeviceControl routine */
};
NTSOCK_PUBLIC unsigned ntsock_query_device_stack(struct ntsock_device *devices, unsigned count);

struct ntsock_erratum {
    const char *id;        /* "Q201348" */
    const char *title;
    unsigned first_pack;   /* the first service pack of NT 4.0 that has it */
    unsigned fixed_pack;   /* the service pack that corrects it */
    int active;            /* under this process's profile */
};
NTSOCK_PUBLIC unsigned ntsock_query_errata(struct ntsock_erratum *errata, unsigned count);

NTSOCK_PUBLIC const char *ntsock_version(void); /* "0.1.0" */
NTSOCK_PUBLIC const char *ntsock_engine(void);  /* "epoll", "uring", "loop" */
/* service pack of the profile; -1 when everything is fixed, the default */
NTSOCK_PUBLIC int ntsock_service_pack(void);

#ifdef __cplusplus
}
#endif

#endif
