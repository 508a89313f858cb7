/* Calls everything of mail that pewter.h has and checks what comes back; says "ok" at the end. */
#include <errno.h>
#include <pewter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOON 60000
#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "line %d: %s does not hold; the last error is: %s\n", __LINE__, #condition, pewter_error()); \
            exit(1); \
        } \
    } while (0)

static char body[4096];

static struct pewter_message next(int64_t box)
{
    struct pewter_message message = {.size = sizeof message};
    CHECK(pewter_mail_receive(box, SOON, body, sizeof body, &message) == 1);
    return message;
}

static int is(struct pewter_message message, const char *text)
{
    return message.kind == PEWTER_DATA && message.length == strlen(text) && memcmp(body, text, message.length) == 0;
}

static void messages(int64_t mail)
{
    struct pewter_mailbox options = {.size = sizeof options, .capacity = 4096, .overflow = PEWTER_REJECT};
    int64_t one = pewter_mail_open(mail, NULL), two = pewter_mail_open(mail, &options);
    struct pewter_message message = {.size = sizeof message};
    char own[64], address[64];
    CHECK(one > 0 && two > 0 && pewter_mail_address(one, own, sizeof own) > 0 && pewter_mail_address(two, address, sizeof address) > 0);
    CHECK(pewter_mail_bind(two, "c-printer@{8080,1,1}", 0) == 0 && pewter_mail_service_exists(mail, "c-printer@{8080,1,1}", SOON) == 1);
    CHECK(pewter_mail_service_exists(mail, "c-nobody", 50) == 0);
    CHECK(pewter_mail_send(one, "{8080,1}", "hello", 5, PEWTER_HIGH) == 0);
    CHECK(pewter_mail_receive(two, SOON, body, 3, &message) == -EMSGSIZE && message.length == 5);
    message = next(two);
    CHECK(is(message, "hello") && strcmp(message.from, own) == 0 && message.type == 8080 && message.instance == 1);
    CHECK(message.importance == PEWTER_HIGH && message.request == 0 && pewter_mail_transport(mail, message.from) == PEWTER_IN_PROCESS);
    CHECK(pewter_mail_reply(two, &message, "x", 1) == -EINVAL);
    CHECK(pewter_mail_receive(two, 20, body, sizeof body, &message) == 0);
    CHECK(pewter_mail_bind(one, "c-printer", 0) == 0 && pewter_mail_multicast(one, "c-printer", "all", 3, 0) == 2);
    message = next(one);
    CHECK(is(message, "all") && message.multicast == 1 && is(next(two), "all"));
    CHECK(pewter_mail_unbind(one, "c-printer") == 1 && pewter_mail_unbind(one, "c-printer") == 0);

    /* What is wrong is said at once, or comes back. */
    CHECK(pewter_mail_send(one, "c-nobody", "x", 1, 0) == -EHOSTUNREACH && strstr(pewter_error(), "c-nobody") != NULL);
    CHECK(pewter_mail_send(one, "no name", "x", 1, 0) == -EINVAL && pewter_mail_send(one, address, body, 64 << 20, 0) == -EMSGSIZE);
    CHECK(pewter_mail_bind(one, "c-alone", 1) == 0 && pewter_mail_bind(two, "c-alone", 0) == -EADDRINUSE);
    int full = 0;
    while (full == 0) full = pewter_mail_send(one, address, body, 1000, PEWTER_NO_WAIT);
    CHECK(full == -ENOBUFS);
    CHECK(pewter_close(two) == 0);
    message = next(one);
    CHECK(message.kind == PEWTER_REJECTED && message.reason == PEWTER_NO_PORT && strcmp(message.from, address) == 0);
    CHECK(pewter_mail_send(one, address, "x", 1, 0) == -ECONNREFUSED);
    CHECK(pewter_mail_send(two, address, "x", 1, 0) == -EBADF && pewter_mail_receive(mail, 0, body, 1, &message) == -EBADF);
    options.size = 3;
    CHECK(pewter_mail_open(mail, &options) == -EINVAL && pewter_mail("/no/such/hub") == -ENOTCONN);
    CHECK(pewter_close(one) == 0);
}

