// The oracle's script against the kernel's TIPC: each line says a fact, "name: what was seen". TipcScript.cs is the same against ours.
#include <errno.h>
#include <linux/tipc.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_tipc range(int kind, unsigned type, unsigned lower, unsigned upper)
{
    struct sockaddr_tipc a;
    memset(&a, 0, sizeof a);
    a.family = AF_TIPC;
    a.addrtype = kind;
    a.scope = TIPC_CLUSTER_SCOPE;
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

static int bound(unsigned type, unsigned lower, unsigned upper)
{
    int s = box();
    struct sockaddr_tipc a = range(TIPC_SERVICE_RANGE, type, lower, upper);
    return bind(s, (void *)&a, sizeof a) == 0 ? s : -1;
}

static int to(int s, int kind, unsigned type, unsigned lower, unsigned upper, int length)
{
    static char body[70000];
    struct sockaddr_tipc a = range(kind, type, lower, upper);
    return sendto(s, body, length, 0, (void *)&a, sizeof a) < 0 ? errno : 0;
}

static int count(int s)
{
    char body[70000];
    int n = 0;
    while (recv(s, body, sizeof body, MSG_DONTWAIT) > 0) n++;
    return n;
}

// The reason with which a message came back, or 0.
static int returned(int s)
{
    char body[70000], control[2000];
    struct iovec piece = { body, sizeof body };
    struct msghdr m = { .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    struct pollfd p = { s, POLLIN, 0 };
    if (poll(&p, 1, 2000) <= 0 || recvmsg(s, &m, 0) < 0) return 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
        if (c->cmsg_level == SOL_TIPC && c->cmsg_type == TIPC_ERRINFO) return ((int *)CMSG_DATA(c))[0];
    return 0;
}

static int subscribe(unsigned type, unsigned lower, unsigned upper, unsigned filter, unsigned timeout)
{
    int s = socket(AF_TIPC, SOCK_SEQPACKET, 0);
    struct sockaddr_tipc a = range(TIPC_SERVICE_ADDR, TIPC_TOP_SRV, TIPC_TOP_SRV, 0);
    struct tipc_subscr q = { .seq = { type, lower, upper }, .timeout = timeout, .filter = filter };
    if (connect(s, (void *)&a, sizeof a) || send(s, &q, sizeof q, 0) != sizeof q) return -1;
    return s;
}

static void events(const char *name, int s)
{
    struct pollfd p = { s, POLLIN, 0 };
    struct tipc_event e;
    printf("%s:", name);
    while (poll(&p, 1, 500) > 0 && recv(s, &e, sizeof e, 0) == sizeof e)
        printf(" %s", e.event == TIPC_PUBLISHED ? "up" : e.event == TIPC_WITHDRAWN ? "down" : "timeout");
    printf("\n");
}

static int join(unsigned type, unsigned instance)
{
    int s = box();
    struct tipc_group_req g = { type, instance, TIPC_CLUSTER_SCOPE, TIPC_GROUP_MEMBER_EVTS };
    return setsockopt(s, SOL_TIPC, TIPC_GROUP_JOIN, &g, sizeof g) == 0 ? s : -1;
}

static void group(int s)
{
    char body[100];
    struct iovec piece = { body, sizeof body };
    struct pollfd p = { s, POLLIN, 0 };
    printf("group order:");
    while (poll(&p, 1, 500) > 0) {
        struct msghdr m = { .msg_iov = &piece, .msg_iovlen = 1 };
        if (recvmsg(s, &m, 0) < 0) break;
        printf(" %s", !(m.msg_flags & MSG_OOB) ? "data" : m.msg_flags & MSG_EOR ? "left" : "joined");
    }
    printf("\n");
}

int main(void)
{
    int s = box();
    int a = bound(8080, 1, 1), b = bound(8080, 1, 1), c = bound(8080, 5, 9), d = bound(8080, 0, 3);
    printf("overlap: %s\n", a >= 0 && b >= 0 && c >= 0 && d >= 0 ? "allowed" : "refused");
    close(d);
    for (int i = 0; i < 10; i++) to(s, TIPC_SERVICE_ADDR, 8080, 1, 0, 10);
    int x = count(a), y = count(b);
    printf("anycast same: %d %d\n", x, y);
    d = bound(8080, 0, 3);
    for (int i = 0; i < 9; i++) to(s, TIPC_SERVICE_ADDR, 8080, 1, 0, 10);
    x = count(a), y = count(b);
    int z = count(d);
    printf("anycast overlapping: %s\n", x == 3 && y == 3 && z == 3 ? "fair" : "one range only");
    to(s, TIPC_SERVICE_RANGE, 8080, 0, 7, 10);
    x = count(a), y = count(b), z = count(c);
    printf("multicast: %d %d %d %d\n", x, y, z, count(d));
    printf("unbound: %d\n", to(s, TIPC_SERVICE_ADDR, 9999, 1, 0, 10));
    printf("66000 bytes: %d\n", to(s, TIPC_SERVICE_ADDR, 8080, 7, 0, 66000));
    printf("66001 bytes: %d\n", to(s, TIPC_SERVICE_ADDR, 8080, 7, 0, 66001));
    count(c);
    to(s, TIPC_SERVICE_ADDR, 8080, 7, 0, 10);
    close(c);
    printf("closed: reason %d\n", returned(s));
    int f = bound(8081, 1, 1), over = 0;
    for (int i = 0; i < 5000 && !over; i++) {
        struct pollfd p = { s, POLLIN, 0 };
        to(s, TIPC_SERVICE_ADDR, 8081, 1, 0, 1000);
        if (poll(&p, 1, 0) > 0) over = returned(s);
    }
    printf("full: reason %d\n", over);
    close(f);
    while (count(s) > 0 || returned(s)) { }
    int t = subscribe(8090, 0, 9, TIPC_SUB_SERVICE, TIPC_WAIT_FOREVER), u = subscribe(8090, 0, 9, TIPC_SUB_PORTS, TIPC_WAIT_FOREVER);
    usleep(100000);
    int g = bound(8090, 5, 5), h = bound(8090, 5, 5);
    usleep(100000);
    close(g);
    close(h);
    events("service", t);
    events("ports", u);
    events("times out", subscribe(8099, 0, 9, TIPC_SUB_SERVICE, 100));
    int k = bound(8095, 1, 1);
    events("there already", subscribe(8095, 0, 9, TIPC_SUB_SERVICE, TIPC_WAIT_FOREVER));
    close(k);
    int m = join(900, 1), n = join(900, 2);
    usleep(200000);
    send(n, "x", 1, 0);
    usleep(200000);
    close(n);
    group(m);
    printf("outsider: %d\n", to(s, TIPC_SERVICE_ADDR, 900, 1, 0, 10));
    printf("outsider's message: %d\n", count(m));
    return 0;
}
