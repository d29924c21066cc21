import Foundation
import Planning
import Testing
import Toolchains

/// The instructions of eprop_armv7em.h as the processors have them, against the C that defines them.
struct InstructionTests {
  /// A program that puts operands through every function and writes what comes out. Operands are all pairs of words with
  /// halves at the borders, then every half and every byte, then pseudo-random words.
  static let probe = """
    #include "eprop_armv7em.h"
    #include "platform.h"

    static const uint16_t borders[10] = {0, 1, 0x7F, 0x80, 0xFF, 0x1FF, 0x7FFF, 0x8000, 0xFF80, 0xFFFF};
    static uint32_t sums[29];
    static uint32_t random_word = 1;

    static void note(unsigned function, uint32_t result)
    {
        sums[function] = (sums[function] ^ result) * UINT32_C(0x01000193) + (sums[function] >> 25);
    }

    static uint32_t draw(void)
    {
        random_word = random_word * UINT32_C(1664525) + UINT32_C(1013904223);
        return eprop_hash(random_word);
    }

    /* The functions of several instructions. */
    static EPROP_APART void try_together(uint32_t x, uint32_t y, int32_t z)
    {
        int32_t s0 = z;
        int32_t s1 = eprop_signed(y);
        const unsigned drop = x & 3U;
        const unsigned shift = 11U + (y & 15U);
        const int32_t rest = (int32_t)(UINT32_C(0x7FFFFFFF) - (x >> 8 & UINT32_C(0x7FFFFF)));

        eprop_credit(&s0, &s1, x & UINT32_C(0x7F807F80), y, x, z, y ^ x, eprop_asr32(z, 3U));
        note(25, (uint32_t)s0 ^ (uint32_t)s1 << 1);
        note(26, eprop_two_steps((y >> 1 & UINT32_C(0x07FF07FF)) << drop ^ (x & UINT32_C(0x80008000)), drop,
                                 y & UINT32_C(0x7FFF7FFF), x & 0x7FFFU, shift, rest,
                                 (uint32_t)rest + (UINT32_C(128) << 16), x ^ y));
    }

    static EPROP_APART void sum_rows(uint32_t *word, const uint16_t *rows, const uint16_t *time, const uint16_t *end)
    {
        eprop_sum_rows(&word[0], &word[1], &word[2], &word[3], rows, time, end);
    }

    static EPROP_APART void add_to_rows(uint16_t *rows, const uint16_t *time, const uint16_t *end, const uint32_t *word)
    {
        eprop_add_to_rows(rows, time, end, word[0], word[1], word[2], word[3]);
    }

    static EPROP_APART void add_row(uint32_t *word, const uint16_t *row)
    {
        eprop_add_row(&word[0], &word[1], &word[2], &word[3], row);
    }

    /* The functions of whole rows, with one time to nine. */
    static void try_rows(void)
    {
        static uint16_t rows[32][8] EPROP_ALIGNED;

        for (unsigned count = 1; count <= 9U; count++) {
            uint16_t times[9];
            uint32_t word[4];

            for (unsigned k = 0; k < 256U; k++) {
                rows[k / 8U][k % 8U] = (uint16_t)(draw() >> (count & 1U ? 16U : 22U));
                rows[k / 8U][k % 8U] = (uint16_t)(rows[k / 8U][k % 8U] - (count & 1U ? 0U : 512U));
            }
            for (unsigned k = 0; k < 9U; k++) {
                times[k] = (uint16_t)(draw() >> 27);
            }
            for (unsigned k = 0; k < 4U; k++) {
                word[k] = draw();
            }
            note(27, (uint32_t)eprop_rows_fit11(rows[0], rows[30]));
            sum_rows(word, rows[0], times, times + count);
            add_to_rows(rows[0], times, times + count, word);
            add_row(word, rows[times[0]]);
            eprop_clear_rows(rows[2U * count], rows[2U * count + 4U]);
            for (unsigned k = 0; k < 4U; k++) {
                note(28, word[k]);
            }
            for (unsigned k = 0; k < 256U; k++) {
                note(28, rows[k / 8U][k % 8U]);
            }
            for (unsigned k = 0; k < 16U; k++) {
                rows[k][k & 7U] = (uint16_t)(k % 3U == 0U ? 1023U : 0xFC00U);
                eprop_clear_rows(rows[k & 14U], rows[(k & 14U) + 2U]);
            }
            rows[count][count % 8U] = (uint16_t)(count < 5U ? 1023U + (count & 1U) : 0xFC00U - (count & 1U));
            note(27, (uint32_t)eprop_rows_fit11(rows[0], rows[16]));
        }
    }

    static void try_operands(uint32_t x, uint32_t y, int32_t z)
    {
        note(0, eprop_pkhbt(x, y));
        note(1, eprop_pkhtb(x, y));
        note(2, eprop_pkhtb15(x, y));
        note(3, eprop_uxtb16(x));
        note(4, eprop_uxtb16_odd(x));
        note(5, eprop_sxtb16(x));
        note(6, eprop_sxtb16_odd(x));
        note(7, eprop_sadd16(x, y));
        note(8, eprop_ssub16(x, y));
        note(9, eprop_qadd16(x, y));
        note(10, eprop_qsub16(x, y));
        note(11, eprop_sxtab16(x, y));
        note(12, eprop_sxtab16_odd(x, y));
        note(13, eprop_ssat16_8(x));
        note(14, eprop_usat16_8(x));
        note(15, eprop_usat16_9(x));
        note(16, (uint32_t)eprop_smulbb(x, y) ^ (uint32_t)eprop_smultb(x, y) << 1);
        note(17, (uint32_t)eprop_smlabb(x, y, z));
        note(18, (uint32_t)eprop_smlatb(x, y, z));
        note(19, (uint32_t)eprop_smuad(x, y) ^ (uint32_t)eprop_smlad(x, y, z) << 1);
        note(20, (uint32_t)eprop_smulwb(z, y) ^ (uint32_t)eprop_smulwt(z, y) << 1);
        note(22, eprop_uqsub16(x, y));
        note(21, (uint32_t)eprop_smmla((int32_t)(x & 0x7FFFFFFFU), z, (int32_t)(y & 0x7FFFFFFFU)));
        note(23, (uint32_t)eprop_qadd(eprop_signed(x), eprop_signed(y)) ^ (uint32_t)eprop_qadd(eprop_signed(y), z) << 1);
        note(24, eprop_qsub8(x, y));
        try_together(x, y, z);
    }

    int driver_main(void)
    {
        const uint8_t has = EPROP_HAS_DSP;
        platform_write(&has, 1);
        for (unsigned k = 0; k < 10000U; k++) {
            try_operands((uint32_t)borders[k / 1000U] << 16 | borders[k / 100U % 10U],
                         (uint32_t)borders[k / 10U % 10U] << 16 | borders[k % 10U], (int32_t)(draw() & 0x7FFFFFFFU));
        }
        for (uint32_t half = 0; half < 65536U; half++) {
            uint32_t word = half | (half ^ 0x8123U) << 16;
            uint32_t other = draw();
            try_operands(word, other, -(int32_t)(draw() & 0x7FFFFFFFU));
        }
        for (unsigned k = 0; k < 100000U; k++) {
            uint32_t word = draw();
            uint32_t other = draw();
            try_operands(word, other, (int32_t)(draw() & 0x7FFFFFFFU));
        }
        for (unsigned k = 0; k < 1000U; k++) {
            try_rows();
        }
        for (unsigned k = 0; k < 29U; k++) {
            uint8_t bytes[4] = {(uint8_t)(sums[k] & 255U), (uint8_t)(sums[k] >> 8 & 255U),
                                (uint8_t)(sums[k] >> 16 & 255U), (uint8_t)(sums[k] >> 24)};
            platform_write(bytes, 4);
        }
        return 0;
    }

    """

