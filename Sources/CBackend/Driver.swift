import CSyntax
public import Planning

/// The arrays that a driver digests, by the names that the integer model gives them, in the driver's order.
public struct DriverArrays: Sendable, Hashable {
  /// After every step.
  public let step: [String]
  /// After every update, and between steps where asked.
  public let learnt: [String]
  /// Width of an element of each array.
  public let elementBits: [String: Int]

  public init(_ plan: FixedPlan) {
    let emitter = Emitter(plan)
    step = emitter.stepArrays.map(\.name)
    learnt = emitter.learntArrays.map(\.name)
    elementBits = Dictionary(
      uniqueKeysWithValues: (emitter.stepArrays + emitter.learntArrays).map { ($0.name, $0.parts[0].bits) })
  }
}

/// One array as the driver sees it: the model's name, and the C that digests it into `crc`.
struct DriverArray {
  var name: String
  /// Fields of the struct, one after the other.
  var parts: [(field: String, bits: Int, count: String)]
  /// C condition under which the array is there.
  var condition: String?
}

extension GeneratedNetwork {
  /// A program against `platform.h` that reads a stimulus, runs the network on it and writes digests of its state.
  ///
  /// All numbers are little-endian. Stimulus: `EPST`; uint32 step at which to dump all arrays, counted over all trials
  /// (2³² − 1: never); uint32 s: 0 for updates in one call, 1 in slices of one
  /// piece, else the seed by which their slices are drawn; uint32 1 if every trial begins with a
  /// reset, 0 if only the first does; uint32 n: digest every n-th step and the last of a trial; uint32 m: digest the learnt arrays
  /// every m-th step too (0: never); uint32 number of trials. Per trial: uint32 steps; per step the input (uint16 count
  /// and as many uint16, or an int8 per input), uint8 1 if there is a target, and the int32 targets. After the steps
  /// uint8 1 to update.
  ///
  /// Output: per digested step a uint32 per array; after an update uint32 status and a uint32 per learnt array; at the
  /// dumped step, after its digests, every array as uint32 number of bytes and the bytes, and the program ends.
  public static func driver(_ plan: FixedPlan) -> String {
    var emitter = Emitter(plan)
    emitter.emitDriver()
    return emitter.text.text
  }
}

extension Emitter {
  var stepArrays: [DriverArray] {
    var arrays = [DriverArray(name: "v", parts: [("v", 16, count(plan.neuronCount))])]
    let adaptive = plan.populations.filter { $0.adaptation != nil }
    if !adaptive.isEmpty {
      arrays.append(
        DriverArray(name: "adaptation", parts: adaptive.map { ("raise_\($0.name)", 32, count($0.count)) }))
    }
    let filtered = plan.populations.filter { $0.current != nil }
    if !filtered.isEmpty {
      arrays.append(
        DriverArray(name: "current", parts: filtered.map { ("synaptic_\($0.name)", 32, count($0.count)) }))
    }
    arrays.append(
      DriverArray(
        name: "spikes", parts: [("spikes", 16, "net.spike_end[\(plan.populations.count - 1)]")]))
    if packsSurrogates {
      arrays.append(
        DriverArray(name: "psi", parts: [("last_psi", 8, "\(P)_NEURONS")], condition: "net.recording != 0U"))
    } else if plan.storesSurrogate {
      arrays.append(
        DriverArray(
          name: "psi", parts: [("psi[(net.recorded - 1U) * (uint32_t)\(P)_NEURONS]", 8, "\(P)_NEURONS")],
          condition: "net.recording != 0U"))
    }
    arrays.append(DriverArray(name: "y", parts: [("y", 32, "\(P)_OUTPUTS")]))
    if plan.learning != nil {
      arrays.append(
        DriverArray(
          name: "error", parts: [("error[(net.recorded - 1U) * (uint32_t)\(P)_OUTPUTS]", 16, "\(P)_OUTPUTS")],
          condition: "net.recording != 0U"))
    }
    return arrays
  }

