#ifndef HDF5_READER_H
#define HDF5_READER_H

#include <stdint.h>

/*
 * Reads an HDF5 file in a process of its own.
 *
 * libhdf5 is large, and a damaged file can make it fail in any way. So a child process reads the file, with bounded memory,
 * time and output and without leave to write, and sends what it found down a pipe as records; whatever happens to the
 * child, the caller lives on. The caller itself never calls libhdf5.
 *
 * A record is a tag of one byte and its fields; numbers are in the machine's own order, a text is a uint32 length and bytes:
 *
 *   'G' name                                   a group begins; what follows is in it
 *   'E'                                        the group ends
 *   'N' name, class, rank, extents, values     numbers: class is 'f' or 'i', rank a uint32, extents uint64, values double
 *   'S' name, rank, extents, texts             strings
 *   'X' name, code, detail                     something in the group that is not read, as texts
 *   'F' code, detail                           the file as a whole cannot be read; nothing follows
 *   'Z'                                        the end: without it the child died
 */

/* What a file may hold; beyond it the reading ends with 'F' "limit". */
struct hdf5_reader_limits {
  uint64_t values;     /* numbers in all datasets together */
  uint64_t text_bytes; /* bytes of all strings together */
  uint32_t objects;    /* groups and datasets */
  uint32_t depth;      /* groups within groups */
  uint32_t name_bytes; /* of one name */
  uint64_t memory;     /* bytes that the child may allocate */
  uint32_t seconds;    /* of processor time */
};

/* Ranks above this are not read. */
#define HDF5_READER_RANK 8

/*
 * Starts the child. Returns the reading end of the pipe and stores the child's id, or returns -1 with errno set. The caller
 * reads to the end, closes, and calls hdf5_reader_wait.
 */
int hdf5_reader_start(const char *path, const struct hdf5_reader_limits *limits, int *child);

/* Waits for the child, after killing it where asked to. Returns the signal that ended it, or 0. */
int hdf5_reader_wait(int child, int kill_first);

/* In the child: sends the records of the file to the descriptor. */
void hdf5_reader_walk(const char *path, const struct hdf5_reader_limits *limits, int descriptor);

#endif
