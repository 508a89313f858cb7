/* Calls everything that pewter.h has and checks what comes back; says "ok" at the end. */
#include <errno.h>
#include <pewter.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "line %d: %s does not hold; the last error is: %s\n", __LINE__, #condition, pewter_error()); \
            exit(1); \
        } \
    } while (0)

static struct pewter_spec shell(const char **words, const char *script)
{
    words[0] = "/bin/sh", words[1] = "-c", words[2] = script, words[3] = NULL;
    struct pewter_spec spec = {.size = sizeof spec, .argv = words};
    return spec;
}

static void read_all(int64_t process, int stream, char *buffer, size_t size)
{
    int64_t open = pewter_open(process, stream);
    CHECK(open > 0);
    ssize_t count;
    size_t at = 0;
    while ((count = pewter_read(open, buffer + at, size - 1 - at)) > 0) at += (size_t)count;
    CHECK(count == 0);
    buffer[at] = 0;
    CHECK(pewter_close(open) == 0);
}

static void one_process(int64_t lab)
{
    const char *words[4], *env[] = {"COLOUR=grey", NULL};
    struct pewter_spec spec = shell(words, "read line; echo \"$COLOUR $line\"; pwd; echo oops >&2; exit 7");
    spec.env = env, spec.dir = "/tmp", spec.job = "library";
    int64_t process = pewter_spawn(lab, &spec);
    CHECK(process > 0);
    struct pewter_exit end = {.size = sizeof end};
    CHECK(pewter_wait(process, 0, &end) == 0);
    int64_t input = pewter_open(process, PEWTER_STDIN);
    CHECK(input > 0 && pewter_write(input, "word\n", 5) == 5 && pewter_close(input) == 0);
    CHECK(pewter_wait(process, -1, &end) == 1);
    CHECK(end.process == process && end.cause == PEWTER_EXITED && end.code == 7 && end.shell_code == 7 && end.signal == 0);
    CHECK(pewter_wait(process, -1, NULL) == 1);
    char text[256], id[32];
    read_all(process, PEWTER_STDOUT, text, sizeof text);
    CHECK(strcmp(text, "grey word\n/tmp\n") == 0);
    read_all(process, PEWTER_STDERR, text, sizeof text);
    CHECK(strcmp(text, "oops\n") == 0);
    CHECK(pewter_id(process, id, sizeof id) > 0);
    int64_t found = pewter_find(lab, id);
    CHECK(found > 0 && found != process && pewter_wait(found, -1, &end) == 1 && end.code == 7 && pewter_close(found) == 0);
    CHECK(pewter_wipe(process) == 0 && pewter_close(process) == 0);
    CHECK(pewter_find(lab, id) == -ENOENT);
}

static void endings(int64_t lab)
{
    const char *words[4];
    struct pewter_exit end = {.size = sizeof end};
    struct pewter_spec spec = shell(words, "trap 'exit 3' TERM; while :; do sleep 0.05; done");
    int64_t polite = pewter_spawn(lab, &spec);
    spec = shell(words, "trap '' TERM; while :; do sleep 0.05; done");
    int64_t deaf = pewter_spawn(lab, &spec);
    CHECK(polite > 0 && deaf > 0);
    CHECK(pewter_wait(polite, 300, &end) == 0);
    CHECK(pewter_kill(polite, 5000) == 0 && pewter_wait(polite, -1, &end) == 1 && end.code == 3);
    CHECK(pewter_kill(deaf, 200) == 0 && pewter_wait(deaf, -1, &end) == 1);
    CHECK(end.cause == PEWTER_SIGNALLED && end.signal == SIGKILL && end.code == -1 && end.shell_code == 137);
    CHECK(pewter_kill(deaf, 0) == -ESRCH);
    spec = shell(words, "exec sleep 60");
    int64_t all[] = {pewter_spawn(lab, &spec), pewter_spawn(lab, &spec)};
    CHECK(all[0] > 0 && all[1] > 0 && pewter_wait_any(all, 2, 50, &end) == 0);
    CHECK(pewter_signal(all[1], SIGUSR1) == 0 && pewter_wait_any(all, 2, -1, &end) == all[1] && end.signal == SIGUSR1);
    CHECK(pewter_kill(all[0], 0) == 0);
}

