/*
 * platform_semihosting.c - platform.h on a bare machine whose debugger or emulator offers semihosting.
 *
 * The command line is "program stimulus output"; both files are the host's. A call stops the machine for as long as
 * the host needs, so the streams are buffered here: a driver may read and write single bytes.
 */
#include "platform.h"
#include "semihosting.h"

#define SYS_OPEN 0x01u
#define SYS_CLOSE 0x02u
#define SYS_WRITE0 0x04u
#define SYS_WRITE 0x05u
#define SYS_READ 0x06u
#define SYS_GET_CMDLINE 0x15u
#define SYS_EXIT_EXTENDED 0x20u

#define MODE_READ_BINARY 1u
#define MODE_WRITE_BINARY 5u
#define NO_HANDLE UINT32_MAX
#define APPLICATION_EXIT 0x20026u

static uint32_t stimulus = NO_HANDLE;
static uint32_t output = NO_HANDLE;

static uint8_t in_buffer[1024];
static size_t in_next;
static size_t in_end;
static uint8_t out_buffer[1024];
static size_t out_end;

static void leave(int status)
{
    const uint32_t block[2] = {APPLICATION_EXIT, (uint32_t)status};
    (void)semihosting_call(SYS_EXIT_EXTENDED, block);
    for (;;) {
    }
}

static void fail(const char *message)
{
    platform_print(message);
    leave(PLATFORM_STATUS_FILES);
}

/* SYS_READ answers with the number of bytes that it did NOT read. */
static void refill(void)
{
    const uint32_t block[3] = {stimulus, (uint32_t)(uintptr_t)in_buffer, sizeof in_buffer};
    uint32_t unread = semihosting_call(SYS_READ, block);
    if (unread > sizeof in_buffer) {
        fail("the stimulus cannot be read\n");
    }
    in_next = 0;
    in_end = sizeof in_buffer - unread;
}

/* SYS_WRITE answers with the number of bytes that it did NOT write. */
static void flush(void)
{
    const uint32_t block[3] = {output, (uint32_t)(uintptr_t)out_buffer, (uint32_t)out_end};
    if (out_end > 0 && semihosting_call(SYS_WRITE, block) != 0) {
        fail("the output cannot be written\n");
    }
    out_end = 0;
}

size_t platform_read(void *bytes, size_t size)
{
    uint8_t *to = bytes;
    size_t count;
    for (count = 0; count < size; count++) {
        if (in_next == in_end) {
            refill();
            if (in_end == 0) {
                break;
            }
        }
        to[count] = in_buffer[in_next++];
    }
    return count;
}

void platform_write(const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    size_t i;
    for (i = 0; i < size; i++) {
        if (out_end == sizeof out_buffer) {
            flush();
        }
        out_buffer[out_end++] = from[i];
    }
}

void platform_print(const char *text)
{
    (void)semihosting_call(SYS_WRITE0, text);
}

void platform_exit(int status)
{
    flush();
    (void)semihosting_call(SYS_CLOSE, &output);
    leave(status);
}

static uint32_t open_file(char *name, uint32_t mode)
{
    uint32_t block[3];
    uint32_t length = 0;
    while (name[length] != '\0') {
        length++;
    }
    block[0] = (uint32_t)(uintptr_t)name;
    block[1] = mode;
    block[2] = length;
    return semihosting_call(SYS_OPEN, block);
}

/* Ends the word at `text` and returns the next one; the words are separated by single spaces. */
static char *next_word(char *text)
{
    while (*text != ' ' && *text != '\0') {
        text++;
    }
    if (*text == ' ') {
        *text++ = '\0';
    }
    return text;
}

/* Called by the start-up code when memory is in order. */
void platform_main(void)
{
    /* The output buffer is free until the files are open. */
    char *line = (char *)out_buffer;
    const uint32_t block[2] = {(uint32_t)(uintptr_t)line, sizeof out_buffer - 1};
    char *first;
    char *second;
    if (semihosting_call(SYS_GET_CMDLINE, block) != 0) {
        fail("there is no command line, or it is too long\n");
    }
    first = next_word(line);
    second = next_word(first);
    (void)next_word(second);
    stimulus = open_file(first, MODE_READ_BINARY);
    output = open_file(second, MODE_WRITE_BINARY);
    if (stimulus == NO_HANDLE || output == NO_HANDLE) {
        fail("the stimulus or the output cannot be opened\n");
    }
    platform_exit(driver_main());
}

/* Called by the start-up code for every exception. */
void platform_fault(void)
{
    platform_print("the processor took an exception\n");
    leave(PLATFORM_STATUS_FAULT);
}
