/*
 * The seed's Monte Carlo program on libpewter: workers over all nodes, some at once, until enough jobs are done. The worker's binary is
 * brought to the nodes by the spawn itself.
 *
 *     make -C examples/monte-carlo-c && examples/monte-carlo-c/main [JOBS [POINTS]]
 */
#include <pewter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 8 };

static int fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, pewter_error());
    return 1;
}

/* What a worker printed; it is over, so the read does not wait. */
static int read_result(int64_t worker, long *points, long *inside)
{
    char line[64] = "";
    int64_t output = pewter_open(worker, PEWTER_STDOUT);
    if (output < 0) return 0;
    ssize_t count = pewter_read(output, line, sizeof line - 1);
    pewter_close(output);
    return count > 0 && sscanf(line, "%ld %ld", points, inside) == 2;
}

int main(int argc, char *argv[])
{
    int jobs = argc > 1 ? atoi(argv[1]) : 2 * AT_ONCE, done = 0;
    const char *count = argc > 2 ? argv[2] : "10000000";
    char worker[4096];
    const char *slash = strrchr(argv[0], '/');
    snprintf(worker, sizeof worker, "%.*sworker", slash ? (int)(slash - argv[0] + 1) : 0, argv[0]);

    int64_t lab = pewter_connect(NULL, NULL);
    if (lab < 0) return fail("connect");

    long points = 0, inside = 0;
    while (done < jobs) {
        char seed[16];
        snprintf(seed, sizeof seed, "%d", done);
        const char *words[] = {"./worker", count, seed, NULL}, *files[] = {worker, NULL};
        struct pewter_spec spec = {.size = sizeof spec, .argv = words, .files = files, .on = "state=ready"};
        int64_t workers[AT_ONCE], batch = pewter_spawn_n(lab, jobs - done < AT_ONCE ? jobs - done : AT_ONCE, &spec, workers);
        if (batch < 0) return fail("spawn");

        struct pewter_exit exit = {.size = sizeof exit};
        for (int64_t ended; (ended = pewter_wait_next(batch, -1, &exit)) > 0; done++) {
            long more = 0, hits = 0;
            if (exit.shell_code != 0 || !read_result(ended, &more, &hits)) {
                fprintf(stderr, "a worker ended with %d\n", exit.shell_code);
                pewter_kill(batch, 0);
                return 1;
            }
            points += more;
            inside += hits;
            pewter_close(ended);
        }
        pewter_close(batch);
    }

    printf("%d results, %ld points: pi = %.6f\n", done, points, 4.0 * (double)inside / (double)points);
    pewter_close(lab);
    return 0;
}
