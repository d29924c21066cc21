import CSyntax
public import Planning

extension FixedPlan {
  /// What a saved image holds after its header, in order: the name of a field of the struct and its format.
  var imageFields: [Memory.Field] {
    let ram = memory.ram
    func named(_ name: String) -> [Memory.Field] { ram.filter { $0.name == name } }
    let plastic = projections.filter(\.isPlastic)
    var fields = plastic.flatMap { named("w_\($0.name)") } + named("bias")
    for projection in plastic {
      fields += ["row", "col", "ratio", "square", "exponent"].flatMap { named("\($0)_\(projection.name)") }
    }
    return fields + ["var_bias", "exponent", "ratio_bias", "square_bias", "exponent_bias", "last_count"].flatMap(named)
  }

  /// Bytes of a saved image, header and checksum included.
  public var imageBytes: Int { 32 + imageFields.reduce(0) { $0 + $1.bytes } + 4 }
}

extension Emitter {
  mutating func emitImage() {
    text.section("Saving and loading")
    text.comment(
      "An image is little-endian: \"EPRW\", version, plan, counters, then every learnt array and moment, then a CRC-32 of all of it."
    )
    emitByteHelpers()
    let fields = plan.imageFields
    var save = """
      uint8_t *at = image;

      if (is_working(net)) {
          return \(P)_UPDATING;
      }
      *at++ = 'E';
      *at++ = 'P';
      *at++ = 'R';
      *at++ = 'W';
      at = put(at, \(P)_IMAGE_VERSION, 2U);
      at = put(at, 0, 2U);
      at = put(at, \(P)_PLAN, 8U);
      at = put(at, net->updates, 4U);
      at = put(at, net->skipped, 4U);
      at = put(at, \(isStepwise ? "net->schedule" : "65536U"), 4U);
      at = put(at, \(plan.countsSpikes ? "net->last_steps" : "0"), 4U);
      """
    for field in fields { save += "\n" + transfer(field, saving: true) }
    save += "\n(void)put(at, eprop_crc32(0, image, \(P)_IMAGE_BYTES - 4U), 4U);\nreturn \(P)_OK;"
    text.function("", "\(p)_status \(p)_save(const \(net) *net, uint8_t *image)", save)

    var load = """
      const uint8_t *at;

      if (size != \(P)_IMAGE_BYTES) {
          return \(P)_IMAGE_SIZE;
      }
      if (image[0] != 'E' || image[1] != 'P' || image[2] != 'R' || image[3] != 'W'
          || get(image + 4, 4U) != \(P)_IMAGE_VERSION) {
          return \(P)_IMAGE_FORMAT;
      }
      if (get(image + 8, 8U) != \(P)_PLAN) {
          return \(P)_IMAGE_PLAN;
      }
      if (get(image + (\(P)_IMAGE_BYTES - 4U), 4U) != eprop_crc32(0, image, \(P)_IMAGE_BYTES - 4U)) {
          return \(P)_IMAGE_DAMAGED;
      }
      at = image + 16;
      net->updates = (uint32_t)get(at, 4U);
      net->skipped = (uint32_t)get(at + 4, 4U);
      net->schedule = (uint32_t)get(at + 8, 4U);
      \(plan.countsSpikes ? "net->last_steps = (uint32_t)get(at + 12, 4U);\n" : "")at += 16;
      """
    for field in fields { load += "\n" + transfer(field, saving: false) }
    load += "\nnet->piece = DO_nothing;\n\(p)_reset(net);\nreturn \(P)_OK;"
    text.function("", "\(p)_status \(p)_load(\(net) *net, const uint8_t *image, uint32_t size)", load)
  }

  mutating func emitByteHelpers() {
    text.function(
      "Writes the lower `bytes` bytes of value, lowest first; returns the place behind them.",
      "static uint8_t *put(uint8_t *at, uint64_t value, unsigned bytes)",
      """
      while (bytes-- > 0U) {
          *at++ = (uint8_t)(value & 255U);
          value >>= 8;
      }
      return at;
      """)
    text.function(
      "Reads an unsigned number of `bytes` bytes, lowest first.",
      "static uint64_t get(const uint8_t *at, unsigned bytes)",
      """
      uint64_t value = 0;

      while (bytes-- > 0U) {
          value = (value << 8) | at[bytes];
      }
      return value;
      """)
    text.function(
      "Reads a two's complement number of `bytes` bytes (1, 2 or 4), lowest first.",
      "static int32_t get_signed(const uint8_t *at, unsigned bytes)",
      """
      uint32_t value = (uint32_t)get(at, bytes);
      uint32_t sign = UINT32_C(1) << (8U * bytes - 1U);

      return (value & sign) == 0U ? (int32_t)value : -(int32_t)(sign - (value & (sign - 1U)) - 1U) - 1;
      """)
  }

  /// Whether the schedule's factor is state, not a function of the number of updates.
  var isStepwise: Bool {
    if case .stepwise? = plan.learning?.schedule { true } else { false }
  }

  func transfer(_ field: Memory.Field, saving: Bool) -> String {
    let bytes = field.bits / 8
    let index = field.count > 65535 ? "uint32_t" : "uint16_t"
    let unsigned = "uint\(field.bits)_t"
    let value: String
    if saving {
      value = field.isSigned ? "(\(unsigned))net->\(field.name)[i]" : "net->\(field.name)[i]"
      return """
        for (\(index) i = 0; i < \(count(field.count)); i++) {
            at = put(at, \(value), \(bytes)U);
        }
        """
    }
    value =
      field.isSigned
      ? (field.bits == 32 ? "get_signed(at, 4U)" : "(int\(field.bits)_t)get_signed(at, \(bytes)U)")
      : (field.bits == 64 ? "get(at, 8U)" : "(\(unsigned))get(at, \(bytes)U)")
    return """
      for (\(index) i = 0; i < \(count(field.count)); i++) {
          net->\(field.name)[i] = \(value);
          at += \(bytes);
      }
      """
  }
}
