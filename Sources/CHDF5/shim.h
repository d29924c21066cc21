/* libhdf5 of the system; pkg-config says where its headers are. */
#include <hdf5.h>
