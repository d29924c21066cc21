/* platform_host.c - platform.h on a machine with a C library: two files, by stdio. */
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>

static FILE *stimulus;
static FILE *output;

static void fail(const char *what)
{
    perror(what);
    exit(PLATFORM_STATUS_FILES);
}

size_t platform_read(void *bytes, size_t size)
{
    size_t count = fread(bytes, 1, size, stimulus);
    if (count < size && ferror(stimulus)) {
        fail("stimulus");
    }
    return count;
}

void platform_write(const void *bytes, size_t size)
{
    if (fwrite(bytes, 1, size, output) != size) {
        fail("output");
    }
}

void platform_print(const char *text)
{
    fputs(text, stdout);
}

void platform_exit(int status)
{
    if (fclose(output) != 0) {
        fail("output");
    }
    exit(status);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s STIMULUS OUTPUT\n", argv[0]);
        return PLATFORM_STATUS_FILES;
    }
    stimulus = fopen(argv[1], "rb");
    if (stimulus == NULL) {
        fail(argv[1]);
    }
    output = fopen(argv[2], "wb");
    if (output == NULL) {
        fail(argv[2]);
    }
    platform_exit(driver_main());
    return 0;
}
