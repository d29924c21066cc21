#ifndef SMOKE_LIBRARY_H
#define SMOKE_LIBRARY_H

#include <stdint.h>

/* A running pair of sums, and a small store so that there is data, zeroed data and a constant table to measure. */
struct smoke {
    uint32_t low;
    uint32_t high;
    int32_t store[16];
};

void smoke_init(struct smoke *s);
void smoke_step(struct smoke *s, uint8_t byte);
uint32_t smoke_digest(const struct smoke *s);

#endif
