/*
 * start_riscv.S - from reset to platform_main() on a 32-bit RISC-V without C library start-up code.
 *
 * The program is loaded into RAM as a whole (riscv.ld), so only zeroed data must be set up.
 */
    .section .init, "ax"
    .globl _start
_start:
    .option push
    .option norelax                 /* gp is not yet there for the linker to relax against */
    la      gp, __global_pointer$
    .option pop
    la      sp, stack_top
    la      t0, trap
    .option push
    .option arch, +zicsr            /* -march=rv32imc_zicsr would find no library */
    csrw    mtvec, t0
    .option pop
    la      t0, bss_start
    la      t1, bss_end
1:  bgeu    t0, t1, 2f
    sw      zero, 0(t0)
    addi    t0, t0, 4
    j       1b
2:  j       platform_main

    .text
    .balign 4
trap:
    j       platform_fault

/*
 * uint32_t semihosting_call(uint32_t operation, const void *argument)
 *
 * The three instructions are a signature: they must be uncompressed, adjacent and within one page. The section is their own, since
 * the linker shortens jumps and leaves what stands behind them in a section where that brings it, whatever its alignment.
 */
    .section .text.semihosting_call, "ax"
    .option push
    .option norvc
    .option norelax
    .balign 16
    .globl  semihosting_call
    .type   semihosting_call, @function
semihosting_call:
    slli    zero, zero, 0x1f
    ebreak
    srai    zero, zero, 7
    ret
    .size   semihosting_call, . - semihosting_call
    .option pop