  var learntArrays: [DriverArray] {
    guard plan.learning != nil else { return [] }
    let plastic = plan.projections.filter(\.isPlastic)
    var arrays: [DriverArray] = []
    func add(_ name: String, _ field: String) {
      guard let field = memory.ram.first(where: { $0.name == field }) else { return }
      arrays.append(DriverArray(name: name, parts: [(field.name, field.bits, count(field.count))]))
    }
    for projection in plastic { add("weights.\(projection.name)", "w_\(projection.name)") }
    add("bias", "bias")
    for projection in plastic {
      add("row.\(projection.name)", "row_\(projection.name)")
      add("col.\(projection.name)", "col_\(projection.name)")
      add("ratio.\(projection.name)", "ratio_\(projection.name)")
      add("square.\(projection.name)", "square_\(projection.name)")
      add("exponent.\(projection.name)", "exponent_\(projection.name)")
      add("trace.\(projection.name)", "trace_\(projection.name)")
      add("current_trace.\(projection.name)", "current_trace_\(projection.name)")
      add("eligibility.\(projection.name)", "eligibility_\(projection.name)")
      add("adaptation_eligibility.\(projection.name)", "adaptation_\(projection.name)")
      add("accumulator.\(projection.name)", "sum_\(projection.name)")
    }
    add("var", "var_bias")
    add("exponent", "exponent")
    add("ratio.bias", "ratio_bias")
    add("square.bias", "square_bias")
    add("exponent.bias", "exponent_bias")
    add("accumulator.bias", "sum_bias")
    return arrays
  }

  mutating func emitDriver() {
    text.comment(
      "driver.c - runs \(p) on a stimulus and writes digests of its state; generated by epropc for conformance tests. The formats are described "
        + "beside GeneratedNetwork.driver.")
    text.add("#include \"platform.h\"\n#include \"\(p).h\"\n#include <limits.h>\n")
    text.add("static \(net) net;")
    emitDigests()
    emitReaders()
    emitArrayFunctions()
    emitDriverMain()
  }

  mutating func emitDigests() {
    text.gap()
    text.add(
      """
      #if UINT_MAX == 65535U
      /* A small machine: a table of 16 entries has to do. */
      #define TABLES 0
      #else
      #define TABLES 8
      static uint32_t table[8][256];
      #endif
      """)
    text.function(
      "Tables for a CRC-32 of eight bytes at a time.", "static void make_tables(void)",
      """
      #if TABLES
      uint32_t i, k;
      for (i = 0; i < 256U; i++) {
          uint32_t r = i;
          for (k = 0; k < 8U; k++) {
              r = (r >> 1) ^ ((r & 1U) != 0U ? UINT32_C(0xEDB88320) : 0U);
          }
          table[0][i] = r;
      }
      for (k = 1; k < 8U; k++) {
          for (i = 0; i < 256U; i++) {
              table[k][i] = (table[k - 1U][i] >> 8) ^ table[0][table[k - 1U][i] & 255U];
          }
      }
      #endif
      """)
    text.function(
      "The CRC-32 of one byte more; the complements are left to the caller.",
      "static uint32_t crc_byte(uint32_t crc, uint8_t byte)",
      """
      #if TABLES
      return (crc >> 8) ^ table[0][(crc ^ byte) & 255U];
      #else
      unsigned k;
      crc ^= byte;
      for (k = 0; k < 8U; k++) {
          crc = (crc >> 1) ^ ((crc & 1U) != 0U ? UINT32_C(0xEDB88320) : 0U);
      }
      return crc;
      #endif
      """)
    text.function(
      "The CRC-32 of an array of numbers of `size` bytes each, as it stands in a little-endian memory.",
      "static uint32_t crc_array(uint32_t crc, const void *array, uint32_t count, uint32_t size)",
      """
      const uint8_t *bytes = array;
      uint32_t i;
      #if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
      uint32_t k;
      for (i = 0; i < count; i++) {
          for (k = size; k-- > 0U;) {
              crc = crc_byte(crc, bytes[i * size + k]);
          }
      }
      #else
      uint32_t total = count * size;
      i = 0;
      #if TABLES
      for (; total - i >= 8U; i += 8U) {
          crc ^= (uint32_t)bytes[i] | (uint32_t)bytes[i + 1U] << 8 | (uint32_t)bytes[i + 2U] << 16
                 | (uint32_t)bytes[i + 3U] << 24;
          crc = table[7][crc & 255U] ^ table[6][(crc >> 8) & 255U] ^ table[5][(crc >> 16) & 255U] ^ table[4][crc >> 24]
                ^ table[3][bytes[i + 4U]] ^ table[2][bytes[i + 5U]] ^ table[1][bytes[i + 6U]] ^ table[0][bytes[i + 7U]];
      }
      #endif
      for (; i < total; i++) {
          crc = crc_byte(crc, bytes[i]);
      }
      #endif
      return crc;
      """)
  }

