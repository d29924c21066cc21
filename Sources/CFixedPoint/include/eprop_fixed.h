#ifndef EPROP_FIXED_H
#define EPROP_FIXED_H
#include <stdint.h>
#endif
