/* KissFFT as Debian builds it (libkissfft-dev): numbers are floats. */
#ifndef EPROPC_CKISSFFT_SHIM_H
#define EPROPC_CKISSFFT_SHIM_H

#define kiss_fft_scalar float
#include <kissfft/kiss_fftr.h>

#endif
