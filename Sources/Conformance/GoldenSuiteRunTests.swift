import CSyntax
import Planning

extension SuiteEmitter {
  /// Tests that hold with and without learning.
  mutating func emitRunTests() {
    text.section("Running")
    emitGoldenRun()
    emitThreshold()
    emitInstances()
    emitLifecycleTests()
    if spiking { emitInputLists() }
  }

  private mutating func emitGoldenRun() {
    var checks = ""
    if learns {
      checks = """

            assert_int_equal(\(p)_update(&subject), golden_status[trial]);
            check_learnt(&subject, trial);
            \(p)_save(&subject, image);
            assert_int_equal(eprop_crc32(0, image, \(macro)_IMAGE_BYTES - 4U), golden_image[trial]);
        """
    }
    test(
      "computes_what_the_model_does",
      "Every array at every step\(learns ? ", and what is learnt from it," : "") is that of the integer model.",
      """

      assert_true(\(macro)_PLAN == GOLDEN_PLAN);
      \(p)_init(&subject);
      for (uint32_t trial = 0; trial < GOLDEN_TRIALS; trial++) {
          play_checked(&subject, trial);\(checks)
      }
      """)
  }

  /// What happens within one LSB of the threshold, which no stimulus is sure to reach.
  private mutating func emitThreshold() {
    let probes = plan.populations.enumerated().flatMap { ThresholdProbe.around($1, index: $0) }
    // Where spikes arrive at once, what a probe makes fire in later populations is not asked.
    let counts = plan.projections.contains(where: \.isImmediate)
    let last = counts ? "probes[i].population" : "\(plan.populations.count - 1)"
    let packed = plan.learning?.surrogateBits != 8
    let stored = plan.storesSurrogate
    let silence = spiking ? "const uint16_t none[1] = {0};" : "const int8_t none[\(macro)_INPUTS] = {0};"
    test(
      "fires_at_its_threshold",
      "A neuron whose potential comes out one LSB below its threshold, at it and one above.",
      """
      static const struct {
          uint16_t neuron;\(counts ? "\n          uint16_t population;" : "")
          int16_t potential;
          uint16_t fires;
          uint8_t psi;
      } probes[] = {
      \(probes.map { "    {\($0.neuron), \(counts ? "\($0.population), " : "")\($0.potential), \($0.fires ? 1 : 0), \($0.surrogate)}" }.joined(separator: ",\n"))
      };
      \(silence)

      \(p)_init(&subject);
      for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++) {
          \(p)_reset(&subject);
          set_potential(&subject, probes[i].neuron, probes[i].potential);
          \(p)_step(&subject, none\(spiking ? ", 0" : ""));
          assert_int_equal(subject.spike_end[\(last)], probes[i].fires);\(stored ? "\n    assert_int_equal(subject.\(packed ? "last_psi" : "psi")[probes[i].neuron], probes[i].psi);" : "")
      }
      """)
  }

  private mutating func emitInstances() {
    let finish = learns ? "learn_trial(&subject, 0);" : "play(&subject, 0);"
    let update =
      learns
      ? """

      assert_int_equal(\(p)_update(&subject), golden_status[1]);
      check_learnt(&subject, 1);
      /* `other` has had the first trial twice. */
      (void)\(p)_update(&other);
      \(p)_init(&subject);
      learn_trial(&subject, 0);
      learn_trial(&subject, 0);
      check_same_image(&subject, &other);
      """ : ""
    test(
      "instances_are_independent", "A copy of a network runs beside it, in turns, and neither notices.",
      """
      uint32_t length = (uint32_t)(golden_begin[1] - golden_begin[0]);

      \(p)_init(&subject);
      \(finish)
      other = subject;
      \(p)_reset(&subject);
      \(p)_reset(&other);
      for (uint32_t step = golden_begin[1]; step < golden_begin[2]; step++) {
          uint32_t lag = step - golden_begin[1];

          play_step(&subject, step);
          if (lag < length) {
              play_step(&other, golden_begin[0] + lag);
          }
          check_state(&subject, step);
      }
      for (uint32_t lag = (uint32_t)(golden_begin[2] - golden_begin[1]); lag < length; lag++) {
          play_step(&other, golden_begin[0] + lag);
      }\(update)
      """)
  }

