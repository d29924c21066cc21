/* Writes a digest, four bytes with the lowest first, after each 16 bytes of the stimulus and after the last. */
#include "platform.h"
#include "smoke_library.h"

static struct smoke state;
static uint8_t block[16];

/* Initialised data, to see that the start-up code copies it; checked below. */
static volatile uint32_t marker = UINT32_C(0x12345678);

int driver_main(void)
{
    size_t count;
    if (marker != UINT32_C(0x12345678)) {
        platform_print("initialised data was not copied\n");
        return 2;
    }
    smoke_init(&state);
    do {
        uint8_t bytes[4];
        uint32_t digest;
        size_t i;
        count = platform_read(block, sizeof block);
        for (i = 0; i < count; i++) {
            smoke_step(&state, block[i]);
        }
        digest = smoke_digest(&state);
        for (i = 0; i < sizeof bytes; i++) {
            bytes[i] = (uint8_t)((digest >> (8u * i)) & 255u);
        }
        platform_write(bytes, sizeof bytes);
    } while (count == sizeof block);
    platform_print("smoke: done\n");
    return 7;
}
