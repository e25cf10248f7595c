/* SPDX-License-Identifier: MIT */
/*
 * echo_bench.c - measures what a round trip costs the echo servers, all under the same load.
 *
 * Linux code; the servers are programs of their own. Each run starts every server in turn, pinned to one
 * CPU, sends it the same round trips and reads how much CPU time its process took for them. Runs are
 * interleaved, so what the machine does meanwhile hits all servers alike; the result is the median of
 * the ratios to the POSIX server of the same run.
 *
 * Usage: echo_bench [--quick] [--json FILE] POSIX_SERVER NTSOCK_SERVER PASSTHROUGH_SO
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS_MAX = 64, CONNECTIONS_MAX = 64, MESSAGE_BYTES = 64, DRIVERS_BYTES = 16384 };

struct server {
    const char *name;
    const char *path;
    char drivers[DRIVERS_BYTES];
};

struct workload {
    const char *name;
    int connections;
    int same_cpu;
    int round_trips; /* of all connections together, full run */
};
static const struct workload workloads[] = {
    {"echo_64_1_same_cpu", 1, 1, 40000},
    {"echo_64_1", 1, 0, 40000},
    {"echo_64_16", 16, 0, 80000},
};

struct sample {
    double cpu_us;  /* of the server, per round trip */
    double wall_us; /* per round trip */
};

static void fail(const char *what)
{
    fprintf(stderr, "echo_bench: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double seconds(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0)
        fail("clock_gettime");
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void pin(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        fail("sched_setaffinity");
}

/* The first and the last CPU that this process may use. */
static void find_cpus(int *ret_first, int *ret_last)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        fail("sched_getaffinity");
    *ret_first = -1;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &set))
            continue;
        if (*ret_first < 0)
            *ret_first = cpu;
        *ret_last = cpu;
    }
}

