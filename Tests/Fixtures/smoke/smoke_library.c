#include "smoke_library.h"

static const int16_t table[8] = {3, -1, 4, -1, 5, -9, 2, 6};

void smoke_init(struct smoke *s)
{
    unsigned i;
    s->low = UINT32_C(1);
    s->high = UINT32_C(0);
    for (i = 0; i < 16u; i++) {
        s->store[i] = 0;
    }
}

static int32_t weighted(int32_t value, uint8_t byte)
{
    return value + (int32_t)table[byte & 7u] * (int32_t)byte;
}

void smoke_step(struct smoke *s, uint8_t byte)
{
    int32_t *place = &s->store[byte & 15u];
    *place = weighted(*place, byte) % INT32_C(1000003);
    s->low = (s->low + byte) % UINT32_C(65521);
    s->high = (s->high + s->low) % UINT32_C(65521);
}

uint32_t smoke_digest(const struct smoke *s)
{
    uint32_t digest = (s->high << 16) | s->low;
    unsigned i;
    for (i = 0; i < 16u; i++) {
        digest = digest * UINT32_C(16777619) ^ (uint32_t)s->store[i];
    }
    return digest;
}
