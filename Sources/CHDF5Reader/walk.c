#define _DEFAULT_SOURCE
#include "hdf5_reader.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if H5_VERSION_GE(1, 12, 0)
typedef H5O_info1_t object_info;
#else
typedef H5O_info_t object_info;
#endif

/* What is left of the limits, and the groups that the current one is in. */
struct walk {
  struct hdf5_reader_limits left;
  FILE *out;
  unsigned depth;
  haddr_t above[64];
};

static void send_text(struct walk *walk, const char *text, size_t length) {
  uint32_t size = (uint32_t)length;
  (void)fwrite(&size, sizeof size, 1, walk->out);
  (void)fwrite(text, 1, length, walk->out);
}

static void send_name(struct walk *walk, char tag, const char *name) {
  (void)fputc(tag, walk->out);
  send_text(walk, name, strlen(name));
}

static void send_obstacle(struct walk *walk, const char *name, const char *code, const char *detail) {
  send_name(walk, 'X', name);
  send_text(walk, code, strlen(code));
  send_text(walk, detail, strlen(detail));
}

/* Nothing can follow it. */
static _Noreturn void fail(struct walk *walk, const char *code, const char *detail) {
  (void)fputc('F', walk->out);
  send_text(walk, code, strlen(code));
  send_text(walk, detail, strlen(detail));
  (void)fflush(walk->out);
  _exit(0);
}

static void send_extents(struct walk *walk, int rank, const hsize_t *extents) {
  uint32_t size = (uint32_t)rank;
  (void)fwrite(&size, sizeof size, 1, walk->out);
  for (int i = 0; i < rank; i++) {
    uint64_t extent = extents[i];
    (void)fwrite(&extent, sizeof extent, 1, walk->out);
  }
}

/* The number of elements, after it was taken from what is left; the walk ends where it is too large. */
static uint64_t take_elements(struct walk *walk, int rank, const hsize_t *extents, const char *name) {
  uint64_t count = 1;
  for (int i = 0; i < rank; i++) {
    if (extents[i] == 0) return 0;
    if (extents[i] > walk->left.values / count) fail(walk, "values", name);
    count *= extents[i];
  }
  if (count > walk->left.values) fail(walk, "values", name);
  walk->left.values -= count;
  return count;
}

/* What keeps a dataset's bytes from being read out of this file, as a code; NULL if nothing does. */
static const char *storage_obstacle(hid_t dataset, char *detail, size_t size) {
  const char *code = NULL;
  hid_t list = H5Dget_create_plist(dataset);
  if (list < 0) return "damaged";
  if (H5Pget_layout(list) == H5D_VIRTUAL) code = "virtual";
  if (code == NULL && H5Pget_external_count(list) != 0) code = "external-data";
  int filters = code == NULL ? H5Pget_nfilters(list) : 0;
  for (int i = 0; i < filters && code == NULL; i++) {
    unsigned flags = 0;
    unsigned configuration = 0;
    size_t parameters = 0;
    char name[64] = "";
    H5Z_filter_t filter =
        H5Pget_filter2(list, (unsigned)i, &flags, &parameters, NULL, sizeof name - 1, name, &configuration);
    if (filter < 0) {
      code = "damaged";
    } else if (H5Zfilter_avail(filter) <= 0) {
      code = "filter";
      (void)snprintf(detail, size, "%s%snumber %d", name, name[0] ? ", " : "", (int)filter);
    }
  }
  (void)H5Pclose(list);
  return code;
}

static void send_numbers(
    struct walk *walk, hid_t dataset, const char *name, char class, int rank, const hsize_t *extents) {
  uint64_t count = take_elements(walk, rank, extents, name);
  double *values = count == 0 ? NULL : malloc((size_t)count * sizeof *values);
  if (count != 0 && values == NULL) fail(walk, "memory", name);
  if (count != 0 && H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
    free(values);
    send_obstacle(walk, name, "damaged", "");
    return;
  }
  send_name(walk, 'N', name);
  (void)fputc(class, walk->out);
  send_extents(walk, rank, extents);
  if (count != 0) (void)fwrite(values, sizeof *values, (size_t)count, walk->out);
  free(values);
}

static void send_counted_text(struct walk *walk, const char *text, size_t longest, const char *name) {
  size_t length = text == NULL ? 0 : strnlen(text, longest);
  if (length > walk->left.text_bytes) fail(walk, "text", name);
  walk->left.text_bytes -= length;
  send_text(walk, text == NULL ? "" : text, length);
}

static void send_strings(
    struct walk *walk, hid_t dataset, hid_t type, const char *name, int rank, const hsize_t *extents) {
  uint64_t count = take_elements(walk, rank, extents, name);
  bool variable = H5Tis_variable_str(type) > 0;
  size_t width = variable ? sizeof(char *) : H5Tget_size(type);
  if (width == 0 || (count != 0 && width > walk->left.text_bytes / count && !variable)) fail(walk, "text", name);
  hid_t memory = H5Tcopy(H5T_C_S1);
  bool sound = memory >= 0 && H5Tset_cset(memory, H5Tget_cset(type)) >= 0 &&
               H5Tset_size(memory, variable ? H5T_VARIABLE : width) >= 0 &&
               (variable || H5Tset_strpad(memory, H5T_STR_NULLPAD) >= 0);
  char *buffer = sound && count != 0 ? calloc((size_t)count, width) : NULL;
  if (sound && count != 0 && buffer == NULL) fail(walk, "memory", name);
  if (!sound || (count != 0 && H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer) < 0)) {
    free(buffer);
    send_obstacle(walk, name, "damaged", "");
    return;
  }
  send_name(walk, 'S', name);
  send_extents(walk, rank, extents);
  for (size_t i = 0; i < count; i++) {
    if (variable) {
      send_counted_text(walk, ((char **)(void *)buffer)[i], (size_t)walk->left.text_bytes + 1, name);
    } else {
      send_counted_text(walk, buffer + i * width, width, name);
    }
  }
  /* The strings' own memory goes with the process. */
  free(buffer);
  (void)H5Tclose(memory);
}

