/*
 * eprop_armv7em.h - the instructions of Armv7E-M that the fast kernels of epropc's networks are made of.
 *
 * They work on the halves and the bytes of a 32-bit word: bytes 0 and 2, or 1 and 3, become two halves at once. The
 * Cortex-M4 and M7 have them, and Armv8-M with the DSP extension (M33, M55). Each function is one instruction there, or
 * a few that a compiler would not keep in registers (at the end), and plain C99 everywhere else; the C is its
 * definition, so kernels written with these functions give the same bits on every machine and are only slower elsewhere.
 * EPROP_DSP_IN_C takes the C everywhere.
 *
 * A half is an int16 unless it is said to be unsigned; sums that are not said to saturate wrap.
 */
#ifndef EPROP_ARMV7EM_H
#define EPROP_ARMV7EM_H

#include "eprop_fixed.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__ARM_FEATURE_DSP) && defined(__GNUC__) && !defined(EPROP_DSP_IN_C)
#define EPROP_HAS_DSP 1
#define EPROP_DSP1(text, x)                                                                                            \
    uint32_t word;                                                                                                     \
    __asm__(text : "=r"(word) : "r"(x));                                                                               \
    return word
#define EPROP_DSP2(text, x, y)                                                                                         \
    uint32_t word;                                                                                                     \
    __asm__(text : "=r"(word) : "r"(x), "r"(y));                                                                       \
    return word
#define EPROP_PRODUCT(text, x, y)                                                                                      \
    int32_t word;                                                                                                      \
    __asm__(text : "=r"(word) : "r"(x), "r"(y));                                                                       \
    return word
#define EPROP_PRODUCT_SUM(text, x, y, sum)                                                                             \
    int32_t word;                                                                                                      \
    __asm__(text : "=r"(word) : "r"(x), "r"(y), "r"(sum));                                                             \
    return word
#else
#define EPROP_HAS_DSP 0
#endif

/* ---- Taking words apart and putting them together ---- */

/* The word of two halves, each taken mod 2^16. */
static inline uint32_t eprop_pair(uint32_t low, uint32_t high)
{
    return (low & UINT32_C(0xFFFF)) | high << 16;
}

/* The lower half of x as an int32. */
static inline int32_t eprop_low(uint32_t x)
{
    return (int32_t)((x & UINT32_C(0xFFFF)) ^ UINT32_C(0x8000)) - INT32_C(0x8000);
}

/* The upper half of x as an int32. */
static inline int32_t eprop_high(uint32_t x)
{
    return eprop_asr32(eprop_signed(x), 16U);
}

/* Byte k of x, -128 ... 127, mod 2^32. */
static inline uint32_t eprop_byte(uint32_t x, unsigned k)
{
    return ((x >> (8U * k) & 0xFFU) ^ 0x80U) - 0x80U;
}

/* The lower half of x below the lower half of y. */
static inline uint32_t eprop_pkhbt(uint32_t x, uint32_t y)
{
#if EPROP_HAS_DSP
    EPROP_DSP2("pkhbt %0, %1, %2, lsl #16", x, y);
#else
    return eprop_pair(x, y);
#endif
}

/* The upper half of x below the upper half of y. */
static inline uint32_t eprop_pkhtb(uint32_t x, uint32_t y)
{
#if EPROP_HAS_DSP
    EPROP_DSP2("pkhtb %0, %2, %1, asr #16", x, y);
#else
    return eprop_pair(x >> 16, y >> 16);
#endif
}

/* Bits 15 ... 30 of x below the upper half of y. */
static inline uint32_t eprop_pkhtb15(uint32_t x, uint32_t y)
{
#if EPROP_HAS_DSP
    EPROP_DSP2("pkhtb %0, %2, %1, asr #15", x, y);
#else
    return eprop_pair(x >> 15, y >> 16);
#endif
}

/* Bytes 0 and 2 of x as halves, 0 ... 255. */
static inline uint32_t eprop_uxtb16(uint32_t x)
{
#if EPROP_HAS_DSP
    EPROP_DSP1("uxtb16 %0, %1", x);
#else
    return x & UINT32_C(0x00FF00FF);
#endif
}

/* Bytes 1 and 3 of x as halves, 0 ... 255. */
static inline uint32_t eprop_uxtb16_odd(uint32_t x)
{
#if EPROP_HAS_DSP
    EPROP_DSP1("uxtb16 %0, %1, ror #8", x);
#else
    return (x >> 8) & UINT32_C(0x00FF00FF);
#endif
}

