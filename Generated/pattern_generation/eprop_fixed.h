/*
 * eprop_fixed.h - the integer arithmetic of epropc's generated networks.
 *
 * Every function here is defined in Arithmetic.md and means the same on every machine: two's complement
 * integers of exact width, no dependence on the width of int, no signed overflow, no right shift of a
 * negative number. Results do not depend on any macro.
 *
 * C99 (or C++11) freestanding; needs nothing but <stdint.h>, and on an AVR <avr/pgmspace.h>.
 */
#ifndef EPROP_FIXED_H
#define EPROP_FIXED_H

#include <stdint.h>
#if defined(__AVR__)
#include <avr/pgmspace.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Constant tables. EPROP_TABLE stands in their declarations, and EPROP_READ(type, table[i]) is an element of such a table.
 * An AVR keeps them in flash (in its first 64 KiB) and reads them from there; elsewhere they are ordinary constants.
 */
#if defined(__AVR__)
#define EPROP_TABLE PROGMEM
#define EPROP_READ(type, place) \
    ((type)(sizeof(type) == 1U   ? pgm_read_byte(&(place)) \
            : sizeof(type) == 2U ? pgm_read_word(&(place)) \
                                 : pgm_read_dword(&(place))))
#else
#define EPROP_TABLE
#define EPROP_READ(type, place) (place)
#endif

/*
 * EPROP_RAM may be defined, as a plain number: the bytes of RAM that a machine has for a network. A larger network then
 * does not compile.
 */
#define EPROP_JOIN(name, number) EPROP_JOIN_EXPANDED(name, number)
#define EPROP_JOIN_EXPANDED(name, number) name##number

/*
 * Whether loops have copies for frequent cases. Where a compiler is asked for small code they have none, and
 * EPROP_LONG stands for functions of which there is to be one only.
 */
#if defined(__GNUC__) && defined(__OPTIMIZE_SIZE__)
#define EPROP_ROOMY 0
#define EPROP_LONG static __attribute__((noinline, unused))
#else
#define EPROP_ROOMY 1
#define EPROP_LONG static inline
#endif

/* floor(x / 2^n), 0 <= n < 32. Compilers see through the complement and emit one arithmetic shift. */
static inline int32_t eprop_asr32(int32_t x, unsigned n)
{
    return x < 0 ? ~(~x >> n) : x >> n;
}

/* floor(x / 2^n), 0 <= n < 64. */
static inline int64_t eprop_asr64(int64_t x, unsigned n)
{
    return x < 0 ? ~(~x >> n) : x >> n;
}

/* x / 2^n to the nearest integer, ties upwards; x + 2^(n-1) must fit. 0 <= n < 32. */
static inline int32_t eprop_near32(int32_t x, unsigned n)
{
    return n == 0U ? x : eprop_asr32(x + (int32_t)(UINT32_C(1) << (n - 1U)), n);
}

/* x / 2^n to the nearest integer, ties upwards; x + 2^(n-1) must fit. 0 <= n < 64. */
static inline int64_t eprop_near64(int64_t x, unsigned n)
{
    return n == 0U ? x : eprop_asr64(x + (int64_t)(UINT64_C(1) << (n - 1U)), n);
}

/* x clamped to [-128, 127]. */
static inline int8_t eprop_sat8(int32_t x)
{
    if ((uint32_t)x + 128U > 255U) {
        x = x < 0 ? -128 : 127;
    }
    return (int8_t)x;
}

/* x clamped to [-32768, 32767]. */
EPROP_LONG int16_t eprop_sat16(int32_t x)
{
    return (int16_t)(x < INT32_C(-32768) ? INT32_C(-32768) : x > INT32_C(32767) ? INT32_C(32767) : x);
}

/* x clamped to [-16384, 16383]. */
static inline int32_t eprop_sat15(int32_t x)
{
    return x < -16384 ? -16384 : x > 16383 ? 16383 : x;
}

/* eprop_sat16(eprop_near32(x, n)) + 2^15, a uint16, 0 <= n <= 15: both ends of the range in one comparison. */
static inline uint32_t eprop_offset16(int32_t x, unsigned n)
{
    uint32_t span = UINT32_C(65536) << n;
    uint32_t sum = (uint32_t)x + (span >> 1) + (n == 0U ? 0U : UINT32_C(1) << (n - 1U));
    if (sum >= span) {
        sum = x < 0 ? 0U : span - 1U;
    }
    return sum >> n;
}