  private mutating func emitLifecycleTests() {
    test(
      "reset_begins_the_same_trial_again", "Nothing of a trial outlives a reset, wherever the trial was left.",
      """

      \(p)_init(&subject);
      \(learnsByBlock ? "" : "play_checked(&subject, 0);\nplay_checked(&subject, 0);\n")\(p)_reset(&subject);
      play_step(&subject, 0);
      play_checked(&subject, 0);
      """)
    test(
      "init_forgets_everything", "A network that has run is as new after init: no memory is left uninitialised.",
      """

      memset(&subject, 0xA5, sizeof subject);
      \(p)_init(&subject);
      \(learns ? "learn_trial(&subject, 0);\nlearn_trial(&subject, 1);" : "play(&subject, 0);\nplay(&subject, 1);")
      \(p)_init(&subject);
      play_checked(&subject, 0);\(learns ? "\nassert_int_equal(\(p)_update(&subject), golden_status[0]);\ncheck_learnt(&subject, 0);" : "")
      """)
    test(
      "readout_is_y", "The readout is that of the last step, and all of it is within the network.",
      """

      \(p)_init(&subject);
      assert_ptr_equal(\(p)_readout(&subject), subject.y);
      play_step(&subject, 0);
      assert_ptr_equal(\(p)_readout(&subject), subject.y);
      assert_int_equal(sizeof subject.y / sizeof subject.y[0], \(macro)_OUTPUTS);
      """)
  }

  private mutating func emitInputLists() {
    func run(_ list: String) -> String {
      """

      \(p)_init(&subject);
      \(p)_reset(&subject);
      for (uint32_t step = 0; step < golden_begin[1]; step++) {
          const uint16_t *events = &golden_events[golden_event_begin[step]];
          uint16_t count = (uint16_t)(golden_event_begin[step + 1U] - golden_event_begin[step]);
          uint16_t listed = 0;

      \(indented(list, by: 4))
          \(p)_step(&subject, list, listed);\(learns ? "\n" + indented(target("&subject"), by: 4) : "")
          check_state(&subject, step);
      }\(learns ? "\nassert_int_equal(\(p)_update(&subject), golden_status[0]);\ncheck_learnt(&subject, 0);" : "")
      """
    }
    let crowd =
      learns
      ? """

      /* They take no room in the record either. */
      \(p)_reset(&subject);
      for (uint32_t i = 0; i < \(macro)_INPUTS; i++) {
          list[i] = 65535U;
      }
      for (uint32_t step = 0; step < \(macro)_STEPS; step++) {
          \(p)_step(&subject, list, (uint16_t)\(macro)_INPUTS);
      }
      assert_int_equal(subject.spoilt, 0);
      """ : ""
    test(
      "inputs_that_do_not_exist_are_ignored", "Numbers from \(macro)_INPUTS on may stand anywhere in a list.",
      "uint16_t list[2U * \(macro)_INPUTS + 1U];\n"
        + run(
          """
          for (uint16_t e = 0; e < count; e++) {
              list[listed++] = (uint16_t)((step + e) % 2U == 0U ? \(macro)_INPUTS : 65535U);
              list[listed++] = events[e];
          }
          list[listed++] = (uint16_t)\(macro)_INPUTS;
          """) + crowd)
    test(
      "order_of_inputs_does_not_matter", "The inputs of a step may be listed in any order.",
      "uint16_t list[\(macro)_INPUTS];\n"
        + run(
          """
          while (count > 0U) {
              count--;
              list[listed++] = events[count];
          }
          """))
  }
}