static pid_t start_server(const struct server *server, int cpu, int *ret_port)
{
    int out[2];
    char text[16] = "";
    if (pipe(out) != 0)
        fail("pipe");
    pid_t child = fork();
    if (child < 0)
        fail("fork");
    if (child == 0) {
        pin(cpu);
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        close(out[1]);
        unsetenv("NTSOCK_DRIVERS");
        if (server->drivers[0] != '\0')
            setenv("NTSOCK_DRIVERS", server->drivers, 1);
        execl(server->path, server->path, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    if (read(out[0], text, sizeof text - 1) <= 0) {
        fprintf(stderr, "echo_bench: %s does not start\n", server->name);
        exit(1);
    }
    close(out[0]);
    *ret_port = atoi(text);
    return child;
}

static int open_connection(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

/* One message on each connection, and all of it back. */
static void exchange(const int *fds, int count)
{
    char message[MESSAGE_BYTES] = "echo";
    for (int i = 0; i < count; i++)
        if (send(fds[i], message, sizeof message, MSG_NOSIGNAL) != sizeof message)
            fail("send");
    for (int i = 0; i < count; i++)
        if (recv(fds[i], message, sizeof message, MSG_WAITALL) != sizeof message)
            fail("recv");
}

static struct sample measure(const struct server *server, const struct workload *workload, int round_trips,
    int server_cpu, int load_cpu)
{
    int fds[CONNECTIONS_MAX], port;
    clockid_t clock;
    int rounds = round_trips / workload->connections;
    pid_t child = start_server(server, server_cpu, &port);
    pin(workload->same_cpu ? server_cpu : load_cpu);
    for (int i = 0; i < workload->connections; i++)
        fds[i] = open_connection(port);
    for (int i = 0; i < rounds / 10 + 1; i++)
        exchange(fds, workload->connections); /* warm */

    if (clock_getcpuclockid(child, &clock) != 0)
        fail("clock_getcpuclockid");
    double cpu = seconds(clock), wall = seconds(CLOCK_MONOTONIC);
    for (int i = 0; i < rounds; i++)
        exchange(fds, workload->connections);
    double done = (double)rounds * workload->connections;
    struct sample sample = {.cpu_us = (seconds(clock) - cpu) * 1e6 / done,
        .wall_us = (seconds(CLOCK_MONOTONIC) - wall) * 1e6 / done};

    for (int i = 0; i < workload->connections; i++)
        close(fds[i]);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return sample;
}

static int compare(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

/* Sorts values in place. */
static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare);
    return count % 2 != 0 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static void report(FILE *json, const struct workload *workload, const struct server *servers, int count,
    struct sample samples[][RUNS_MAX], int runs)
{
    printf("\n%-34s %12s %12s %8s   %s\n", workload->name, "server CPU", "wall", "ratio", "ratios of the runs");
    printf("%-34s %12s %12s %8s   %s\n", "", "us/round", "us/round", "of CPU", "min .. max");
    for (int s = 0; s < count; s++) {
        double cpu[RUNS_MAX], wall[RUNS_MAX], ratio[RUNS_MAX];
        for (int run = 0; run < runs; run++) {
            cpu[run] = samples[s][run].cpu_us;
            wall[run] = samples[s][run].wall_us;
            ratio[run] = samples[s][run].cpu_us / samples[0][run].cpu_us;
        }
        double m = median(ratio, runs), c = median(cpu, runs), w = median(wall, runs);
        printf("  %-32s %12.2f %12.2f %8.3f   %.3f .. %.3f\n", servers[s].name, c, w, m, ratio[0],
            ratio[runs - 1]);
        if (json != NULL)
            fprintf(json,
                "{\"name\":\"%s\",\"server\":\"%s\",\"runs\":%d,\"cpu_us_per_op\":%.3f,"
                "\"wall_us_per_op\":%.3f,\"ratio\":%.4f,\"ratio_min\":%.4f,\"ratio_max\":%.4f}\n",
                workload->name, servers[s].name, runs, c, w, m, ratio[0], ratio[runs - 1]);
    }
    fflush(stdout);
}

static void layer(struct server *server, const char *spec, int depth)
{
    for (int i = 0; i < depth; i++) {
        size_t used = strlen(server->drivers);
        snprintf(server->drivers + used, sizeof server->drivers - used, "%s%s", i > 0 ? ";" : "", spec);
    }
}

int main(int argc, char **argv)
{
    static struct sample samples[8][RUNS_MAX];
    int quick = 0, at = 1, first = 0, last = 0, count = 0;
    FILE *json = NULL;
    char slow[1024];
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp(argv[at], "--quick") == 0)
            quick = 1;
        else if (strcmp(argv[at], "--json") == 0 && at + 1 < argc && (json = fopen(argv[++at], "w")) == NULL)
            fail(argv[at]);
    }
    if (argc - at != 3) {
        fprintf(stderr, "usage: echo_bench [--quick] [--json FILE] POSIX_SERVER NTSOCK_SERVER PASSTHROUGH\n");
        return 2;
    }
    static struct server servers[8];
    servers[count++] = (struct server){.name = "posix", .path = argv[at]};
    servers[count++] = (struct server){.name = "ntsock", .path = argv[at + 1]};
    servers[count++] = (struct server){.name = "ntsock, 1 driver, fast I/O", .path = argv[at + 1]};
    servers[count++] = (struct server){.name = "ntsock, 1 driver, IRPs only", .path = argv[at + 1]};
    servers[count++] = (struct server){.name = "ntsock, 16 drivers, IRPs only", .path = argv[at + 1]};
    snprintf(slow, sizeof slow, "%s:fastio=0", argv[at + 2]);
    layer(&servers[2], argv[at + 2], 1);
    layer(&servers[3], slow, 1);
    layer(&servers[4], slow, 16);

    find_cpus(&first, &last);
    int runs = quick ? 7 : 21;
    printf("blocking echo of %d bytes, servers on CPU %d, load on CPU %d, %d interleaved runs\n", MESSAGE_BYTES,
        first, last, runs);
    for (size_t w = 0; w < sizeof workloads / sizeof workloads[0]; w++) {
        int round_trips = quick ? workloads[w].round_trips / 8 : workloads[w].round_trips;
        for (int run = 0; run < runs; run++)
            for (int s = 0; s < count; s++)
                samples[s][run] = measure(&servers[s], &workloads[w], round_trips, first, last);
        report(json, &workloads[w], servers, count, samples, runs);
    }
    if (json != NULL)
        fclose(json);
    return 0;
}
