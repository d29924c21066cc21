/*
 * call_counts.h - what each call of a function costs, and in which part of the program; for the two tools here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A map gives pieces of the program a part, by lines "address size part" (hexadecimal, hexadecimal, decimal). Part 0 is
 * the caller: its driver and platform. A call begins with the first instruction of another part after one of part 0,
 * and ends with the next one of part 0. What is in no piece of the map, as the compiler's own library, belongs to the
 * part from which it was reached. The result is a line for each address at which calls begin:
 *
 *     address calls total largest part1 part2 ...        (address hexadecimal; part n: what of the total it took)
 */
#ifndef CALL_COUNTS_H
#define CALL_COUNTS_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define PARTS 8
#define ENTRIES 256
#define NO_PART (-1)

struct piece {
    uint64_t begin, end;
    int part;
};

struct entry {
    uint64_t address, calls, total, largest, parts[PARTS];
};

static struct piece *pieces;
static size_t piece_count;
static struct entry entries[ENTRIES];
static size_t entry_count;
static struct entry *current_call; /* NULL: in the caller */
static int current_part;
static uint64_t current_cost;

/* Pieces stand in the map in the order of their addresses. */
static int read_map(const char *name)
{
    FILE *file = fopen(name, "r");
    char line[128];
    size_t room = 0;
    if (file == NULL) {
        perror(name);
        return -1;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        uint64_t address, size;
        int part;
        if (sscanf(line, "%" SCNx64 " %" SCNx64 " %d", &address, &size, &part) != 3 || part < 0 || part >= PARTS) {
            fprintf(stderr, "%s: not a map: %s", name, line);
            fclose(file);
            return -1;
        }
        if (piece_count == room) {
            struct piece *more = realloc(pieces, (room = 2 * room + 64) * sizeof *pieces);
            if (more == NULL) {
                perror(name);
                fclose(file);
                return -1;
            }
            pieces = more;
        }
        pieces[piece_count].begin = address;
        pieces[piece_count].end = address + size;
        pieces[piece_count].part = part;
        piece_count++;
    }
    fclose(file);
    return 0;
}

static int part_at(uint64_t address)
{
    size_t low = 0;
    size_t high = piece_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (pieces[middle].begin <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 && address < pieces[low - 1].end ? pieces[low - 1].part : NO_PART;
}

static struct entry *entry_at(uint64_t address)
{
    size_t i;
    for (i = 0; i < entry_count; i++) {
        if (entries[i].address == address) {
            return &entries[i];
        }
    }
    if (entry_count == ENTRIES) {
        fputs("calls begin at too many places to count\n", stderr);
        abort();
    }
    entries[entry_count].address = address;
    return &entries[entry_count++];
}

static void end_call(void)
{
    if (current_call != NULL) {
        if (current_cost > current_call->largest) {
            current_call->largest = current_cost;
        }
        current_call = NULL;
    }
}

/* An instruction of `part` at `address`, which cost so much. */
static void count_instruction(uint64_t address, int part, uint64_t cost)
{
    if (part == 0) {
        end_call();
    } else if (part != NO_PART && current_call == NULL) {
        current_call = entry_at(address);
        current_call->calls++;
        current_cost = 0;
    }
    if (part != NO_PART) {
        current_part = part;
    }
    if (current_call != NULL) {
        current_call->total += cost;
        current_call->parts[current_part] += cost;
        current_cost += cost;
    }
}

static int write_calls(const char *name)
{
    FILE *file = fopen(name, "w");
    size_t i;
    int k;
    end_call();
    if (file == NULL) {
        perror(name);
        return -1;
    }
    for (i = 0; i < entry_count; i++) {
        const struct entry *e = &entries[i];
        fprintf(file, "%" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu64, e->address, e->calls, e->total, e->largest);
        for (k = 1; k < PARTS; k++) {
            fprintf(file, " %" PRIu64, e->parts[k]);
        }
        fputc('\n', file);
    }
    if (fclose(file) != 0) {
        perror(name);
        return -1;
    }
    return 0;
}

#endif
