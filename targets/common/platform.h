/*
 * platform.h - all that a driver may assume about the machine under it.
 *
 * A driver is a program that feeds a generated network and reports what came out. It is the same source on every
 * target: it defines driver_main(), reads the stimulus as one stream of bytes and writes its digests as another.
 *
 *     int driver_main(void)
 *     {
 *         uint8_t header[8];
 *         if (platform_read(header, sizeof header) != sizeof header) {
 *             platform_print("stimulus too short\n");
 *             return 1;
 *         }
 *         ...
 *         platform_write(digest, sizeof digest);
 *         return 0;
 *     }
 *
 * Both streams are bytes, so the driver chooses the order of the bytes of a number itself (shifts, never a cast).
 * The streams are opened before driver_main() is called and closed after it. On a host they are the files named by the
 * first and the second argument; on an emulated machine they are the same files, reached by the emulator's own means.
 */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <stddef.h>
#include <stdint.h>

/* Statuses of the platform itself; a driver should return smaller ones. */
#define PLATFORM_STATUS_FILES 96 /* the stimulus or the output could not be opened, read or written */
#define PLATFORM_STATUS_FAULT 97 /* the processor took an exception */

/* Defined by the driver, called once. Its result, 0 to 95, becomes the exit status. */
int driver_main(void);

/* The next `size` bytes of the stimulus. Returns how many there were: fewer than `size` only at its end. */
size_t platform_read(void *bytes, size_t size);

/* Appends to the output. A failure ends the program with PLATFORM_STATUS_FILES. */
void platform_write(const void *bytes, size_t size);

/* A text for the person in front of the machine. It goes to standard output, never into the output stream. */
void platform_print(const char *text);

/* Writes out what is still buffered and ends the program. */
void platform_exit(int status);

#endif
