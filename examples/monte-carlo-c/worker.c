/* Throws points on a square and says how many fell into the circle in it: a line "points inside". An ordinary program that knows of no network. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t next(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

int main(int argc, char *argv[])
{
    long points = argc > 1 ? atol(argv[1]) : 1000000, inside = 0;
    const char *index = getenv("PEWTER_INDEX");
    uint64_t state = (uint64_t)(argc > 2 ? atol(argv[2]) : 0) * 1000003u + (uint64_t)(index ? atol(index) : 0);
    for (long i = 0; i < points; i++) {
        uint64_t both = next(&state);
        double x = (uint32_t)both / 4294967296.0 - 0.5, y = (double)(both >> 32) / 4294967296.0 - 0.5;
        inside += x * x + y * y < 0.25;
    }
    printf("%ld %ld\n", points, inside);
    return 0;
}