  mutating func emitReaders() {
    text.function(
      "The next number of `size` bytes of the stimulus; ends the program where there is none.",
      "static uint32_t next(unsigned size)",
      """
      uint8_t bytes[4];
      uint32_t value = 0;

      if (platform_read(bytes, size) != size) {
          platform_print("the stimulus ends too soon\\n");
          platform_exit(1);
      }
      while (size-- > 0U) {
          value = (value << 8) | bytes[size];
      }
      return value;
      """)
    text.function(
      "Writes a number of four bytes.", "static void write32(uint32_t value)",
      """
      uint8_t bytes[4];

      bytes[0] = (uint8_t)(value & 255U);
      bytes[1] = (uint8_t)((value >> 8) & 255U);
      bytes[2] = (uint8_t)((value >> 16) & 255U);
      bytes[3] = (uint8_t)(value >> 24);
      platform_write(bytes, 4U);
      """)
    text.function(
      "Writes an array as it stands in a little-endian memory, after its size.",
      "static void dump(const void *array, uint32_t count, uint32_t size)",
      """
      const uint8_t *bytes = array;
      uint32_t i, k;

      for (i = 0; i < count; i++) {
          for (k = 0; k < size; k++) {
      #if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
              platform_write(&bytes[i * size + (size - 1U - k)], 1U);
      #else
              platform_write(&bytes[i * size + k], 1U);
      #endif
          }
      }
      """)
  }

  mutating func emitArrayFunctions() {
    text.function(
      "The membrane potentials, which the network keeps in forms of its own.",
      "static const int16_t *potentials(void)",
      """
      static int16_t v[\(P)_NEURONS];
      uint32_t j;

      for (j = 0; j < \(P)_NEURONS; j++) {
          v[j] = \(p)_potential(&net, (uint16_t)j);
      }
      return v;
      """)
    func digest(_ arrays: [DriverArray]) -> String {
      arrays.map { array in
        let condition = array.condition.map { "\($0) ? " } ?? ""
        let parts = array.parts.map { part in
          let call = "crc_array(crc, \(reference(part.field)), \(part.count), \(part.bits / 8)U)"
          return "crc = \(condition)\(call)\(condition.isEmpty ? "" : " : crc");"
        }
        return "/* \(array.name) */\ncrc = UINT32_C(0xFFFFFFFF);\n\(parts.joined(separator: "\n"))\nwrite32(~crc);"
      }.joined(separator: "\n")
    }
    func dumps(_ arrays: [DriverArray]) -> String {
      arrays.map { array in
        let sizes = array.parts.map { "\($0.count) * \($0.bits / 8)U" }.joined(separator: " + ")
        let writes = array.parts.map { "dump(\(reference($0.field)), \($0.count), \($0.bits / 8)U);" }
        guard let condition = array.condition else {
          return "write32((uint32_t)(\(sizes)));\n" + writes.joined(separator: "\n")
        }
        return """
          if (\(condition)) {
              write32((uint32_t)(\(sizes)));
          \(indented(writes.joined(separator: "\n"), by: 4))
          } else {
              write32(0);
          }
          """
      }.joined(separator: "\n")
    }
    text.function(
      "Digests of what a step changes.", "static void digest_step(void)", "uint32_t crc;\n\n" + digest(stepArrays))
    text.function(
      "Digests of what learning changes.", "static void digest_learnt(void)",
      learntArrays.isEmpty ? "" : "uint32_t crc;\n\n" + digest(learntArrays))
    text.function(
      "Every array, for the report on a difference.", "static void dump_all(void)",
      dumps(stepArrays) + (learntArrays.isEmpty ? "" : "\n" + dumps(learntArrays)))
  }

