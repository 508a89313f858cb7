// The oracle's second script, between two guests: "pair serve" in one, "pair ask" in the other, each line a fact as in script.c.
// "ask" says "cut?" and "heal?" and goes on when /tmp/cut and /tmp/healed are there. LinkScript.cs is the same against ours.
#include <errno.h>
#include <linux/tipc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOON 60000
#define QUIET 1500

static struct sockaddr_tipc range(int kind, unsigned type, unsigned lower, unsigned upper, int scope)
{
    struct sockaddr_tipc a;
    memset(&a, 0, sizeof a);
    a.family = AF_TIPC;
    a.addrtype = kind;
    a.scope = scope;
    if (kind == TIPC_SERVICE_ADDR) {
        a.addr.name.name.type = type;
        a.addr.name.name.instance = lower;
    } else {
        a.addr.nameseq.type = type;
        a.addr.nameseq.lower = lower;
        a.addr.nameseq.upper = upper;
    }
    return a;
}

static int box(void)
{
    int s = socket(AF_TIPC, SOCK_RDM, 0), off = 0;
    setsockopt(s, SOL_TIPC, TIPC_DEST_DROPPABLE, &off, sizeof off);
    return s;
}

static int bound(int s, unsigned type, unsigned lower, unsigned upper, int scope)
{
    struct sockaddr_tipc a = range(TIPC_SERVICE_RANGE, type, lower, upper, scope);
    return bind(s, (void *)&a, sizeof a) == 0 ? s : -1;
}

static int to(int s, int kind, unsigned type, unsigned lower, unsigned upper, const char *text)
{
    struct sockaddr_tipc a = range(kind, type, lower, upper, TIPC_CLUSTER_SCOPE);
    return sendto(s, text, strlen(text), 0, (void *)&a, sizeof a) < 0 ? errno : 0;
}

static int waits(int s, int time)
{
    struct pollfd p = { s, POLLIN, 0 };
    return poll(&p, 1, time) > 0;
}