/* Bytes 0 and 2 of x as halves, -128 ... 127. */
static inline uint32_t eprop_sxtb16(uint32_t x)
{
#if EPROP_HAS_DSP
    EPROP_DSP1("sxtb16 %0, %1", x);
#else
    return eprop_pair(eprop_byte(x, 0U), eprop_byte(x, 2U));
#endif
}

/* Bytes 1 and 3 of x as halves, -128 ... 127. */
static inline uint32_t eprop_sxtb16_odd(uint32_t x)
{
#if EPROP_HAS_DSP
    EPROP_DSP1("sxtb16 %0, %1, ror #8", x);
#else
    return eprop_pair(eprop_byte(x, 1U), eprop_byte(x, 3U));
#endif
}

/* ---- Sums of halves ---- */

/* x + y, half by half. */
static inline uint32_t eprop_sadd16(uint32_t x, uint32_t y)
{
#if EPROP_HAS_DSP
    EPROP_DSP2("sadd16 %0, %1, %2", x, y);
#else
    return eprop_pair(x + y, (x >> 16) + (y >> 16));
#endif
}

/* x - y, half by half. */
static inline uint32_t eprop_ssub16(uint32_t x, uint32_t y)
{
#if EPROP_HAS_DSP
    EPROP_DSP2("ssub16 %0, %1, %2", x, y);
#else
    return eprop_pair(x - y, (x >> 16) - (y >> 16));
#endif
}

/* x + y, half by half, each saturated to int16. */
static inline uint32_t eprop_qadd16(uint32_t x, uint32_t y)
{
#if EPROP_HAS_DSP
    EPROP_DSP2("qadd16 %0, %1, %2", x, y);
#else
    return eprop_pair((uint32_t)eprop_sat16(eprop_low(x) + eprop_low(y)),
                      (uint32_t)eprop_sat16(eprop_high(x) + eprop_high(y)));
#endif
}

/* x - y, half by half, each saturated to int16. */
static inline uint32_t eprop_qsub16(uint32_t x, uint32_t y)
{
#if EPROP_HAS_DSP
    EPROP_DSP2("qsub16 %0, %1, %2", x, y);
#else
    return eprop_pair((uint32_t)eprop_sat16(eprop_low(x) - eprop_low(y)),
                      (uint32_t)eprop_sat16(eprop_high(x) - eprop_high(y)));
#endif
}

/* x - y, half by half, unsigned, 0 where y is larger. */
static inline uint32_t eprop_uqsub16(uint32_t x, uint32_t y)
{
#if EPROP_HAS_DSP
    EPROP_DSP2("uqsub16 %0, %1, %2", x, y);
#else
    uint32_t low = (x & UINT32_C(0xFFFF)) - (y & UINT32_C(0xFFFF));
    uint32_t high = (x >> 16) - (y >> 16);
    return eprop_pair(low > UINT32_C(0xFFFF) ? 0U : low, high > UINT32_C(0xFFFF) ? 0U : high);
#endif
}

/* The halves of `sum` plus bytes 0 and 2 of x, -128 ... 127. */
static inline uint32_t eprop_sxtab16(uint32_t sum, uint32_t x)
{
#if EPROP_HAS_DSP
    EPROP_DSP2("sxtab16 %0, %1, %2", sum, x);
#else
    return eprop_sadd16(sum, eprop_sxtb16(x));
#endif
}

/* The halves of `sum` plus bytes 1 and 3 of x, -128 ... 127. */
static inline uint32_t eprop_sxtab16_odd(uint32_t sum, uint32_t x)
{
#if EPROP_HAS_DSP
    EPROP_DSP2("sxtab16 %0, %1, %2, ror #8", sum, x);
#else
    return eprop_sadd16(sum, eprop_sxtb16_odd(x));
#endif
}

/* ---- Saturation of halves ---- */

/* An int32 clamped to [0, top], mod 2^32. */
static inline uint32_t eprop_upto(int32_t x, int32_t top)
{
    return (uint32_t)(x < 0 ? 0 : x > top ? top : x);
}