  /// `field` as the operand of an address-of operator: the first element of an array.
  func reference(_ field: String) -> String {
    if field == "v" { return "potentials()" }
    return "&net.\(field.hasSuffix("]") ? field : "\(field)[0]")"
  }

  /// Updates in slices whose sizes are drawn, or in one call.
  private mutating func emitSlices() {
    text.gap()
    text.add("static uint32_t slices;")
    guard plan.learning != nil else { return }
    text.function(
      "A budget below n, or 1.", "static uint16_t draw(uint16_t n)",
      """
      if (slices == 1U) {
          return 1;
      }
      slices ^= slices << 13;
      slices ^= slices >> 17;
      slices ^= slices << 5;
      return (uint16_t)((slices >> 8) % n);
      """)
    text.function(
      "Between two steps, what is to be learnt from a block, or a part of it: then the next step does the rest.",
      "static void learn_block(void)",
      """
      if (slices != 0U && draw(3U) != 0U) {
          while (\(p)_update_slice(&net, draw(5U)) == \(P)_MORE && draw(4U) != 0U) {
              /* the next slice */
          }
      }
      """)
    let step =
      plan.isStream
      ? ""
      : """

          if (draw(2U) == 0U) {
              \(p)_step(&net, \(inputArguments));
          }
      """
    text.function(
      plan.isStream
        ? "The update after some steps of the stream."
        : "The update at the end of a trial, with steps between its slices.",
      "static \(p)_status learn_trial(\(plan.isStream ? "void" : inputParameters))",
      """
      \(p)_status status;

      if (slices == 0U) {
          return \(p)_update(&net);
      }
      status = \(p)_update_begin(&net);
      while (\(p)_update_slice(&net, draw(4U)) == \(P)_MORE) {\(step.isEmpty ? "\n    /* the next slice */" : step)
      }
      return status;
      """)
  }

  mutating func emitDriverMain() {
    let input: String
    let call: String
    if plan.inputs.kind == .spikes {
      input = """
        count = (uint16_t)next(2U);
                if (count > \(P)_INPUTS) {
                    platform_print("too many spikes in a step\\n");
                    return 1;
                }
                for (i = 0; i < count; i++) {
                    spikes[i] = (uint16_t)next(2U);
                }
        """
      call = "spikes, count"
    } else {
      input = """
        for (i = 0; i < \(P)_INPUTS; i++) {
                    uint8_t byte = (uint8_t)next(1U);
                    values[i] = (int8_t)(byte < 128U ? byte : (int)byte - 256);
                }
        """
      call = "values"
    }
    let declaration =
      plan.inputs.kind == .spikes
      ? "static uint16_t spikes[\(P)_INPUTS];\n    uint16_t count = 0;" : "static int8_t values[\(P)_INPUTS];"
    let learns = plan.learning != nil
    emitSlices()
    text.gap()
    text.add(
      """
      int driver_main(void)
      {
          \(declaration)
          static int32_t target[\(P)_OUTPUTS];
          uint32_t dump_at, resets, every, every_learnt, trials, trial, step, steps, total = 0;
          uint16_t i;

          make_tables();
          if (next(4U) != UINT32_C(0x54535045)) {
              platform_print("not a stimulus\\n");
              return 1;
          }
          dump_at = next(4U);
          slices = next(4U);
          resets = next(4U);
          every = next(4U);
          every_learnt = next(4U);
          trials = next(4U);
          \(p)_init(&net);
          for (trial = 0; trial < trials; trial++) {
              if (trial == 0U || resets != 0U) {
                  \(p)_reset(&net);
              }
              steps = next(4U);
              for (step = 0; step < steps; step++) {
                  \(input)
                  \(p)_step(&net, \(call));
                  if (next(1U) != 0U) {
                      for (i = 0; i < \(P)_OUTPUTS; i++) {
                          uint32_t word = next(4U);
                          target[i] = (word & UINT32_C(0x80000000)) == 0U
                                          ? (int32_t)word : -(int32_t)(UINT32_C(0xFFFFFFFF) - word) - 1;
                      }
                      \(learns ? "\(p)_learn(&net, target);" : "(void)target;")
                  }
                  if (step % every == 0U || step + 1U == steps) {
                      digest_step();
                  }
                  if (every_learnt != 0U && step % every_learnt == 0U) {
                      digest_learnt();
                  }
                  if (total == dump_at) {
                      dump_all();
                      return 0;
                  }
                  total++;
                  \(learns ? "learn_block();" : "")
              }
              if (next(1U) != 0U) {
                  \(learns ? "write32((uint32_t)(int32_t)learn_trial(\(plan.isStream ? "" : call)));" : "write32(0);")
                  digest_learnt();
              }
          }
          return 0;
      }
      """)
  }
}
