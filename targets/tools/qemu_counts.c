/*
 * qemu_counts.c - a QEMU plugin that counts how often each guest instruction is executed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * This file is loaded into QEMU and is therefore under QEMU's licence, unlike the rest of the package. It is a
 * development tool: nothing that is generated contains or needs it.
 *
 *     qemu-system-arm -plugin ./qemu_counts.so,out=counts.txt ...
 *
 * writes a line "address count" (hexadecimal, decimal) for each address executed, in the order of addresses. The guest
 * is not changed and the counts are exact; an Arm instruction that an IT block skips counts as executed. With
 *
 *     qemu-system-arm -plugin ./qemu_counts.so,out=counts.txt,map=map.txt ...
 *
 * it writes what calls cost instead, as call_counts.h describes it.
 *
 * Debian ships no qemu-plugin.h, so the few functions used are declared here, as in version 1 of the interface
 * (QEMU 6.0 to 9.0; later ones replaced the in-line counter).
 */
#include "call_counts.h"

#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;

#define INLINE_ADD_U64 0
#define NO_REGISTERS 0

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           void (*callback)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*callback)(qemu_plugin_id_t, void *), void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int operation, void *counter,
                                                uint64_t immediate);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, void (*callback)(unsigned, void *),
                                            int registers, void *data);

/* Read by QEMU. */
extern int qemu_plugin_version;
int qemu_plugin_version = 1;
int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv);

struct counter {
    uint64_t address;
    uint64_t count;
    int used;
    int part;
};

/* A hash table with open addressing. Counters never move, because translated code holds pointers to them. */
#define CAPACITY (UINT32_C(1) << 20)
static struct counter *counters;
static size_t used;
static const char *file_name = "counts.txt";
static const char *map_name;

static struct counter *counter_at(uint64_t address)
{
    size_t slot = (size_t)((address * UINT64_C(0x9E3779B97F4A7C15)) >> 44) & (CAPACITY - 1);
    while (counters[slot].used && counters[slot].address != address) {
        slot = (slot + 1) & (CAPACITY - 1);
    }
    if (!counters[slot].used) {
        if (++used > CAPACITY / 2) {
            fputs("qemu_counts: the program is too large to count\n", stderr);
            abort();
        }
        counters[slot].used = 1;
        counters[slot].address = address;
    }
    return &counters[slot];
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
    size_t count = qemu_plugin_tb_n_insns(block);
    size_t i;
    (void)id;
    for (i = 0; i < count; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
        struct counter *counter = counter_at(qemu_plugin_insn_vaddr(insn));
        qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &counter->count, 1);
    }
}

static void executed(unsigned cpu, void *data)
{
    const struct counter *counter = data;
    (void)cpu;
    count_instruction(counter->address, counter->part, 1);
}

static void translated_for_calls(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
    size_t count = qemu_plugin_tb_n_insns(block);
    size_t i;
    (void)id;
    for (i = 0; i < count; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
        struct counter *counter = counter_at(qemu_plugin_insn_vaddr(insn));
        counter->part = part_at(counter->address);
        qemu_plugin_register_vcpu_insn_exec_cb(insn, executed, NO_REGISTERS, counter);
    }
}

static void finished_calls(qemu_plugin_id_t id, void *data)
{
    (void)id;
    (void)data;
    (void)write_calls(file_name);
}

static int by_address(const void *first, const void *second)
{
    const struct counter *a = first;
    const struct counter *b = second;
    return (a->address > b->address) - (a->address < b->address);
}

static void finished(qemu_plugin_id_t id, void *data)
{
    FILE *file = fopen(file_name, "w");
    size_t filled = 0;
    size_t i;
    (void)id;
    (void)data;
    if (file == NULL) {
        perror(file_name);
        return;
    }
    for (i = 0; i < CAPACITY; i++) {
        if (counters[i].used) {
            counters[filled++] = counters[i];
        }
    }
    qsort(counters, filled, sizeof *counters, by_address);
    for (i = 0; i < filled; i++) {
        fprintf(file, "%" PRIx64 " %" PRIu64 "\n", counters[i].address, counters[i].count);
    }
    if (fclose(file) != 0) {
        perror(file_name);
    }
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv)
{
    int i;
    (void)info;
    for (i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) == 0) {
            file_name = strdup(argv[i] + 4);
        }
        if (strncmp(argv[i], "map=", 4) == 0) {
            map_name = strdup(argv[i] + 4);
        }
    }
    counters = calloc(CAPACITY, sizeof *counters);
    if (counters == NULL || file_name == NULL) {
        fputs("qemu_counts: no memory\n", stderr);
        return 1;
    }
    if (map_name != NULL) {
        if (read_map(map_name) != 0) {
            return 1;
        }
        qemu_plugin_register_vcpu_tb_trans_cb(id, translated_for_calls);
        qemu_plugin_register_atexit_cb(id, finished_calls, NULL);
        return 0;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, finished, NULL);
    return 0;
}
