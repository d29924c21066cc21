#include "eprop_fixed.h"
