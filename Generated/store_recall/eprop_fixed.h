/*
 * eprop_fixed.h - the integer arithmetic of epropc's generated networks.
 *
 * Every function here is defined in Arithmetic.md and means the same on every machine: two's complement
 * integers of exact width, no dependence on the width of int, no signed overflow, no right shift of a
 * negative number. Results do not depend on any macro.
 *
 * C99 (or C++11) freestanding; needs nothing but <stdint.h>.
 */
#ifndef EPROP_FIXED_H
#define EPROP_FIXED_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
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
    return (int8_t)(x < -128 ? -128 : x > 127 ? 127 : x);
}

/* x clamped to [-32768, 32767]. */
static inline int16_t eprop_sat16(int32_t x)
{
    return (int16_t)(x < INT32_C(-32768) ? INT32_C(-32768) : x > INT32_C(32767) ? INT32_C(32767) : x);
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
 * floor(x c / 2^15) for 0 <= c < 2^15, in 32 bits: with x = 2^15 h + l it is h c + (l c >> 15), where
 * |h c| <= 2^16 (2^15 - 1) and the second term is below 2^15.
 */
static inline int32_t eprop_scale(int32_t x, int32_t c)
{
    int32_t h = eprop_asr32(x, 15U);
    int32_t l = (int32_t)((uint32_t)x & UINT32_C(0x7FFF));
    return h * c + ((l * c) >> 15);
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
static inline int32_t eprop_decay(int32_t x, int32_t c, unsigned s, uint32_t dither)
{
    uint32_t u = dither >> (17U - s);
    int32_t h = eprop_asr32(x, 15U);
    int32_t l = (int32_t)((uint32_t)x & UINT32_C(0x7FFF));
    int32_t low = (l * c + (int32_t)(u & UINT32_C(0x7FFF))) >> 15;
    return x - eprop_asr32(h * c + (int32_t)(u >> 15) + low, s);
}

/* floor(sqrt(x)). */
static inline uint32_t eprop_isqrt(uint64_t x)
{
    uint64_t root = 0;
    uint64_t bit = UINT64_C(1) << 62;
    while (bit > x) {
        bit >>= 2;
    }
    while (bit != 0U) {
        if (x >= root + bit) {
            x -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
        bit >>= 2;
    }
    return (uint32_t)root;
}

/* Mixes 32 bits so that every bit of the result depends on every bit of x. */
static inline uint32_t eprop_hash(uint32_t x)
{
    x = (x ^ (x >> 16)) * UINT32_C(0x7FEB352D);
    x = (x ^ (x >> 15)) * UINT32_C(0x846CA68B);
    return x ^ (x >> 16);
}

/* Rounding threshold, in 2^-16 LSB, of the synapse with this key in this update; in [0, 65535]. */
static inline int32_t eprop_threshold(uint32_t key, uint32_t update)
{
    return (int32_t)((eprop_hash(key) + update * UINT32_C(0x9E3779B9)) >> 16);
}

/* CRC-32/ISO-HDLC of more bytes: start with crc = 0, feed the last result back in. Four bits at a time, so that the
   table costs 64 bytes of flash. */
static inline uint32_t eprop_crc32(uint32_t crc, const uint8_t *bytes, uint32_t count)
{
    static const uint32_t nibble[16] = {
        UINT32_C(0x00000000), UINT32_C(0x1DB71064), UINT32_C(0x3B6E20C8), UINT32_C(0x26D930AC),
        UINT32_C(0x76DC4190), UINT32_C(0x6B6B51F4), UINT32_C(0x4DB26158), UINT32_C(0x5005713C),
        UINT32_C(0xEDB88320), UINT32_C(0xF00F9344), UINT32_C(0xD6D6A3E8), UINT32_C(0xCB61B38C),
        UINT32_C(0x9B64C2B0), UINT32_C(0x86D3D2D4), UINT32_C(0xA00AE278), UINT32_C(0xBDBDF21C)
    };
    uint32_t i;
    crc = ~crc;
    for (i = 0; i < count; i++) {
        crc ^= bytes[i];
        crc = (crc >> 4) ^ nibble[crc & 15U];
        crc = (crc >> 4) ^ nibble[crc & 15U];
    }
    return ~crc;
}

#ifdef __cplusplus
}
#endif

#endif