/* Each half clamped to [-128, 127]. */
static inline uint32_t eprop_ssat16_8(uint32_t x)
{
#if EPROP_HAS_DSP
    EPROP_DSP1("ssat16 %0, #8, %1", x);
#else
    return eprop_pair((uint32_t)eprop_sat8(eprop_low(x)), (uint32_t)eprop_sat8(eprop_high(x)));
#endif
}

/* Each half clamped to [0, 255]. */
static inline uint32_t eprop_usat16_8(uint32_t x)
{
#if EPROP_HAS_DSP
    EPROP_DSP1("usat16 %0, #8, %1", x);
#else
    return eprop_pair(eprop_upto(eprop_low(x), 255), eprop_upto(eprop_high(x), 255));
#endif
}

/* Each half clamped to [0, 511]. */
static inline uint32_t eprop_usat16_9(uint32_t x)
{
#if EPROP_HAS_DSP
    EPROP_DSP1("usat16 %0, #9, %1", x);
#else
    return eprop_pair(eprop_upto(eprop_low(x), 511), eprop_upto(eprop_high(x), 511));
#endif
}

/* x + y, saturated to int32. */
static inline int32_t eprop_qadd(int32_t x, int32_t y)
{
#if EPROP_HAS_DSP
    EPROP_PRODUCT("qadd %0, %1, %2", x, y);
#else
    const int64_t sum = (int64_t)x + y;
    return (int32_t)(sum > INT32_MAX ? INT32_MAX : sum < INT32_MIN ? INT32_MIN : sum);
#endif
}

/* The bytes of x less those of y, each saturated to [-128, 127]. */
static inline uint32_t eprop_qsub8(uint32_t x, uint32_t y)
{
#if EPROP_HAS_DSP
    EPROP_DSP2("qsub8 %0, %1, %2", x, y);
#else
    uint32_t word = 0;
    for (unsigned k = 0; k < 4U; k++) {
        word |= ((uint32_t)eprop_sat8(eprop_low(eprop_byte(x, k) - eprop_byte(y, k))) & 0xFFU) << (8U * k);
    }
    return word;
#endif
}

/* ---- Products; sums of 32 bits wrap ---- */

/* The low half of x times the low half of y. */
static inline int32_t eprop_smulbb(uint32_t x, uint32_t y)
{
#if EPROP_HAS_DSP
    EPROP_PRODUCT("smulbb %0, %1, %2", x, y);
#else
    return eprop_low(x) * eprop_low(y);
#endif
}

/* The high half of x times the low half of y. */
static inline int32_t eprop_smultb(uint32_t x, uint32_t y)
{
#if EPROP_HAS_DSP
    EPROP_PRODUCT("smultb %0, %1, %2", x, y);
#else
    return eprop_high(x) * eprop_low(y);
#endif
}

/* sum + the low half of x times the low half of y. */
static inline int32_t eprop_smlabb(uint32_t x, uint32_t y, int32_t sum)
{
#if EPROP_HAS_DSP
    EPROP_PRODUCT_SUM("smlabb %0, %1, %2, %3", x, y, sum);
#else
    return eprop_signed((uint32_t)sum + (uint32_t)(eprop_low(x) * eprop_low(y)));
#endif
}

/* sum + the high half of x times the low half of y. */
static inline int32_t eprop_smlatb(uint32_t x, uint32_t y, int32_t sum)
{
#if EPROP_HAS_DSP
    EPROP_PRODUCT_SUM("smlatb %0, %1, %2, %3", x, y, sum);
#else
    return eprop_signed((uint32_t)sum + (uint32_t)(eprop_high(x) * eprop_low(y)));
#endif
}

/* The product of the low halves plus that of the high ones. */
static inline int32_t eprop_smuad(uint32_t x, uint32_t y)
{
#if EPROP_HAS_DSP
    EPROP_PRODUCT("smuad %0, %1, %2", x, y);
#else
    return eprop_signed((uint32_t)(eprop_low(x) * eprop_low(y)) + (uint32_t)(eprop_high(x) * eprop_high(y)));
#endif
}

/* sum + the product of the low halves plus that of the high ones. */
static inline int32_t eprop_smlad(uint32_t x, uint32_t y, int32_t sum)
{
#if EPROP_HAS_DSP
    EPROP_PRODUCT_SUM("smlad %0, %1, %2, %3", x, y, sum);
#else
    return eprop_signed((uint32_t)sum + (uint32_t)eprop_smuad(x, y));
#endif
}