/* Another process, as every other program of the machine. */
static void serve(void)
{
    int64_t mail = pewter_mail(NULL), box = pewter_mail_open(mail, NULL);
    CHECK(mail > 0 && box > 0 && pewter_mail_bind(box, "c-server", 0) == 0);
    for (;;) {
        struct pewter_message message = next(box);
        if (message.kind == PEWTER_WANTS_STREAM) {
            int64_t stream = pewter_mail_accept(box);
            CHECK(stream > 0);
            for (ssize_t count; (count = pewter_read(stream, body, sizeof body)) > 0;) CHECK(pewter_write(stream, body, (size_t)count) == count);
            CHECK(pewter_close(stream) == 0);
        } else if (message.request) {
            CHECK(pewter_mail_reply(box, &message, body, message.length) == 0);
        } else if (is(message, "end")) {
            exit(pewter_close(mail) == 0 ? 0 : 1);
        }
    }
}

static void processes(int64_t mail, const char *program)
{
    int64_t box = pewter_mail_open(mail, NULL), names = pewter_mail_subscribe(mail, "c-server", 0, -1);
    struct pewter_event event = {.size = sizeof event};
    CHECK(names > 0 && pewter_mail_next_event(names, 20, &event) == 0);
    pid_t server = fork();
    if (server == 0) {
        execl(program, program, "serve", NULL);
        _exit(127);
    }

    CHECK(pewter_mail_next_event(names, SOON, &event) == 1 && event.kind == PEWTER_UP && strcmp(event.name, "c-server") == 0);
    char answer[16];
    CHECK(pewter_mail_request(box, "c-server", "ping", 4, SOON, answer, sizeof answer) == 4 && memcmp(answer, "ping", 4) == 0);
    CHECK(pewter_mail_request(box, "c-server", "longer than the room", 20, SOON, answer, 4) == 20 && memcmp(answer, "long", 4) == 0);
    CHECK(pewter_mail_request(box, "c-nobody", "ping", 4, SOON, answer, sizeof answer) == -EHOSTUNREACH);
    CHECK(pewter_mail_transport(mail, event.from) >= PEWTER_SHARED_MEMORY);
    int64_t stream = pewter_mail_connect(box, "c-server", SOON);
    CHECK(stream > 0 && pewter_write(stream, "flows", 5) == 5);
    for (size_t at = 0; at < 5;) {
        ssize_t count = pewter_read(stream, body + at, 5 - at);
        CHECK(count > 0);
        at += (size_t)count;
    }

    CHECK(memcmp(body, "flows", 5) == 0 && pewter_close(stream) == 0);
    CHECK(pewter_mail_send(box, "c-server", "end", 3, 0) == 0);
    CHECK(pewter_mail_next_event(names, SOON, &event) == 1 && event.kind == PEWTER_DOWN);
    int status;
    CHECK(waitpid(server, &status, 0) == server && status == 0);
    int64_t timed = pewter_mail_subscribe(mail, "c-nobody", 1, 30);
    CHECK(pewter_mail_next_event(timed, -1, &event) == 1 && event.kind == PEWTER_TIMEOUT && pewter_mail_next_event(timed, -1, &event) == 0);
    CHECK(pewter_close(timed) == 0 && pewter_close(names) == 0 && pewter_close(box) == 0);
}

static void group(int64_t mail)
{
    int64_t first = pewter_mail_open(mail, NULL), second = pewter_mail_open(mail, NULL);
    int64_t one = pewter_mail_join(first, 900, 1), two = pewter_mail_join(second, 900, 2);
    CHECK(one > 0 && two > 0);
    struct pewter_message message = next(first);
    CHECK(message.kind == PEWTER_JOINED && message.type == 900 && message.instance == 2);
    CHECK(next(second).kind == PEWTER_JOINED);
    CHECK(pewter_mail_broadcast(two, "news", 4) == 1 && is(next(first), "news"));
    CHECK(pewter_close(two) == 0 && next(first).kind == PEWTER_LEFT);
    CHECK(pewter_close(one) == 0 && pewter_close(first) == 0 && pewter_close(second) == 0);
}

int main(int count, char **words)
{
    if (count > 1) serve();
    int64_t mail = pewter_mail(NULL);
    CHECK(mail > 0);
    messages(mail);
    processes(mail, words[0]);
    group(mail);
    CHECK(pewter_close(mail) == 0);
    puts("ok");
    return 0;
}
