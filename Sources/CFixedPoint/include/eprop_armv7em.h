/*
 * eprop_armv7em.h - the instructions of Armv7E-M that the fast kernels of epropc's networks are made of.
 *
 * They work on the halves and the bytes of a 32-bit word: bytes 0 and 2, or 1 and 3, become two halves at once. The
 * Cortex-M4 and M7 have them, and Armv8-M with the DSP extension (M33, M55). Each function is one instruction there and
 * plain C99 everywhere else; the C is its definition, so kernels written with these functions give the same bits on
 * every machine and are only slower elsewhere. EPROP_DSP_IN_C takes the C everywhere.
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

#ifdef __cplusplus
}
#endif

#endif