/* floor(x times the low half of y / 2^16). */
static inline int32_t eprop_smulwb(int32_t x, uint32_t y)
{
#if EPROP_HAS_DSP
    EPROP_PRODUCT("smulwb %0, %1, %2", x, y);
#else
    return (int32_t)eprop_asr64((int64_t)x * eprop_low(y), 16U);
#endif
}

/* floor(x times the high half of y / 2^16). */
static inline int32_t eprop_smulwt(int32_t x, uint32_t y)
{
#if EPROP_HAS_DSP
    EPROP_PRODUCT("smulwt %0, %1, %2", x, y);
#else
    return (int32_t)eprop_asr64((int64_t)x * eprop_high(y), 16U);
#endif
}

/* sum + floor(x y / 2^32). */
static inline int32_t eprop_smmla(int32_t x, int32_t y, int32_t sum)
{
#if EPROP_HAS_DSP
    EPROP_PRODUCT_SUM("smmla %0, %1, %2, %3", x, y, sum);
#else
    return eprop_signed((uint32_t)sum + (uint32_t)eprop_upper(x, y));
#endif
}

/*
 * ---- Sweeps and steps: a few instructions each ----
 *
 * What follows takes nearly all registers: the functions that use it are kept apart. Without optimisation compilers have
 * none to give.
 */
#if EPROP_HAS_DSP && defined(__OPTIMIZE__)
#define EPROP_HAS_REGISTERS 1
#define EPROP_INLINE static inline __attribute__((always_inline))
#else
#define EPROP_HAS_REGISTERS 0
#define EPROP_INLINE static inline
#endif

/*
 * Adds to two sums s what their neurons' psi take of the learning signal: floor(x / 2^9) psi, where x is o plus the
 * product of the halves of b and of the errors f, and psi stands times 2^7 in the lower half for s0, in the upper for s1.
 */
EPROP_INLINE void eprop_credit(int32_t *s0, int32_t *s1, uint32_t psi, uint32_t f, uint32_t b0, int32_t o0,
                                uint32_t b1, int32_t o1)
{
#if EPROP_HAS_REGISTERS
    int32_t low = *s0;
    int32_t high = *s1;
    int32_t x;

    __asm__("smlad %2, %4, %5, %6\n\tbfc %2, #0, #9\n\tsmlawb %0, %2, %3, %0\n\t"
            "smlad %2, %7, %5, %8\n\tbfc %2, #0, #9\n\tsmlawt %1, %2, %3, %1"
            : "+r"(low), "+r"(high), "=&r"(x)
            : "r"(psi), "r"(b0), "r"(f), "r"(o0), "r"(b1), "r"(o1));
    *s0 = low;
    *s1 = high;
#else
    const int32_t x0 = eprop_asr32(eprop_smlad(b0, f, o0), 9U);
    const int32_t x1 = eprop_asr32(eprop_smlad(b1, f, o1), 9U);

    *s0 = eprop_signed((uint32_t)*s0 + (uint32_t)x0 * ((psi & UINT32_C(0xFFFF)) >> 7));
    *s1 = eprop_signed((uint32_t)*s1 + (uint32_t)x1 * (psi >> 23));
#endif
}

/*
 * The steps of two synapses, rounded by their thresholds, as integers + 128. t stands times 2^drop in halves; a step is t
 * times the factor (b a) >> shift of the half's b, at most a limit, plus the half's threshold in 2^-16. `rest` is
 * 2^31 - 1 - limit, `least` is rest + 2^23 mod 2^32.
 */