/* x clamped to [-limit, limit], limit >= 0. */
static inline int64_t eprop_clamp64(int64_t x, int64_t limit)
{
    return x < -limit ? -limit : x > limit ? limit : x;
}

/* x clamped to +-(2^31 - 1). */
static inline int32_t eprop_sat32(int64_t x)
{
    return (int32_t)eprop_clamp64(x, INT64_C(0x7FFFFFFF));
}

/*
 * Where a product of 64 bits is costly, products are put together from halves; elsewhere the upper half of a product is
 * one instruction. Both are exact.
 */
#if defined(__AVR__) || (defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1) \
    || (defined(__riscv) && !defined(__riscv_mul))
#define EPROP_NARROW_MULTIPLY 1
#else
#define EPROP_NARROW_MULTIPLY 0
#endif

/*
 * floor(x y / 2^32). In halves, x = 2^16 xh + xl and y = 2^16 yh + yl: each of xh yl and xl yh is at most 2^31 - 2^15 in
 * size, and at most 2^31 - 2^16 - 2^15 + 1 where it is positive, so there is room for the 16 bits carried into it.
 */
static inline int32_t eprop_upper(int32_t x, int32_t y)
{
#if EPROP_NARROW_MULTIPLY
    int32_t xh = eprop_asr32(x, 16U);
    int32_t yh = eprop_asr32(y, 16U);
    uint32_t xl = (uint32_t)x & UINT32_C(0xFFFF);
    uint32_t yl = (uint32_t)y & UINT32_C(0xFFFF);
    int32_t u = xh * (int32_t)yl + (int32_t)((xl * yl) >> 16);
    int32_t v = (int32_t)xl * yh + (int32_t)((uint32_t)u & UINT32_C(0xFFFF));
    return xh * yh + eprop_asr32(u, 16U) + eprop_asr32(v, 16U);
#else
    return (int32_t)eprop_asr64((int64_t)x * y, 32U);
#endif
}

/*
 * floor(x c / 2^15) for 0 <= c < 2^15, in 32 bits: with x = 2^15 h + l it is h c + (l c >> 15), where
 * |h c| <= 2^16 (2^15 - 1) and the second term is below 2^15.
 * Where products are wide, the upper half of x 2^17 c is the result; for c >= 2^14 that factor is taken as 2^17 c - 2^32,
 * an int32, which leaves x to be added.
 */
static inline int32_t eprop_scale(int32_t x, int32_t c)
{
#if !EPROP_NARROW_MULTIPLY && UINTPTR_MAX > UINT32_C(0xFFFFFFFF)
    return (int32_t)eprop_asr64((int64_t)x * c, 15U);
#elif !EPROP_NARROW_MULTIPLY
    return c < 0x4000 ? eprop_upper(x, c * 0x20000) : x + eprop_upper(x, (c - 0x8000) * 0x20000);
#else
    int32_t h = eprop_asr32(x, 15U);
    int32_t l = (int32_t)((uint32_t)x & UINT32_C(0x7FFF));
    return h * c + ((l * c) >> 15);
#endif
}

/*
 * x less floor(x / 2^16) (2^16 - 2 c), which is about x c / 2^15, 0 <= c < 2^15. The product is at most 2^31 in size, and of
 * x's sign where it is large, so the difference fits.
 */
static inline int32_t eprop_fade(int32_t x, int32_t c)
{
    return x - eprop_asr32(x, 16U) * (INT32_C(65536) - 2 * c);
}

/* The dither word of step t: multiples of 2^32 / golden ratio are spread evenly. */
static inline uint32_t eprop_dither(uint32_t t)
{
    return (t + 1U) * UINT32_C(0x9E3779B9);
}

/* A membrane potential after one step, v c / 2^15 dithered; 0 <= c < 2^15, so |v c| + 2^15 < 2^31. */
static inline int32_t eprop_leak(int16_t v, int32_t c, uint32_t dither)
{
    return eprop_asr32((int32_t)v * c + (int32_t)(dither >> 17), 15U);
}

/*
 * x less the fraction c / 2^(15 + s) of it, dithered; 0 < c < 2^15, 0 <= s <= 15. The sum under the last
 * shift is at most 2^16 (2^15 - 1) + 2 (2^15 - 1) = 2^31 - 2.
 */
