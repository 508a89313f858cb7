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
#define PEWTER_ABI 2

/* The version that the loaded library has. */
int pewter_abi(void);

/* A sentence about the last failure on this thread; valid until the next one on it. Empty before the first. */
const char *pewter_error(void);

/* ---- Connections -------------------------------------------------------------------------------------------------------------- */

/* Connects to a daemon: unix:PATH, tcp://HOST:PORT, tls://HOST:PORT. NULL: the one of this environment (PEWTER_URL, PEWTER_SOCKET,
 * PEWTER_STATE, or the usual place). A token is for the network; NULL: none. Returns a handle. */
int64_t pewter_connect(const char *address, const char *token);

/* Lets go of anything that a handle names. A process that runs goes on, unless nobody else has it and it has ended; a mailbox is closed, and
 * what waits in it goes back to its senders; a membership is left; a stream ends. */
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

/* ---- Mail --------------------------------------------------------------------------------------------------------------------- */

/* Messages between programs, wherever they run; see docs/mail.md. Whom they are for is written as everywhere in Pewter: "printer",
 * "{8080}", "{8080,1}", "{8080,1,9}", "printer@{8080,1,1}", or a mailbox's own address. One thread at a time receives from a mailbox.
 *
 *     int64_t mail = pewter_mail(NULL), box = pewter_mail_open(mail, NULL);
 *     if (pewter_mail_service_exists(mail, "printer@{8080,1,1}", 10000) == 1)
 *         pewter_mail_send(box, "printer@{8080,1,1}", "hello", 5, 0);
 */

/* Attaches to the hub of this machine by its socket; NULL: what PEWTER_MAIL names, or the one beside the daemon's. Returns a handle. */
int64_t pewter_mail(const char *socket);

enum pewter_overflow { PEWTER_REJECT = 0, PEWTER_BLOCK = 1, PEWTER_DROP_NEWEST = 2, PEWTER_DROP_OLDEST = 3 };

struct pewter_mailbox {
    size_t size;       /* sizeof(struct pewter_mailbox) */
    int32_t capacity;  /* bytes that may wait in it; 0: 2 MiB */
    int32_t overflow;  /* enum pewter_overflow: what happens when it is full; a reliable message is never dropped silently */
};

/* Opens a mailbox with a new random address. options may be NULL. Returns a handle. */
int64_t pewter_mail_open(int64_t mail, const struct pewter_mailbox *options);

/* The address of a mailbox, such as 5f3a9c:1c2d:9e. Returns its length, as snprintf does. */
int pewter_mail_address(int64_t mailbox, char *buffer, size_t size);

/* Binds a mailbox to a name or numbers. Several may have the same and take turns, unless exclusive is not 0: -EADDRINUSE then. */
int pewter_mail_bind(int64_t mailbox, const char *name, int exclusive);

/* Withdraws a name. Returns 1, or 0 when it has none such. */
int pewter_mail_unbind(int64_t mailbox, const char *name);

enum pewter_send_flags {
    PEWTER_MEDIUM = 1, PEWTER_HIGH = 2, PEWTER_CRITICAL = 3, /* importance: a full mailbox takes two, four, eight times as much */
    PEWTER_UNRELIABLE = 4, /* may be dropped; nothing comes back */
    PEWTER_NEAR = 8,       /* of several owners one of this process or node first */
    PEWTER_NO_WAIT = 16    /* -ENOBUFS instead of waiting for room, -EHOSTUNREACH instead of asking the hub for a name that is new here */
};

/* Sends a copy of a message; of several owners of a name each gets one in turn. -EHOSTUNREACH: nobody is bound to it; -ECONNREFUSED: the
 * mailbox is closed; -EHOSTDOWN: its process or machine is lost. What is found out later comes back as a message. */
int pewter_mail_send(int64_t mailbox, const char *to, const void *body, size_t length, uint32_t flags);

/* Sends a copy to each owner of a name. Returns how many there are. */
int pewter_mail_multicast(int64_t mailbox, const char *to, const void *body, size_t length, uint32_t flags);

enum pewter_message_kind {
    PEWTER_DATA = 0,
    PEWTER_REJECTED = 1, /* an own message that has come back; reason says why */
    PEWTER_WANTS_STREAM = 2,
    PEWTER_JOINED = 3,   /* a member of the group: before its first message */
    PEWTER_LEFT = 4      /* after its last */
};

