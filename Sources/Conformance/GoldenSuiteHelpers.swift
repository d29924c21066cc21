import CSyntax
import Planning

extension SuiteEmitter {
  mutating func emitHelpers() {
    text.section("Digests")
    emitDigest()
    emitPotentials()
    emitSetPotential()
    emitDigests("state", expectations.stateArrays)
    emitCheck("state", of: "after step", index: "step")
    if learns {
      emitDigests("learnt", expectations.learntArrays)
      emitCheck("learnt", of: "after trial", index: "trial")
    }
    text.section("Playing the stimulus")
    emitPlayers()
    if learns { emitImageHelpers() }
  }

  mutating func emitDigest() {
    function(
      "The CRC-32 of `count` more numbers of `size` bytes each, lowest byte first whatever the machine's order is.",
      "static uint32_t digest(uint32_t crc, const void *array, uint32_t count, uint32_t size)",
      """
      const uint8_t *bytes = array;
      const uint16_t one = 1;
      uint8_t turned[8];

      if (*(const uint8_t *)&one == 1U) {
          return eprop_crc32(crc, bytes, count * size);
      }
      for (uint32_t i = 0; i < count; i++) {
          for (uint32_t k = 0; k < size; k++) {
              turned[k] = bytes[i * size + (size - 1U - k)];
          }
          crc = eprop_crc32(crc, turned, size);
      }
      return crc;
      """)
  }

  mutating func emitPotentials() {
    function(
      "The membrane potentials, which the network keeps in forms of its own.",
      "static const int16_t *potentials(const \(net) *net)",
      """
      static int16_t v[\(macro)_NEURONS];

      for (uint32_t j = 0; j < \(macro)_NEURONS; j++) {
          v[j] = \(p)_potential(net, (uint16_t)j);
      }
      return v;
      """)
  }

  private mutating func emitSetPotential() {
    let populations = plan.populations.enumerated().map { index, population in
      let thresholds = Set((0..<population.count).map { population.threshold[$0] })
      let threshold =
        thresholds.count == 1
        ? "\(population.threshold[0])"
        : "thresholds_\(population.name)[j - \(population.first)U]"
      let table =
        thresholds.count == 1 || !plan.sumsInLanes(index)
        ? ""
        : "static const int16_t thresholds_\(population.name)[] = {"
          + (0..<population.count).map { "\(population.threshold[$0])" }.joined(separator: ", ") + "};\n\n"
      let assignment =
        plan.sumsInLanes(index)
        ? "net->cell_\(population.name)[eprop_lane((uint16_t)(j - \(population.first)U))] = (uint16_t)(potential - \(threshold) + 16384);"
        : "net->v[j] = potential;"
      return index + 1 == plan.populations.count
        ? table + assignment
        : "if (j < \(population.first + population.count)U) {\n\(indented(table, by: 4))    \(assignment)\n    return;\n}"
    }
    function(
      "Sets the membrane potential of neuron j.",
      "static void set_potential(\(net) *net, uint32_t j, int16_t potential)", populations.joined(separator: "\n"))
  }

  mutating func emitDigests(_ group: String, _ arrays: [GoldenArray]) {
    var lines: [String] = []
    for (index, array) in arrays.enumerated() {
      let calls = array.parts.enumerated().map { number, part in
        let before = number == 0 ? "0" : "digests[\(index)]"
        return "digests[\(index)] = digest(\(before), \(part.place), \(part.count), \(part.bytes)U);"
      }
      guard array.isRecorded else {
        lines += calls
        continue
      }
      lines += ["digests[\(index)] = 0;", "if (net->recording != 0U) {"]
      if calls.contains(where: { $0.contains("[row ") }) { lines += ["    uint32_t row = net->recorded - 1U;", ""] }
      lines += calls.map { indented($0, by: 4) } + ["}"]
    }
    function(
      "Digests of the arrays that \(group == "state" ? "a step" : "learning") changes: \(arrays.map(\.name).joined(separator: ", ")).",
      "static void digest_\(group)(const \(net) *net, uint32_t *digests)", lines.joined(separator: "\n"))
  }

  private mutating func emitCheck(_ group: String, of subject: String, index: String) {
    let constant = "GOLDEN_\(group.uppercased())_ARRAYS"
    function(
      "Fails with the first array that is not what the integer model has \(subject) number `\(index)`.",
      "static void check_\(group)(const \(net) *net, uint32_t \(index))",
      """
      uint32_t digests[\(constant)];

      digest_\(group)(net, digests);
      for (uint32_t k = 0; k < \(constant); k++) {
          if (digests[k] != golden_\(group)[\(index)][k]) {
              fail_msg("\(subject) %lu: %s has digest %08lX, not %08lX", (unsigned long)\(index),
                       golden_\(group)_names[k], (unsigned long)digests[k],
                       (unsigned long)golden_\(group)[\(index)][k]);
          }
      }
      """)
  }

  private mutating func emitPlayers() {
    let call =
      spiking
      ? """
      uint32_t begin = golden_event_begin[step];

      \(p)_step(net, &golden_events[begin], (uint16_t)(golden_event_begin[step + 1U] - begin));
      """ : "\(p)_step(net, golden_values[step]);"
    function(
      "One step of the stimulus\(learns ? ", without its target" : "").",
      "static void play_input(\(net) *net, uint32_t step)", call)
    function(
      "One step of the stimulus.", "static void play_step(\(net) *net, uint32_t step)",
      "play_input(net, step);" + (learns ? "\n" + target("net") : ""))
    function(
      "One trial of the stimulus\(learns ? ", up to its update" : "").",
      "static void play(\(net) *net, uint32_t trial)",
      """
      \(p)_reset(net);
      for (uint32_t step = golden_begin[trial]; step < golden_begin[trial + 1U]; step++) {
          play_step(net, step);
      }
      """)
    function(
      "The same for a network at the beginning of a trial, checked after every step.",
      "static void play_on_checked(\(net) *net, uint32_t trial)",
      """
      for (uint32_t step = golden_begin[trial]; step < golden_begin[trial + 1U]; step++) {
          play_step(net, step);
          check_state(net, step);
      }
      """)
    function(
      "One trial from its reset on, checked after every step.", "static void play_checked(\(net) *net, uint32_t trial)",
      "\(p)_reset(net);\nplay_on_checked(net, trial);")
    guard learns else { return }
    function(
      "One trial of the stimulus and its update, unchecked but for what the update says.",
      "static void learn_trial(\(net) *net, uint32_t trial)",
      "play(net, trial);\nassert_int_equal(\(p)_update(net), golden_status[trial]);")
  }

  /// Gives the step its target, if it has one.
  func target(_ net: String) -> String {
    """
    if (golden_has_target[step] != 0U) {
        \(p)_learn(\(net), golden_target[step]);
    }
    """
  }

  private mutating func emitImageHelpers() {
    function(
      "Fails unless both networks have learnt the same.",
      "static void check_same_image(const \(net) *a, const \(net) *b)",
      """
      \(p)_save(a, image);
      \(p)_save(b, other_image);
      assert_memory_equal(image, other_image, \(macro)_IMAGE_BYTES);
      """)
    guard !learnsByBlock else { return }
    function(
      "Fails unless what `subject` has learnt is what `image` holds, but for the count of skipped trials.",
      "static void check_only_skipped(uint32_t skipped)",
      """
      assert_int_equal(subject.skipped, skipped);
      \(p)_save(&subject, other_image);
      assert_memory_equal(image, other_image, 20U);
      assert_memory_equal(image + 24, other_image + 24, \(macro)_IMAGE_BYTES - 28U);
      """)
  }
}
