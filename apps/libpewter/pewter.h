/*
 * libpewter: a datacentre as a C program uses it. Programs run on any node, one or a thousand at a time, as if they ran here.
 *
 * Every call blocks until it is done, and may be made by any thread. A call that can fail returns a negative errno value then, and
 * pewter_error() says in a sentence what was wrong and what helps. Things are named by handles, which are positive numbers; a handle
 * that is unknown or closed gives -EBADF. Times are milliseconds; a negative time waits for ever.
 *
 *     int64_t lab = pewter_connect(NULL, NULL);
 *     const char *argv[] = {"hostname", NULL};
 *     struct pewter_spec spec = {.size = sizeof spec, .argv = argv, .on = "kind=cell"};
 *     int64_t workers[16], group = pewter_spawn_n(lab, 16, &spec, workers);
 *     struct pewter_exit exit = {.size = sizeof exit};
 *     while (pewter_wait_next(group, -1, &exit) > 0) printf("%lld: %d\n", (long long)exit.process, exit.shell_code);
 *     pewter_close(group);
 *     pewter_close(lab);
 *
 * Structs begin with their size, so that a program and a library of different ages understand each other: what a caller's struct does not
 * have is taken for 0, and what a library does not know must be 0.
 */
#ifndef PEWTER_H
#define PEWTER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The library itself ------------------------------------------------------------------------------------------------------- */

/* The version of this interface. It grows when something is added; what is there never changes its meaning. */
#define PEWTER_ABI 1

/* The version that the loaded library has. */
int pewter_abi(void);

/* A sentence about the last failure on this thread; valid until the next one on it. Empty before the first. */
const char *pewter_error(void);

/* ---- Connections -------------------------------------------------------------------------------------------------------------- */

/* Connects to a daemon: unix:PATH, tcp://HOST:PORT, tls://HOST:PORT. NULL: the one of this environment (PEWTER_URL, PEWTER_SOCKET,
 * PEWTER_STATE, or the usual place). A token is for the network; NULL: none. Returns a handle. */
int64_t pewter_connect(const char *address, const char *token);

/* Lets go of a connection, a process, a group or a stream. What runs goes on, unless nobody else has it and it has ended. */
int pewter_close(int64_t handle);

/* ---- Processes ---------------------------------------------------------------------------------------------------------------- */

enum pewter_flags {
    PEWTER_PACK = 1,         /* fill a node before the next one is used; otherwise processes are spread */
    PEWTER_LEAST_LOADED = 2, /* use the most idle nodes */
    PEWTER_BEST_EFFORT = 4,  /* pewter_spawn_n: as many as there is room for; otherwise all or none */
    PEWTER_TERMINAL = 8,     /* give it a terminal; its errors are part of its output then */
    PEWTER_KEEP_OUTPUT = 16, /* hold it back when nobody reads; otherwise the oldest output is dropped */
    PEWTER_DEAL_INPUT = 32,  /* deal a group's input out line by line; otherwise all get all of it */
    PEWTER_EXPLICIT_EOF = 64,/* its input ends with pewter_end_input() only; otherwise also when its last writer has closed it */
    PEWTER_PERSISTENT = 128  /* stays in the tree after its end, until it is wiped */
};

struct pewter_spec {
    size_t size;              /* sizeof(struct pewter_spec) */
    const char *const *argv;  /* the program, a path on the node or a name in its PATH, and its arguments; ends with NULL */
    const char *const *env;   /* NAME=VALUE beyond what the node gives; ends with NULL; may be NULL */
    const char *const *files; /* files of this machine that the nodes are to have; it starts in their directory; ends with NULL; may be NULL */
    const char *on;           /* which nodes: a query such as kind=cell/mem>=1G; NULL: this machine, and for a group any node */
    const char *dir;          /* where it starts; NULL: the directory of its files, or the node's root */
    const char *user;         /* who it runs as; NULL: who asks */
    const char *job;          /* the work it belongs to, for queries; NULL: none */
    double cpus;              /* limits of each with its children: CPUs' worth of time, */
    int64_t memory;           /*   bytes of memory, */
    int32_t processes;        /*   processes, */
    int32_t open_files;       /*   and open files of each; 0: no limit */
    uint32_t flags;           /* enum pewter_flags */
    uint32_t reserved;        /* 0 */
};

/* Starts a program. Returns a handle when it runs. */
int64_t pewter_spawn(int64_t connection, const struct pewter_spec *spec);

/* Starts a program n times, over the nodes that the spec asks for; each has PEWTER_INDEX and PEWTER_COUNT in its environment. Fills
 * processes[0..n-1] with their handles, 0 behind the last when fewer were started. Returns a handle of all of them as a group. */