EPROP_INLINE uint32_t eprop_two_steps(uint32_t t, unsigned drop, uint32_t b, uint32_t a, unsigned shift, int32_t rest,
                                       uint32_t least, uint32_t thresholds)
{
#if EPROP_HAS_REGISTERS
    uint32_t x, y, z;

    /* qadd, from rest, qadd: min(., limit) of the step and of what it is the negative of. */
    __asm__("smulbb %0, %4, %5\n\tlsr %0, %0, %6\n\tsxth %2, %3\n\tasr %2, %2, %7\n\tmul %0, %0, %2\n\t"
            "qadd %0, %0, %8\n\tsub %0, %8, %0\n\tqadd %0, %0, %8\n\tuxtah %2, %9, %10\n\tsub %0, %2, %0\n\t"
            "smultb %1, %4, %5\n\tlsr %1, %1, %6\n\tasr %2, %3, #16\n\tasr %2, %2, %7\n\tmul %1, %1, %2\n\t"
            "qadd %1, %1, %8\n\tsub %1, %8, %1\n\tqadd %1, %1, %8\n\tadd %2, %9, %10, lsr #16\n\tsub %1, %2, %1\n\t"
            "pkhtb %0, %1, %0, asr #16"
            : "=&r"(x), "=&r"(y), "=&r"(z)
            : "r"(t), "r"(b), "r"(a), "r"(shift), "r"(drop), "r"(rest), "r"(least), "r"(thresholds));
    return x;
#else
    const int32_t x = (int32_t)((uint32_t)eprop_smulbb(b, a) >> shift) * eprop_asr32(eprop_low(t), drop);
    const int32_t y = (int32_t)((uint32_t)eprop_smultb(b, a) >> shift) * eprop_asr32(eprop_high(t), drop);
    const uint32_t low = (uint32_t)eprop_qadd(rest - eprop_qadd(x, rest), rest);
    const uint32_t high = (uint32_t)eprop_qadd(rest - eprop_qadd(y, rest), rest);

    return eprop_pkhtb(least + (thresholds & UINT32_C(0xFFFF)) - low, least + (thresholds >> 16) - high);
#endif
}

/* ---- Rows of eight halves, at multiples of four bytes ---- */

#if EPROP_HAS_REGISTERS
/* Brings the row that the next time tells into r4, r5, r6 and r8, by way of the register `row`, which may be r8. */
#define EPROP_TAKE_ROW(row)                                                                                            \
    "ldrh " row ", [%[time]], #2\n\tadd " row ", %[rows], " row ", lsl #4\n\tldm " row ", {r4, r5, r6, r8}\n\t"
/* What is done with a row, for all times up to `end`: two in each turn, but for the first of an odd number. */
#define EPROP_EACH_ROW(visit)                                                                                          \
    "sub r8, %[end], %[time]\n\ttst r8, #2\n\tbeq 1f\n\t" visit "cmp %[time], %[end]\n\tbeq 2f\n"                      \
    "1:\n\t" visit visit "cmp %[time], %[end]\n\tbne 1b\n2:"
#endif

/* Adds the rows that times tell, of which there is at least one, to four words, half by half. */
EPROP_INLINE void eprop_sum_rows(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d, const uint16_t *rows,
                                  const uint16_t *time, const uint16_t *end)
{
#if EPROP_HAS_REGISTERS
    uint32_t w = *a, x = *b, y = *c, z = *d;

    __asm__ volatile(EPROP_EACH_ROW(EPROP_TAKE_ROW("r8") "sadd16 %[a], %[a], r4\n\tsadd16 %[b], %[b], r5\n\t"
                                                   "sadd16 %[c], %[c], r6\n\tsadd16 %[d], %[d], r8\n\t")
                     : [a] "+r"(w), [b] "+r"(x), [c] "+r"(y), [d] "+r"(z), [time] "+r"(time)
                     : [rows] "r"(rows), [end] "r"(end)
                     : "r4", "r5", "r6", "r8", "cc", "memory");
    *a = w;
    *b = x;
    *c = y;
    *d = z;
#else
    do {
        const uint16_t *row = &rows[(uint32_t)*time * 8U];

        *a = eprop_sadd16(*a, eprop_load2(row));
        *b = eprop_sadd16(*b, eprop_load2(row + 2));
        *c = eprop_sadd16(*c, eprop_load2(row + 4));
        *d = eprop_sadd16(*d, eprop_load2(row + 6));
        time++;
    } while (time != end);
#endif
}

