/* The header is all there is; this file gives the package a C target that holds it to the strictest warnings. */
#include "eprop_fixed.h"