int64_t pewter_spawn_n(int64_t connection, int n, const struct pewter_spec *spec, int64_t *processes);

/* Finds a process by its id in the tree, such as 7 or 7/3. Returns a handle. */
int64_t pewter_find(int64_t connection, const char *id);

/* The id in the tree of a process or group. Returns its length, as snprintf does. */
int pewter_id(int64_t process, char *buffer, size_t size);

/* The directory in the tree of the node of a process of a group: /node/n3. Returns its length, as snprintf does; 0: not known. */
int pewter_node(int64_t process, char *buffer, size_t size);

/* Kills a process, or all of a group: at once when grace_ms is 0, else asks with SIGTERM first and kills what has not ended after that. */
int pewter_kill(int64_t process, int64_t grace_ms);

/* Sends a signal to a process, or to all of a group. */
int pewter_signal(int64_t process, int signal);

/* Kills what runs of it and removes it from the tree. */
int pewter_wipe(int64_t process);

/* ---- Waiting ------------------------------------------------------------------------------------------------------------------ */

enum pewter_cause {
    PEWTER_EXITED = 0,      /* by itself, with a code */
    PEWTER_SIGNALLED = 1,   /* a signal killed it */
    PEWTER_OUT_OF_MEMORY = 2,
    PEWTER_POLICY = 3,      /* a rule of the system or its owner ended it; the note says which */
    PEWTER_NODE_LOST = 4,   /* its node is gone, or did not come back within its lease */
    PEWTER_NOT_STARTED = 5, /* it could not be started on its node, though others of the group could */
    PEWTER_LOST = 6         /* over, and how is not known: its node's agent was killed in that moment */
};

struct pewter_exit {
    size_t size;         /* sizeof(struct pewter_exit), set by the caller */
    int64_t process;     /* whose it is */
    int32_t cause;       /* enum pewter_cause */
    int32_t shell_code;  /* what a shell would have as $?: the code, 128 and the signal, 126, 127, 255 */
    int32_t code;        /* the exit code; -1 when it did not exit by itself */
    int32_t signal;      /* the signal; 0 when none killed it */
    int64_t user_us;     /* CPU time in the program, in microseconds, with its descendants */
    int64_t system_us;   /* CPU time in the kernel */
    int64_t peak_memory; /* bytes */
    int64_t dropped;     /* bytes of output that nobody read in time */
    char note[256];      /* a sentence about anything unusual; may be cut */
};

/* Waits until a process is over; may be asked again and again. Returns 1, or 0 when the time is over first. exit may be NULL. */
int pewter_wait(int64_t process, int64_t timeout_ms, struct pewter_exit *exit);

/* Waits until one of several is over. Returns its handle, or 0 when the time is over first. */
int64_t pewter_wait_any(const int64_t *processes, int n, int64_t timeout_ms, struct pewter_exit *exit);

/* Waits for the next of a group that is over, each once, as waitpid(0) does. Returns its handle, or 0 when there is none left or the time is over. */
int64_t pewter_wait_next(int64_t group, int64_t timeout_ms, struct pewter_exit *exit);

/* Waits until all of a group are over. Returns 1, or 0 when the time is over first; exits[0..n-1] are in the order of the processes. */
int pewter_wait_all(int64_t group, int64_t timeout_ms, struct pewter_exit *exits, int n);

/* ---- Input and output --------------------------------------------------------------------------------------------------------- */

enum pewter_stream { PEWTER_STDIN = 0, PEWTER_STDOUT = 1, PEWTER_STDERR = 2 };

/* Opens a stream of a process or group; that of a group's output is lines, each behind the index of its process: "3: text". Returns a handle. */
int64_t pewter_open(int64_t process, int stream);

/* Reads at least one byte, waiting for it; 0 at the end. */
ssize_t pewter_read(int64_t stream, void *buffer, size_t size);

/* Writes all of it, waiting while the program does not read. Returns size. */
ssize_t pewter_write(int64_t stream, const void *data, size_t size);

/* Tells a process the end of its input, whoever has it open. */
int pewter_end_input(int64_t process);

/* Feeds the input of a process from the output of another, or from any file of the tree, on the shortest way between their nodes. */
int pewter_splice(int64_t process, const char *path, int from);

/* ---- Files of the tree -------------------------------------------------------------------------------------------------------- */

/* Reads a file of the tree, such as /node/status, from its start. Returns its length, which may be more than size: the rest is cut. */
ssize_t pewter_read_file(int64_t connection, const char *path, void *buffer, size_t size);

/* Gives a command to a ctl of the tree, in rc quoting: "alloc n=4 kind=cell". */
int pewter_command(int64_t connection, const char *ctl, const char *line);

#ifdef __cplusplus
}
#endif

#endif
