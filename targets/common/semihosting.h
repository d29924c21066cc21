/*
 * semihosting.h - the call by which a program asks its debugger, or emulator, for a service of the host.
 *
 * Each architecture's start-up file defines it; platform_semihosting.c uses it.
 */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stdint.h>

/* Operation numbers and argument blocks are those of Arm's semihosting specification, which RISC-V adopted. */
uint32_t semihosting_call(uint32_t operation, const void *argument);

#endif