static void many(int64_t lab)
{
    const char *words[4];
    struct pewter_exit end = {.size = sizeof end}, exits[6];
    int64_t members[6], seen = 0;
    struct pewter_spec spec = shell(words, "echo $PEWTER_INDEX of $PEWTER_COUNT; exit $PEWTER_INDEX");
    spec.on = "kind=cell";
    int64_t group = pewter_spawn_n(lab, 6, &spec, members);
    CHECK(group > 0);
    int count = 0;
    for (int64_t ended; (ended = pewter_wait_next(group, -1, &end)) > 0; count++) {
        CHECK(members[end.code] == ended && end.process == ended);
        seen |= 1 << end.code;
    }
    CHECK(count == 6 && seen == 63);
    memset(exits, 0, sizeof exits);
    exits[0].size = sizeof exits[0];
    CHECK(pewter_wait_all(group, -1, exits, 6) == 1 && exits[5].code == 5 && exits[5].process == members[5]);
    char text[256], node[64];
    read_all(group, PEWTER_STDOUT, text, sizeof text);
    CHECK(strstr(text, "4: 4 of 6\n") != NULL);
    CHECK(pewter_node(members[0], node, sizeof node) > 0 && strncmp(node, "/node/n", 7) == 0);
    CHECK(pewter_close(group) == 0);

    /* All or none: a memory that no node has. */
    spec.memory = INT64_C(1) << 50;
    int64_t refused = pewter_spawn_n(lab, 2, &spec, members);
    CHECK(refused == -ENOSPC && strlen(pewter_error()) > 0);
    spec.memory = 0, spec.flags = PEWTER_BEST_EFFORT;
    spec.argv = (const char *[]){"/no/such/program", NULL};
    group = pewter_spawn_n(lab, 2, &spec, members);
    CHECK(group > 0 && pewter_wait_all(group, -1, exits, 2) == 1 && exits[0].cause == PEWTER_NOT_STARTED && exits[0].shell_code == 127);
    CHECK(pewter_close(group) == 0);
}

static void wrong(int64_t lab)
{
    const char *words[4];
    struct pewter_spec spec = shell(words, "true");
    CHECK(pewter_spawn(lab + 4711, &spec) == -EBADF && pewter_wait(lab, 0, NULL) == -EBADF && pewter_close(4711) == -EBADF);
    spec.size = 3;
    CHECK(pewter_spawn(lab, &spec) == -EINVAL && strstr(pewter_error(), "size") != NULL);
    struct { struct pewter_spec spec; int64_t unknown; } newer = {.spec = shell(words, "true")};
    newer.spec.size = sizeof newer;
    int64_t process = pewter_spawn(lab, &newer.spec);
    CHECK(process > 0 && pewter_wait(process, -1, NULL) == 1);
    newer.unknown = 1;
    CHECK(pewter_spawn(lab, &newer.spec) == -E2BIG);
    spec = shell(words, "true");
    spec.argv = (const char *[]){"/no/such/program", NULL};
    CHECK(pewter_spawn(lab, &spec) == -ENOENT && strstr(pewter_error(), "/no/such/program") != NULL);
    spec.on = "cpus>=4096";
    CHECK(pewter_spawn(lab, &spec) == -ENODEV);
    CHECK(pewter_connect("unix:/no/such/socket", NULL) < 0);
}

static void files(int64_t lab)
{
    char text[4096];
    CHECK(pewter_read_file(lab, "/version", text, sizeof text) > 0 && strncmp(text, "pewterd", 7) == 0);
    CHECK(pewter_read_file(lab, "/no/such", text, sizeof text) == -ENOENT);
    CHECK(pewter_command(lab, "/ctl", "note 'from C'") == 0 && pewter_command(lab, "/ctl", "nonsense") == -EINVAL);
    const char *words[4];
    struct pewter_spec spec = shell(words, "echo one; echo two");
    int64_t source = pewter_spawn(lab, &spec);
    spec = shell(words, "wc -l");
    int64_t sink = pewter_spawn(lab, &spec);
    char id[32], path[64];
    CHECK(source > 0 && sink > 0 && pewter_id(source, id, sizeof id) > 0);
    snprintf(path, sizeof path, "/proc/%s", id);
    CHECK(pewter_splice(sink, path, 1) == 0 && pewter_wait(sink, -1, NULL) == 1);
    read_all(sink, PEWTER_STDOUT, text, sizeof text);
    CHECK(strcmp(text, "2\n") == 0);
}

int main(void)
{
    CHECK(pewter_abi() == PEWTER_ABI);
    CHECK(strcmp(pewter_error(), "") == 0);
    int64_t lab = pewter_connect(NULL, NULL);
    CHECK(lab > 0);
    one_process(lab);
    endings(lab);
    many(lab);
    wrong(lab);
    files(lab);
    CHECK(pewter_close(lab) == 0);
    puts("ok");
    return 0;
}
