import CSyntax
public import Planning

extension FixedPlan {
  /// Bytes of a saved image, header and checksum included.
  public var imageBytes: Int { 32 + memory.saved.reduce(0) { $0 + $1.bytes } + 4 }
}

extension Emitter {
  mutating func emitImage() {
    text.section("Saving and loading")
    text.comment(
      "An image is little-endian: \"EPRW\", version, plan, counters, then every learnt array and moment, then a CRC-32 of all of it."
    )
    emitSavedArrays()
    emitNumbers()
    text.function(
      "", "\(p)_status \(p)_save(const \(net) *net, uint8_t *image)",
      """
      uint8_t *at = image;

      if (is_working(net)) {
          return \(P)_UPDATING;
      }
      for (unsigned k = 0; k < 4U; k++) {
          at = put(at, EPROP_READ(uint32_t, image_head[k]), 4U);
      }
      at = put(at, net->updates, 4U);
      at = put(at, net->skipped, 4U);
      at = put(at, \(isStepwise ? "net->schedule" : "65536U"), 4U);
      at = put(at, \(plan.countsSpikes ? "net->last_steps" : "0"), 4U);
      for (unsigned k = 0; k < \(memory.saved.count)U; k++) {
          const unsigned width = \(column("width", "unsigned"));
          const unsigned char *place = (const unsigned char *)net + \(column("offset"));

          for (\(place) i = \(column("count")); i != 0U; i--, place += width) {
              at = put(at, number_at(place, width), width);
          }
      }
      (void)put(at, eprop_crc32(0, image, \(P)_IMAGE_BYTES - 4U), 4U);
      return \(P)_OK;
      """)
    text.function(
      "", "\(p)_status \(p)_load(\(net) *net, const uint8_t *image, uint32_t size)",
      """
      const uint8_t *at;

      if (size != \(P)_IMAGE_BYTES) {
          return \(P)_IMAGE_SIZE;
      }
      for (unsigned k = 0; k < 4U; k++) {
          if (get(image + 4U * k, 4U) != EPROP_READ(uint32_t, image_head[k])) {
              return k < 2U ? \(P)_IMAGE_FORMAT : \(P)_IMAGE_PLAN;
          }
      }
      if (get(image + (\(P)_IMAGE_BYTES - 4U), 4U) != eprop_crc32(0, image, \(P)_IMAGE_BYTES - 4U)) {
          return \(P)_IMAGE_DAMAGED;
      }
      at = image + 32;
      net->updates = get(image + 16, 4U);
      net->skipped = get(image + 20, 4U);
      net->schedule = get(image + 24, 4U);
      \(plan.countsSpikes ? "net->last_steps = get(image + 28, 4U);\n" : "")for (unsigned k = 0; k < \(memory.saved.count)U; k++) {
          const unsigned width = \(column("width", "unsigned"));
          unsigned char *place = array_at(net, \(column("offset")));

          for (\(place) i = \(column("count")); i != 0U; i--, place += width, at += width) {
              put_number(place, get(at, width), width);
          }
      }
      net->piece = DO_nothing;
      trial_reset(net);
      return \(P)_OK;
      """)
  }

  /// Column `name` of row k of the table of what is saved.
  func column(_ name: String, _ type: String? = nil) -> String {
    let read = element("saved[k].\(name)", place)
    return type.map { "(\($0))\(read)" } ?? read
  }

  private mutating func emitSavedArrays() {
    text.gap()
    text.comment("How an image begins: \"EPRW\", the version of its format, the plan.")
    text.add(
      """
      static const uint32_t image_head[4] EPROP_TABLE = {
          UINT32_C(0x57525045), \(P)_IMAGE_VERSION, (uint32_t)(\(P)_PLAN & UINT32_C(0xFFFFFFFF)),
          (uint32_t)(\(P)_PLAN >> 32)
      };
      """)
    text.gap()
    text.comment("What an image holds, in its order.")
    text.add(
      """
      static const struct {
          \(place) offset; /* in the struct */
          \(place) count;
          \(place) width; /* bytes of a number */
      } saved[\(memory.saved.count)] EPROP_TABLE = {
      """)
    for (index, field) in memory.saved.enumerated() {
      text.add(
        "    {(\(place))offsetof(\(net), \(field.name)), \(count(field.count)), \(field.bits / 8)U}"
          + (index + 1 < memory.saved.count ? "," : ""))
    }
    text.add("};")
    if memory.learnt == nil { emitArrayAt() }
  }

  mutating func emitNumbers() {
    text.function(
      "The number of `width` bytes (1, 2 or 4) at a place of the struct, as it is mod 2^(8 width).",
      "static uint32_t number_at(const void *place, unsigned width)",
      """
      return width == 1U ? *(const uint8_t *)place : width == 2U ? *(const uint16_t *)place : *(const uint32_t *)place;
      """)
    text.function(
      "Changes such a number.",
      "static void put_number(void *place, uint32_t number, unsigned width)",
      """
      if (width == 1U) {
          *(uint8_t *)place = (uint8_t)number;
      } else if (width == 2U) {
          *(uint16_t *)place = (uint16_t)number;
      } else {
          *(uint32_t *)place = number;
      }
      """)
    text.function(
      "Writes the lower `bytes` bytes of value, lowest first; returns the place behind them.",
      "static uint8_t *put(uint8_t *at, uint32_t value, unsigned bytes)",
      """
      while (bytes-- > 0U) {
          *at++ = (uint8_t)(value & 255U);
          value >>= 8;
      }
      return at;
      """)
    text.function(
      "Reads an unsigned number of `bytes` bytes, lowest first.",
      "static uint32_t get(const uint8_t *at, unsigned bytes)",
      """
      uint32_t value = 0;

      while (bytes-- > 0U) {
          value = (value << 8) | at[bytes];
      }
      return value;
      """)
  }

  /// Whether the schedule's factor is state, not a function of the number of updates.
  var isStepwise: Bool {
    if case .stepwise? = plan.learning?.schedule { true } else { false }
  }
}
