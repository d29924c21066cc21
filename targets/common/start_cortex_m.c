/*
 * start_cortex_m.c - from reset to platform_main() on any Cortex-M.
 *
 * The linker script (cortex_m.ld) provides the symbols; addresses and sizes of memory come from target.json.
 */
#include "semihosting.h"

#include <stdint.h>

extern uint32_t data_start[], data_end[], data_load[], bss_start[], bss_end[], stack_top[];

void platform_main(void);
void platform_fault(void);
void reset(void);

uint32_t semihosting_call(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory", "lr");
    return r0;
}

/* The compiler must not turn these loops into calls of memcpy and memset, which may use memory not yet set up. */
__attribute__((optimize("no-tree-loop-distribute-patterns"))) void reset(void)
{
    const uint32_t *from = data_load;
    uint32_t *to;
    for (to = data_start; to != data_end; to++) {
        *to = *from++;
    }
    for (to = bss_start; to != bss_end; to++) {
        *to = 0;
    }
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    /* CPACR: full access to coprocessors 10 and 11, which are the floating-point and vector units. */
    *(volatile uint32_t *)UINT32_C(0xE000ED88) |= UINT32_C(0xF) << 20;
    __asm__ volatile("dsb\n\tisb");
#endif
    platform_main();
}

union vector {
    const void *stack;     /* cppcheck-suppress unusedStructMember */
    void (*handler)(void); /* cppcheck-suppress unusedStructMember */
};

/* The initial stack pointer, reset, and the fourteen exceptions of the architecture. No interrupt is enabled. */
__attribute__((section(".vectors"), used)) static const union vector vectors[16] = {
    {.stack = stack_top},        {.handler = reset},          {.handler = platform_fault}, {.handler = platform_fault},
    {.handler = platform_fault}, {.handler = platform_fault}, {.handler = platform_fault}, {.handler = platform_fault},
    {.handler = platform_fault}, {.handler = platform_fault}, {.handler = platform_fault}, {.handler = platform_fault},
    {.handler = platform_fault}, {.handler = platform_fault}, {.handler = platform_fault}, {.handler = platform_fault},
};
