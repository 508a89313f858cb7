// The rivals: what a C program reaches with nothing but system calls.
//   ceiling launch PROGRAM THREADS SECONDS   posix_spawn, read its pipe to the end, waitpid; prints launches a second
//   ceiling write BYTES, ceiling read        what `pair` does with the socket pair, on stdout and stdin; read prints the bytes
//   ceiling pair BYTES                       one process writes into a socket pair, another reads; prints bytes a second
#define _GNU_SOURCE
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
static const char *program;
static double until;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void *launch(void *count) {
    char *arguments[] = {(char *)program, NULL};
    while (now() < until) {
        int ends[2];
        char buffer[4096];
        pid_t child;
        if (pipe2(ends, O_CLOEXEC)) exit(1);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
        if (posix_spawn(&child, program, &actions, NULL, arguments, environ)) exit(1);
        posix_spawn_file_actions_destroy(&actions);
        close(ends[1]);
        while (read(ends[0], buffer, sizeof buffer) > 0) {}
        close(ends[0]);
        int status;
        waitpid(child, &status, 0);
        ++*(long *)count;
    }
    return NULL;
}

static int launches(int threads, double seconds) {
    pthread_t ids[64];
    static long counts[64 * 8];
    double start = now();
    until = start + seconds;
    for (int i = 0; i < threads; i++) pthread_create(&ids[i], NULL, launch, &counts[i * 8]);
    long all = 0;
    for (int i = 0; i < threads; i++) { pthread_join(ids[i], NULL); all += counts[i * 8]; }
    printf("%.1f\n", all / (now() - start));
    return 0;
}

static int pair(long bytes) {
    int ends[2];
    static char buffer[65536];
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    double start = now();
    if (fork() == 0) {
        close(ends[0]);
        while (read(ends[1], buffer, sizeof buffer) > 0) {}
        _exit(0);
    }
    close(ends[1]);
    for (long left = bytes; left > 0; left -= sizeof buffer)
        if (write(ends[0], buffer, sizeof buffer) < 0) return 1;
    close(ends[0]);
    wait(NULL);
    printf("%.1f\n", bytes / (now() - start));
    return 0;
}

static int put(long bytes) {
    static char buffer[65536];
    for (long left = bytes; left > 0; left -= sizeof buffer)
        if (write(1, buffer, sizeof buffer) < 0) return 1;
    return 0;
}

static int take(void) {
    static char buffer[65536];
    long all = 0, got;
    while ((got = read(0, buffer, sizeof buffer)) > 0) all += got;
    printf("%ld\n", all);
    return 0;
}

int main(int count, char **arguments) {
    if (count == 5 && !strcmp(arguments[1], "launch")) {
        program = arguments[2];
        return launches(atoi(arguments[3]), atof(arguments[4]));
    }
    if (count == 3 && !strcmp(arguments[1], "write")) return put(atol(arguments[2]));
    if (count == 2 && !strcmp(arguments[1], "read")) return take();
    return count == 3 && !strcmp(arguments[1], "pair") ? pair(atol(arguments[2])) : 2;
}