EPROP_LONG int32_t eprop_decay(int32_t x, int32_t c, unsigned s, uint32_t dither)
{
    uint32_t u = dither >> (17U - s);
    int32_t h = eprop_asr32(x, 15U);
    int32_t l = (int32_t)((uint32_t)x & UINT32_C(0x7FFF));
    int32_t low = (l * c + (int32_t)(u & UINT32_C(0x7FFF))) >> 15;
    return x - eprop_asr32(h * c + (int32_t)(u >> 15) + low, s);
}

/* The largest z <= 15 for which x 4^z is below 2^32; an x of 0 is taken as 1. */
static inline unsigned eprop_octaves(uint32_t x)
{
    unsigned z = 0;
    if (x < UINT32_C(0x10000)) {
        x = x == 0U ? UINT32_C(0x10000) : x << 16;
        z = 8;
    }
    while (x < UINT32_C(0x40000000)) {
        x <<= 2;
        z++;
    }
    return z;
}

/*
 * 2^(30 - z) / sqrt(x) with z = eprop_octaves(x), off by 0.03 % at most; an x of 0 is taken as 1. Two steps of Newton's
 * method from a straight line: with m in [2^14, 2^16) all that is multiplied stays below 2^32, and the result is in
 * [16382, 32761].
 */
static inline uint32_t eprop_rsqrt(uint32_t x, unsigned z)
{
    uint32_t m = ((x == 0U ? 1U : x) << (2U * z)) >> 16;
    uint32_t y = 34750U - ((m * 19750U) >> 16);
    y = (y * (98304U - ((m * ((y * y) >> 15)) >> 14))) >> 16;
    return (y * (98304U - ((m * ((y * y) >> 15)) >> 14))) >> 16;
}

/* A condition that seldom holds. */
#if defined(__GNUC__)
#define EPROP_SELDOM(condition) __builtin_expect((condition), 0)
#else
#define EPROP_SELDOM(condition) (condition)
#endif

/* Keeps `number` (or a pointer) in a register: a compiler that knew it would make shifts and additions of products and sums of it. */
#if defined(__GNUC__)
#define EPROP_UNKNOWN(number) __asm__("" : "+r"(number))
#else
#define EPROP_UNKNOWN(number) (void)(number)
#endif

/*
 * Eight registers of Thumb-1 can be used by every instruction. There x, just loaded by way of `row`, is kept in one of
 * them, and loads that follow wait until then: a compiler that does them all at once must put them elsewhere.
 */
#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1
#define EPROP_AT_HAND(x, row) __asm__("" : "+l"(x), "+r"(row))
#else
#define EPROP_AT_HAND(x, row) (void)(x)
#endif

/* Mixes 32 bits so that every bit of the result depends on every bit of x. */
static inline uint32_t eprop_hash(uint32_t x)
{
    uint32_t second = UINT32_C(0x846CA68B);

#if EPROP_NARROW_MULTIPLY
    EPROP_UNKNOWN(second);
#endif
    x = (x ^ (x >> 16)) * UINT32_C(0x7FEB352D);
    x = (x ^ (x >> 15)) * second;
    return x ^ (x >> 16);
}

/*
 * What an update adds to the hash of every key. The upper bits of hash + turn are the rounding threshold of the first of
 * eight neighbouring synapses, EPROP_LANE more for each that follows.
 */
#define EPROP_LANE UINT32_C(0x20000000)

static inline uint32_t eprop_turn(uint32_t update)
{
    return update * UINT32_C(0x9E3779B9);
}

/* A loop that has the registers to itself: inlined into its caller it would run from the stack. */
#if defined(__GNUC__)
#define EPROP_APART __attribute__((noinline))
#else
#define EPROP_APART
#endif

/*
 * Several numbers in a word of 32 bits. The address must be a multiple of 4; compilers that can say so, on machines whose
 * byte order is that of the word, then use one access.
 */
#if defined(__GNUC__) && defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define EPROP_ALIGNED __attribute__((aligned(4)))
#define EPROP_WHOLE_WORDS 1
#else
#define EPROP_ALIGNED
#define EPROP_WHOLE_WORDS 0
#endif