/* Adds four words to the rows that times tell, of which there is at least one, half by half. */
EPROP_INLINE void eprop_add_to_rows(uint16_t *rows, const uint16_t *time, const uint16_t *end, uint32_t a, uint32_t b,
                                     uint32_t c, uint32_t d)
{
#if EPROP_HAS_REGISTERS
    uint16_t *row;

    __asm__ volatile(EPROP_EACH_ROW(EPROP_TAKE_ROW("%[row]") "sadd16 r4, r4, %[a]\n\tsadd16 r5, r5, %[b]\n\t"
                                                   "sadd16 r6, r6, %[c]\n\tsadd16 r8, r8, %[d]\n\t"
                                                   "stm %[row], {r4, r5, r6, r8}\n\t")
                     : [time] "+r"(time), [row] "=&r"(row)
                     : [rows] "r"(rows), [end] "r"(end), [a] "r"(a), [b] "r"(b), [c] "r"(c), [d] "r"(d)
                     : "r4", "r5", "r6", "r8", "cc", "memory");
#else
    do {
        uint16_t *row = &rows[(uint32_t)*time * 8U];

        eprop_store2(row, eprop_sadd16(eprop_load2(row), a));
        eprop_store2(row + 2, eprop_sadd16(eprop_load2(row + 2), b));
        eprop_store2(row + 4, eprop_sadd16(eprop_load2(row + 4), c));
        eprop_store2(row + 6, eprop_sadd16(eprop_load2(row + 6), d));
        time++;
    } while (time != end);
#endif
}

/* Whether all halves of the rows from `row` to `end`, an even number of rows and not 0, are in [-1024, 1023]. */
EPROP_INLINE int eprop_rows_fit11(const uint16_t *row, const uint16_t *end)
{
#if EPROP_HAS_REGISTERS
    uint32_t flags = 0;

    /* SSAT16 sets Q where it saturates; nothing else clears it. */
    __asm__ volatile("msr apsr_nzcvq, %[flags]\n1:\n\tldm %[row]!, {r4, r5, r6, r8}\n\t"
                     "ssat16 r4, #11, r4\n\tssat16 r5, #11, r5\n\tssat16 r6, #11, r6\n\tssat16 r8, #11, r8\n\t"
                     "ldm %[row]!, {r4, r5, r6, r8}\n\t"
                     "ssat16 r4, #11, r4\n\tssat16 r5, #11, r5\n\tssat16 r6, #11, r6\n\tssat16 r8, #11, r8\n\t"
                     "cmp %[row], %[end]\n\tbne 1b\n\tmrs %[flags], apsr"
                     : [row] "+r"(row), [flags] "+r"(flags)
                     : [end] "r"(end)
                     : "r4", "r5", "r6", "r8", "cc", "memory");
    return (flags & UINT32_C(0x08000000)) == 0U;
#else
    uint32_t seen = 0;

    for (; row != end; row += 2) {
        seen |= eprop_sadd16(eprop_load2(row), UINT32_C(0x04000400));
    }
    return (seen & UINT32_C(0xF800F800)) == 0U;
#endif
}

/* Makes the rows from `row` to `end`, an even number of rows and not 0, rows of 0. */
EPROP_INLINE void eprop_clear_rows(uint16_t *row, const uint16_t *end)
{
#if EPROP_HAS_REGISTERS
    __asm__ volatile("mov r4, #0\n\tmov r5, #0\n\tmov r6, #0\n\tmov r8, #0\n1:\n\tstm %[row]!, {r4, r5, r6, r8}\n\t"
                     "stm %[row]!, {r4, r5, r6, r8}\n\tcmp %[row], %[end]\n\tbne 1b"
                     : [row] "+r"(row)
                     : [end] "r"(end)
                     : "r4", "r5", "r6", "r8", "cc", "memory");
#else
    for (; row != end; row += 2) {
        eprop_store2(row, 0);
    }
#endif
}

/* Adds a row of eight halves to four words, half by half. */
EPROP_INLINE void eprop_add_row(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d, const uint16_t *row)
{
#if EPROP_HAS_REGISTERS
    uint32_t w = *a, x = *b, y = *c, z = *d;

    __asm__ volatile("ldm %4, {r4, r5, r6, r8}\n\tsadd16 %0, %0, r4\n\tsadd16 %1, %1, r5\n\tsadd16 %2, %2, r6\n\t"
                     "sadd16 %3, %3, r8"
                     : "+r"(w), "+r"(x), "+r"(y), "+r"(z)
                     : "r"(row)
                     : "r4", "r5", "r6", "r8", "memory");
    *a = w;
    *b = x;
    *c = y;
    *d = z;
#else
    *a = eprop_sadd16(*a, eprop_load2(row));
    *b = eprop_sadd16(*b, eprop_load2(row + 2));
    *c = eprop_sadd16(*c, eprop_load2(row + 4));
    *d = eprop_sadd16(*d, eprop_load2(row + 6));
#endif
}

#ifdef __cplusplus
}
#endif

#endif