  @Test(arguments: ["cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55"])
  func processorsAgreeWithTheirDefinition(name: String) async throws {
    let target = try Target.named(name, in: root + "/targets")
    #expect(target.kernels == .armv7em)
    guard await target.missingTools().isEmpty else { return }
    let host = try Target.named("host-gcc", in: root + "/targets")
    let expected = try await run(on: host, defines: [])
    let processor = try await run(on: target, defines: [])
    let definition = try await run(on: target, defines: ["EPROP_DSP_IN_C"])
    #expect(expected.count == 117 && expected[0] == 0)
    #expect(processor[0] == 1 && definition[0] == 0)
    #expect(processor.dropFirst() == expected.dropFirst())
    #expect(definition == expected)
  }

  private func run(on target: Target, defines: [String]) async throws -> [UInt8] {
    try await inTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(Self.probe.utf8).write(to: URL(fileURLWithPath: folder + "/probe.c"))
      try Data().write(to: URL(fileURLWithPath: folder + "/in"))
      let sources = ProgramSources(
        freestanding: [], driver: [folder + "/probe.c"], includes: [root + "/Sources/CFixedPoint/include"],
        defines: defines)
      let program = try await target.build(sources, into: folder + "/build")
      let result = try await program.run(
        input: folder + "/in", output: folder + "/out", limits: RunLimits(seconds: 120))
      #expect(result.succeeded, "\(target.name): \(result.status)")
      return FileManager.default.contents(atPath: folder + "/out").map { [UInt8]($0) } ?? []
    }
  }
}