/* p[k] in bits 8 k ... 8 k + 7, for k = 0 ... 3. */
static inline uint32_t eprop_load4(const int8_t *p)
{
#if EPROP_WHOLE_WORDS
    uint32_t word;
    __builtin_memcpy(&word, __builtin_assume_aligned(p, 4), 4);
    return word;
#else
    return (uint32_t)(uint8_t)p[0] | (uint32_t)(uint8_t)p[1] << 8 | (uint32_t)(uint8_t)p[2] << 16
           | (uint32_t)(uint8_t)p[3] << 24;
#endif
}

/* The same for a constant table. */
static inline uint32_t eprop_table4(const int8_t *p)
{
#if defined(__AVR__)
    return pgm_read_dword(p);
#else
    return eprop_load4(p);
#endif
}

/* p[0] in the lower half, p[1] in the upper one. */
static inline uint32_t eprop_load2(const uint16_t *p)
{
#if EPROP_WHOLE_WORDS
    uint32_t word;
    __builtin_memcpy(&word, __builtin_assume_aligned(p, 4), 4);
    return word;
#else
    return (uint32_t)p[0] | (uint32_t)p[1] << 16;
#endif
}

/* The inverse of eprop_load2. */
static inline void eprop_store2(uint16_t *p, uint32_t word)
{
#if EPROP_WHOLE_WORDS
    __builtin_memcpy(__builtin_assume_aligned(p, 4), &word, 4);
#else
    p[0] = (uint16_t)(word & UINT32_C(0xFFFF));
    p[1] = (uint16_t)(word >> 16);
#endif
}

/* The inverse of eprop_load4, for unsigned numbers. */
static inline void eprop_store4(uint8_t *p, uint32_t word)
{
#if EPROP_WHOLE_WORDS
    __builtin_memcpy(__builtin_assume_aligned(p, 4), &word, 4);
#else
    p[0] = (uint8_t)(word & 255U);
    p[1] = (uint8_t)(word >> 8 & 255U);
    p[2] = (uint8_t)(word >> 16 & 255U);
    p[3] = (uint8_t)(word >> 24);
#endif
}

/*
 * Where number j stands in an array whose words are worked on by the halves of words of bytes: bytes 0 and 2 of four go to
 * one word, bytes 1 and 3 to the next, so of each four numbers the second and the third are swapped.
 */
static inline uint16_t eprop_lane(uint16_t j)
{
    return (uint16_t)((j & 0xFFFCU) | (j & 1U) << 1 | (j >> 1 & 1U));
}

/* The int32 with the bits of x. */
static inline int32_t eprop_signed(uint32_t x)
{
    return x <= UINT32_C(0x7FFFFFFF) ? (int32_t)x : -(int32_t)(UINT32_C(0xFFFFFFFF) - x) - 1;
}

/* The number whose two's complement of 16 bits is x, mod 2^32. */
static inline uint32_t eprop_extended(uint16_t x)
{
    return ((uint32_t)x ^ UINT32_C(0x8000)) - UINT32_C(0x8000);
}

/* CRC-32/ISO-HDLC of more bytes: start with crc = 0, feed the last result back in. Four bits at a time, so that the
   table costs 64 bytes of flash. */
static inline uint32_t eprop_crc32(uint32_t crc, const uint8_t *bytes, uint32_t count)
{
    static const uint32_t nibble[16] EPROP_TABLE = {
        UINT32_C(0x00000000), UINT32_C(0x1DB71064), UINT32_C(0x3B6E20C8), UINT32_C(0x26D930AC),
        UINT32_C(0x76DC4190), UINT32_C(0x6B6B51F4), UINT32_C(0x4DB26158), UINT32_C(0x5005713C),
        UINT32_C(0xEDB88320), UINT32_C(0xF00F9344), UINT32_C(0xD6D6A3E8), UINT32_C(0xCB61B38C),
        UINT32_C(0x9B64C2B0), UINT32_C(0x86D3D2D4), UINT32_C(0xA00AE278), UINT32_C(0xBDBDF21C)
    };
    uint32_t i;
    crc = ~crc;
    for (i = 0; i < count; i++) {
        crc ^= bytes[i];
        crc = (crc >> 4) ^ EPROP_READ(uint32_t, nibble[crc & 15U]);
        crc = (crc >> 4) ^ EPROP_READ(uint32_t, nibble[crc & 15U]);
    }
    return ~crc;
}

#ifdef __cplusplus
}
#endif

#endif