// The reason with which a message came back; 0: none did.
static int returned(int s, int time)
{
    char body[1000], control[2000];
    while (waits(s, time)) {
        struct iovec piece = { body, sizeof body };
        struct msghdr m = { .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
        if (recvmsg(s, &m, 0) < 0) return 0;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
            if (c->cmsg_level == SOL_TIPC && c->cmsg_type == TIPC_ERRINFO) return ((int *)CMSG_DATA(c))[0];
    }
    return 0;
}

// The text of the next message that has not come back, and whose it is; "nothing" when none comes.
static const char *next(int s, int time, struct sockaddr_tipc *from)
{
    static char body[1000];
    socklen_t length = sizeof *from;
    struct sockaddr_tipc ignored;
    while (waits(s, time)) {
        int count = recvfrom(s, body, sizeof body - 1, 0, (void *)(from ? from : &ignored), &length);
        if (count <= 0) continue;
        body[count] = 0;
        return body;
    }
    return "nothing";
}

static int join(unsigned type, unsigned instance)
{
    int s = box();
    struct tipc_group_req g = { type, instance, TIPC_CLUSTER_SCOPE, TIPC_GROUP_MEMBER_EVTS };
    return setsockopt(s, SOL_TIPC, TIPC_GROUP_JOIN, &g, sizeof g) == 0 ? s : -1;
}

static const char *member(int s)
{
    char body[100];
    struct iovec piece = { body, sizeof body };
    struct msghdr m = { .msg_iov = &piece, .msg_iovlen = 1 };
    if (!waits(s, SOON) || recvmsg(s, &m, 0) < 0) return "nothing";
    return !(m.msg_flags & MSG_OOB) ? "data" : m.msg_flags & MSG_EOR ? "left" : "joined";
}

static const char *event(int s)
{
    struct tipc_event e;
    if (!waits(s, SOON) || recv(s, &e, sizeof e, 0) != sizeof e) return "nothing";
    return e.event == TIPC_PUBLISHED ? "up" : e.event == TIPC_WITHDRAWN ? "down" : "timeout";
}

static void await(const char *path)
{
    printf("%s\n", strcmp(path, "/tmp/cut") == 0 ? "cut?" : "heal?");
    while (access(path, F_OK) != 0) usleep(50000);
}

// Answers what "ask" wants to know of this side; the first letter says what.
static int serve(void)
{
    int s = bound(box(), 8200, 1, 1, TIPC_CLUSTER_SCOPE), many = bound(box(), 8204, 5, 9, TIPC_CLUSTER_SCOPE), doomed = -1, wrong = 0, seen = 0;
    int stream = bound(socket(AF_TIPC, SOCK_SEQPACKET, 0), 8203, 1, 1, TIPC_CLUSTER_SCOPE), group = join(901, 2);
    if (bound(box(), 8201, 1, 1, TIPC_NODE_SCOPE) < 0 || listen(stream, 1) != 0) return 1;
    for (struct sockaddr_tipc from;;) {
        char text[100];
        snprintf(text, sizeof text, "%s", next(s, -1, &from));
        char answer[100] = "";
        if (text[0] == 'n') wrong += atoi(text + 1) != seen, seen++;
        else if (text[0] == 'o') snprintf(answer, sizeof answer, "%d %s", seen, wrong ? "out of order" : "in order");
        else if (text[0] == 'm') snprintf(answer, sizeof answer, "%d", next(many, SOON, NULL)[0] == 'x');
        else if (text[0] == 'd') sendto(doomed = box(), "d", 1, 0, (void *)&from, sizeof from);
        else if (text[0] == 'x') close(doomed);
        else if (text[0] == 'g') send(group, "news", 4, 0);
        else if (text[0] == 'a') snprintf(answer, sizeof answer, "%s", accept(stream, NULL, NULL) >= 0 ? "accepted" : "not accepted");
        else snprintf(answer, sizeof answer, "%s", text);
        if (answer[0]) sendto(s, answer, strlen(answer), 0, (void *)&from, sizeof from);
    }
}

int main(int count, char **words)
{
    setlinebuf(stdout);
    if (count > 1 && strcmp(words[1], "serve") == 0) return serve();
    int s = box(), names = socket(AF_TIPC, SOCK_SEQPACKET, 0);
    struct sockaddr_tipc server, doomed, a = range(TIPC_SERVICE_ADDR, TIPC_TOP_SRV, TIPC_TOP_SRV, 0, 0);
    struct tipc_subscr q = { .seq = { 8200, 0, 9 }, .timeout = TIPC_WAIT_FOREVER, .filter = TIPC_SUB_SERVICE };
    if (connect(names, (void *)&a, sizeof a) || send(names, &q, sizeof q, 0) != sizeof q) return 1;
    printf("name: %s\n", event(names));
    printf("name of the other node alone: %d\n", to(s, TIPC_SERVICE_ADDR, 8201, 1, 0, "x"));
    to(s, TIPC_SERVICE_ADDR, 8200, 1, 0, "echo");
    printf("anycast: %s\n", next(s, SOON, &server));
    for (int i = 0; i < 100; i++) {
        char text[20];
        snprintf(text, sizeof text, "n%d", i);
        to(s, TIPC_SERVICE_ADDR, 8200, 1, 0, text);
    }
    to(s, TIPC_SERVICE_ADDR, 8200, 1, 0, "o");
    printf("order: %s\n", next(s, SOON, NULL));
    int own = bound(box(), 8204, 0, 6, TIPC_CLUSTER_SCOPE);
    to(s, TIPC_SERVICE_RANGE, 8204, 0, 9, "x");
    int here = next(own, SOON, NULL)[0] == 'x';
    to(s, TIPC_SERVICE_ADDR, 8200, 1, 0, "m");
    printf("multicast: %d %s\n", here, next(s, SOON, NULL));
    to(s, TIPC_SERVICE_ADDR, 8200, 1, 0, "d");
    next(s, SOON, &doomed);
    sendto(s, "unread", 6, 0, (void *)&doomed, sizeof doomed);
    to(s, TIPC_SERVICE_ADDR, 8200, 1, 0, "x");
    printf("closed: reason %d\n", returned(s, SOON));
    int group = join(901, 1);
    const char *first = member(group);
    to(s, TIPC_SERVICE_ADDR, 8200, 1, 0, "g");
    printf("group: %s %s\n", first, member(group));
    int stream = socket(AF_TIPC, SOCK_SEQPACKET, 0);
    a = range(TIPC_SERVICE_ADDR, 8203, 1, 0, TIPC_CLUSTER_SCOPE);
    to(s, TIPC_SERVICE_ADDR, 8200, 1, 0, "a");
    int connected = connect(stream, (void *)&a, sizeof a);
    printf("connection: %d %s\n", connected, next(s, SOON, NULL));
    await("/tmp/cut");
    int sent = sendto(s, "under way", 9, 0, (void *)&server, sizeof server) < 0 ? errno : 0;
    printf("cut, sent at once: %d\n", sent);
    printf("cut, name: %s\n", event(names));
    printf("cut, under way: reason %d\n", returned(s, QUIET));
    printf("cut, group: %s\n", member(group));
    char byte;
    printf("cut, connection: %d\n", waits(stream, SOON) && recv(stream, &byte, 1, 0) >= 0 ? 0 : errno);
    printf("cut, to the name: %d\n", to(s, TIPC_SERVICE_ADDR, 8200, 1, 0, "x"));
    sent = sendto(s, "x", 1, 0, (void *)&server, sizeof server) < 0 ? errno : 0;
    printf("cut, to the mailbox: %d, reason %d\n", sent, returned(s, QUIET));
    await("/tmp/healed");
    printf("healed, name: %s\n", event(names));
    printf("healed, group: %s\n", member(group));
    to(s, TIPC_SERVICE_ADDR, 8200, 1, 0, "still here");
    printf("healed, anycast: %s\n", next(s, SOON, NULL));
    sendto(s, "back", 4, 0, (void *)&server, sizeof server);
    printf("healed, to the mailbox: %s\n", next(s, SOON, NULL));
    printf("end\n");
    return 0;
}
