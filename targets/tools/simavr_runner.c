/*
 * simavr_runner.c - runs a program written against targets/common/platform_avr.c in simavr.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * This file is linked with libsimavr and is therefore under simavr's licence, unlike the rest of the package. It is a
 * development tool: nothing that is generated contains or needs it.
 *
 *     simavr_runner MCU PROGRAM.elf STIMULUS OUTPUT [COUNTS [MAP]]
 *
 * Exits with the status that the program writes to GPIOR1. With COUNTS, writes there a line "address cycles"
 * (hexadecimal, decimal) for each address executed, in the order of addresses; simavr's cycles are the data sheet's.
 * With MAP it writes what calls cost instead, as call_counts.h describes it.
 */
#include "call_counts.h"

#include <stdarg.h>
#include <string.h>

#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>
#include <simavr/sim_io.h>

/* Data-space addresses on the ATmega640 to 2561, as in platform_avr.c. */
#define GPIOR0 0x3E
#define GPIOR1 0x4A
#define GPIOR2 0x4B

#define STATUS_FILES 96
#define STATUS_FAULT 97

static FILE *stimulus;
static FILE *output;
static int status = -1;

static void fail(const char *what)
{
    perror(what);
    exit(STATUS_FILES);
}

static FILE *open_file(const char *name, const char *mode)
{
    FILE *file = fopen(name, mode);
    if (file == NULL) {
        fail(name);
    }
    return file;
}

/* simavr would report what it loads on standard output, which belongs to the program. */
static void on_message(struct avr_t *avr, const int level, const char *format, va_list arguments)
{
    (void)avr;
    if (level <= LOG_ERROR) {
        vfprintf(stderr, format, arguments);
    }
}

static void on_uart(struct avr_irq_t *irq, uint32_t value, void *data)
{
    (void)irq;
    (void)data;
    putchar((int)value);
}

static void on_output(struct avr_t *avr, avr_io_addr_t address, uint8_t value, void *data)
{
    (void)avr;
    (void)address;
    (void)data;
    if (putc(value, output) == EOF) {
        fail("output");
    }
}

static void on_exit_status(struct avr_t *avr, avr_io_addr_t address, uint8_t value, void *data)
{
    (void)avr;
    (void)address;
    (void)data;
    status = value;
}

static uint8_t on_more(struct avr_t *avr, avr_io_addr_t address, void *data)
{
    int next = getc(stimulus);
    (void)avr;
    (void)address;
    (void)data;
    if (next == EOF) {
        return 0;
    }
    ungetc(next, stimulus);
    return 1;
}

static uint8_t on_stimulus(struct avr_t *avr, avr_io_addr_t address, void *data)
{
    (void)avr;
    (void)address;
    (void)data;
    return (uint8_t)getc(stimulus);
}

static avr_t *load(const char *mcu, const char *program)
{
    elf_firmware_t firmware;
    uint32_t flags = 0;
    avr_t *avr;
    avr_global_logger_set(on_message);
    avr = avr_make_mcu_by_name(mcu);
    memset(&firmware, 0, sizeof firmware);
    if (avr == NULL || elf_read_firmware(program, &firmware) != 0) {
        fprintf(stderr, "simavr_runner: cannot run %s on %s\n", program, mcu);
        exit(STATUS_FILES);
    }
    avr_init(avr);
    avr->log = LOG_ERROR;
    firmware.frequency = 16000000;
    avr_load_firmware(avr, &firmware);

    /* The UART's own echo decorates its lines; we want the bytes. */
    avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
    flags &= ~(uint32_t)AVR_UART_FLAG_STDIO;
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_uart, NULL);

    avr_register_io_write(avr, GPIOR0, on_output, NULL);
    avr_register_io_write(avr, GPIOR1, on_exit_status, NULL);
    avr_register_io_read(avr, GPIOR1, on_more, NULL);
    avr_register_io_read(avr, GPIOR2, on_stimulus, NULL);
    return avr;
}

/* Runs to the end. `cycles` and `parts` have a place for each byte of flash, or are NULL. */
static void run(avr_t *avr, uint64_t *cycles, const int *parts)
{
    while (status < 0) {
        avr_flashaddr_t address = avr->pc;
        avr_cycle_count_t before = avr->cycle;
        int state = avr_run(avr);
        if (cycles != NULL && address <= avr->flashend) {
            cycles[address] += avr->cycle - before;
        }
        if (parts != NULL && address <= avr->flashend) {
            count_instruction(address, parts[address], avr->cycle - before);
        }
        if (state == cpu_Done || state == cpu_Crashed) {
            fprintf(stderr, "simavr_runner: the program stopped at address %" PRIx32 "\n", (uint32_t)address);
            status = STATUS_FAULT;
        }
    }
}

static void write_counts(const char *name, const uint64_t *cycles, size_t size)
{
    FILE *file = open_file(name, "w");
    size_t i;
    for (i = 0; i < size; i++) {
        if (cycles[i] != 0) {
            fprintf(file, "%zx %" PRIu64 "\n", i, cycles[i]);
        }
    }
    if (fclose(file) != 0) {
        fail(name);
    }
}

/* An array with a place for each byte of flash. */
static void *for_flash(const avr_t *avr, size_t size)
{
    void *array = calloc((size_t)avr->flashend + 1, size);
    if (array == NULL) {
        fail("memory");
    }
    return array;
}

int main(int argc, char **argv)
{
    avr_t *avr;
    uint64_t *cycles = NULL;
    int *parts = NULL;
    if (argc < 5 || argc > 7) {
        fprintf(stderr, "usage: %s MCU PROGRAM.elf STIMULUS OUTPUT [COUNTS [MAP]]\n", argv[0]);
        return STATUS_FILES;
    }
    avr = load(argv[1], argv[2]);
    stimulus = open_file(argv[3], "rb");
    output = open_file(argv[4], "wb");
    if (argc == 6) {
        cycles = for_flash(avr, sizeof *cycles);
    }
    if (argc == 7) {
        uint64_t address;
        if (read_map(argv[6]) != 0) {
            return STATUS_FILES;
        }
        parts = for_flash(avr, sizeof *parts);
        for (address = 0; address <= avr->flashend; address++) {
            parts[address] = part_at(address);
        }
    }
    run(avr, cycles, parts);
    if (fclose(output) != 0) {
        fail(argv[4]);
    }
    if (cycles != NULL) {
        write_counts(argv[5], cycles, (size_t)avr->flashend + 1);
    }
    if (parts != NULL && write_calls(argv[5]) != 0) {
        status = STATUS_FILES;
    }
    free(cycles);
    free(parts);
    return status;
}
