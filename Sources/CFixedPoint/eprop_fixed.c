/* The headers are all there is; this file gives the package a C target that holds them to the strictest warnings. */
#include "eprop_armv7em.h"