static void send_dataset(struct walk *walk, hid_t dataset, const char *name) {
  char detail[128] = "";
  const char *obstacle = storage_obstacle(dataset, detail, sizeof detail);
  if (obstacle != NULL) {
    send_obstacle(walk, name, obstacle, detail);
    return;
  }
  hsize_t extents[HDF5_READER_RANK] = {0};
  hid_t space = H5Dget_space(dataset);
  hid_t type = H5Dget_type(dataset);
  H5S_class_t kind = space < 0 ? H5S_NO_CLASS : H5Sget_simple_extent_type(space);
  int rank = kind == H5S_SCALAR ? 0 : H5Sget_simple_extent_ndims(space);
  H5T_class_t class = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
  if (kind == H5S_NULL) {
    send_obstacle(walk, name, "empty", "");
  } else if (kind == H5S_NO_CLASS || class == H5T_NO_CLASS || rank < 0) {
    send_obstacle(walk, name, "damaged", "");
  } else if (rank > HDF5_READER_RANK) {
    send_obstacle(walk, name, "rank", "");
  } else if (rank > 0 && H5Sget_simple_extent_dims(space, extents, NULL) < 0) {
    send_obstacle(walk, name, "damaged", "");
  } else if (class == H5T_STRING) {
    send_strings(walk, dataset, type, name, rank, extents);
  } else if (class == H5T_FLOAT) {
    send_numbers(walk, dataset, name, 'f', rank, extents);
  } else if (class == H5T_INTEGER) {
    send_numbers(walk, dataset, name, 'i', rank, extents);
  } else {
    send_obstacle(walk, name, "type", "");
  }
  if (type >= 0) (void)H5Tclose(type);
  if (space >= 0) (void)H5Sclose(space);
}

static void send_group(struct walk *walk, hid_t group);

/* A group within a group, unless it is one of those that it is in. */
static void enter_group(struct walk *walk, hid_t group, const char *name, haddr_t address) {
  for (unsigned i = 0; i < walk->depth; i++) {
    if (walk->above[i] == address) {
      send_obstacle(walk, name, "cycle", "");
      return;
    }
  }
  if (walk->depth >= walk->left.depth || walk->depth >= sizeof walk->above / sizeof walk->above[0])
    fail(walk, "depth", name);
  walk->above[walk->depth++] = address;
  send_name(walk, 'G', name);
  send_group(walk, group);
  (void)fputc('E', walk->out);
  walk->depth--;
}

static void send_object(struct walk *walk, hid_t group, const char *name) {
  H5L_info_t link;
  if (walk->left.objects == 0) fail(walk, "objects", name);
  walk->left.objects--;
  if (H5Lget_info(group, name, &link, H5P_DEFAULT) < 0) {
    send_obstacle(walk, name, "damaged", "");
    return;
  }
  if (link.type != H5L_TYPE_HARD) {
    send_obstacle(walk, name, link.type == H5L_TYPE_SOFT ? "soft-link" : "external-link", "");
    return;
  }
  hid_t object = H5Oopen(group, name, H5P_DEFAULT);
  object_info info;
  if (object < 0 || H5Oget_info2(object, &info, H5O_INFO_BASIC) < 0) {
    send_obstacle(walk, name, "damaged", "");
  } else if (info.type == H5O_TYPE_GROUP) {
    enter_group(walk, object, name, info.addr);
  } else if (info.type == H5O_TYPE_DATASET) {
    send_dataset(walk, object, name);
  } else {
    send_obstacle(walk, name, "type", "");
  }
  if (object >= 0) (void)H5Oclose(object);
}

/* The links of a group, in the order of their names. */
static void send_group(struct walk *walk, hid_t group) {
  H5G_info_t info;
  if (H5Gget_info(group, &info) < 0) fail(walk, "damaged", "");
  for (hsize_t i = 0; i < info.nlinks; i++) {
    ssize_t length = H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, NULL, 0, H5P_DEFAULT);
    if (length < 0) fail(walk, "damaged", "");
    if ((size_t)length > walk->left.name_bytes) fail(walk, "name", "");
    char *name = malloc((size_t)length + 1);
    if (name == NULL) fail(walk, "memory", "");
    if (H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, name, (size_t)length + 1, H5P_DEFAULT) < 0)
      fail(walk, "damaged", "");
    send_object(walk, group, name);
    free(name);
  }
}

void hdf5_reader_walk(const char *path, const struct hdf5_reader_limits *limits, int descriptor) {
  struct walk walk = {.left = *limits, .depth = 0};
  walk.out = fdopen(descriptor, "wb");
  if (walk.out == NULL) return;
  (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  /* Filters that would have to be loaded from somewhere are not available. */
  (void)H5PLset_loading_state(0);
  if (H5open() < 0) fail(&walk, "library", "");
  if (H5Fis_hdf5(path) <= 0) fail(&walk, "format", "");
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file < 0) fail(&walk, "open", "");
  hid_t root = H5Gopen2(file, "/", H5P_DEFAULT);
  object_info info;
  if (root < 0 || H5Oget_info2(root, &info, H5O_INFO_BASIC) < 0) fail(&walk, "open", "");
  walk.above[walk.depth++] = info.addr;
  send_group(&walk, root);
  (void)fputc('Z', walk.out);
  (void)fflush(walk.out);
}