enum pewter_reason { PEWTER_NO_NAME = 1, PEWTER_NO_PORT = 2, PEWTER_NODE_GONE = 3, PEWTER_OVERLOAD = 4, PEWTER_SHUT = 5 };

struct pewter_message {
    size_t size;        /* sizeof(struct pewter_message), set by the caller */
    size_t length;      /* bytes of the body */
    int32_t kind;       /* enum pewter_message_kind */
    int32_t reason;     /* enum pewter_reason; 0 for what did not come back */
    uint64_t request;   /* not 0: an answer is awaited, see pewter_mail_reply */
    uint32_t type;      /* the service and instance it was sent to, or the group and member it tells of; 0 and 0: none */
    uint32_t instance;
    int32_t importance;
    uint32_t multicast; /* 1: it was sent to many */
    char from[64];      /* who sent it, or whom it was for when it came back */
};

/* Takes the next message, waiting for it, and copies its body. Returns 1, or 0 when the time is over first. A body that is longer than size
 * stays: -EMSGSIZE, and message->length says how much room it needs. */
int pewter_mail_receive(int64_t mailbox, int64_t timeout_ms, void *body, size_t size, struct pewter_message *message);

/* Answers a request. */
int pewter_mail_reply(int64_t mailbox, const struct pewter_message *request, const void *body, size_t length);

/* Sends a request and waits for its answer. Returns the answer's length, which may be more than size: the rest is cut. -ETIMEDOUT: no answer
 * in time; a rejection as pewter_mail_send says it. */
ssize_t pewter_mail_request(
    int64_t mailbox, const char *to, const void *body, size_t length, int64_t deadline_ms, void *answer, size_t size);

/* Whether somebody is bound to a name, waiting for it as long as that. Returns 1 or 0. */
int pewter_mail_service_exists(int64_t mail, const char *name, int64_t timeout_ms);

enum pewter_event_kind { PEWTER_UP = 1, PEWTER_DOWN = 2, PEWTER_TIMEOUT = 3 };

struct pewter_event {
    size_t size;    /* sizeof(struct pewter_event), set by the caller */
    int32_t kind;   /* enum pewter_event_kind; a subscription ends with PEWTER_TIMEOUT */
    uint32_t reserved;
    char from[64];  /* the mailbox */
    char name[320]; /* the name as its owner has bound it */
};

/* Subscribes to a name: those who are there, then who comes and goes. each 0: the first to come and the last to go; else every one. The
 * subscription ends after timeout_ms. Returns a handle. */
int64_t pewter_mail_subscribe(int64_t mail, const char *name, int each, int64_t timeout_ms);

/* The next event. Returns 1, or 0 when the time is over first, or the subscription. */
int pewter_mail_next_event(int64_t subscription, int64_t timeout_ms, struct pewter_event *event);

/* Asks the owner of a name for a stream of bytes in order, both ways, with flow control. Returns a handle for pewter_read and pewter_write. */
int64_t pewter_mail_connect(int64_t mailbox, const char *to, int64_t deadline_ms);

/* Grants the stream that the message received last asks for (PEWTER_WANTS_STREAM). Returns a handle. */
int64_t pewter_mail_accept(int64_t mailbox);

/* Makes a mailbox a member of a closed group; who joins and leaves is told among the messages. Returns a handle of the membership. */
int64_t pewter_mail_join(int64_t mailbox, uint32_t group, uint32_t member);

/* Sends to all other members. Returns how many there are. */
int pewter_mail_broadcast(int64_t membership, const void *body, size_t length);

enum pewter_transport {
    PEWTER_UNKNOWN = 0, PEWTER_IN_PROCESS = 1, PEWTER_SHARED_MEMORY = 2, PEWTER_SAME_HOST = 3, PEWTER_SAME_SEGMENT = 4, PEWTER_RELAYED = 5
};

/* How messages get to a mailbox by its address, from the nearest way to the farthest: enum pewter_transport. */
int pewter_mail_transport(int64_t mail, const char *address);

/* ---- Files of the tree -------------------------------------------------------------------------------------------------------- */

/* Reads a file of the tree, such as /node/status, from its start. Returns its length, which may be more than size: the rest is cut. */
ssize_t pewter_read_file(int64_t connection, const char *path, void *buffer, size_t size);

/* Gives a command to a ctl of the tree, in rc quoting: "alloc n=4 kind=cell". */
int pewter_command(int64_t connection, const char *ctl, const char *line);

#ifdef __cplusplus
}
#endif

#endif
