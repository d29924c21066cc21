/*
 * platform_avr.c - platform.h on an AVR in simavr, run by targets/tools/simavr_runner.c.
 *
 * The three general-purpose I/O registers have no function on the chip. The runner gives them one:
 *
 *     GPIOR0   write: the next byte of the output
 *     GPIOR1   read: 1 while the stimulus has more bytes, else 0;  write: ends the run with this status
 *     GPIOR2   read: the next byte of the stimulus
 *
 * Text goes out of the first UART, as it would on a board. To run on a board, give the three registers' functions to
 * whatever it has instead (the UART's receiver, an EEPROM, an array in flash): nothing else changes.
 */
#include "platform.h"

#include <avr/io.h>

size_t platform_read(void *bytes, size_t size)
{
    uint8_t *to = bytes;
    size_t count = 0;
    while (count < size && GPIOR1 != 0) {
        to[count++] = GPIOR2;
    }
    return count;
}

void platform_write(const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    size_t i;
    for (i = 0; i < size; i++) {
        GPIOR0 = from[i];
    }
}

void platform_print(const char *text)
{
    UCSR0B = (uint8_t)(1u << TXEN0);
    for (; *text != '\0'; text++) {
        while ((UCSR0A & (1u << UDRE0)) == 0) {
        }
        UDR0 = (uint8_t)*text;
    }
}

void platform_exit(int status)
{
    for (;;) {
        GPIOR1 = (uint8_t)status;
    }
}

/* An interrupt that nobody asked for is a fault; without this, avr-libc would restart the program. */
void __vector_default(void) __attribute__((signal, used, externally_visible));
void __vector_default(void)
{
    platform_exit(PLATFORM_STATUS_FAULT);
}

int main(void)
{
    platform_exit(driver_main());
    return 0;
}
