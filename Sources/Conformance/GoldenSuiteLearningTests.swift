import CSyntax
import Planning

extension SuiteEmitter {
  mutating func emitLearningTests() {
    text.section("Learning")
    test(
      "no_target_equals_no_call", "learn(NULL) leaves no trace, neither in the network nor in what it learns.",
      """

      \(p)_init(&subject);
      \(p)_init(&other);
      \(p)_reset(&subject);
      \(p)_reset(&other);
      for (uint32_t step = 0; step < golden_begin[1]; step++) {
          play_input(&subject, step);
          play_input(&other, step);
          if (golden_has_target[step] != 0U && step % 3U != 0U) {
              \(p)_learn(&subject, golden_target[step]);
              \(p)_learn(&other, golden_target[step]);
          } else {
              \(p)_learn(&subject, NULL);
          }
      }
      assert_int_equal(\(p)_update(&subject), \(p)_update(&other));
      check_same_image(&subject, &other);
      """)
    test(
      "the_last_target_counts", "A second target for the same step takes the place of the first.",
      """
      int32_t wrong[\(macro)_OUTPUTS];

      for (uint32_t k = 0; k < \(macro)_OUTPUTS; k++) {
          wrong[k] = k % 2U == 0U ? INT32_MAX : INT32_MIN;
      }
      \(p)_init(&subject);
      \(p)_reset(&subject);
      for (uint32_t step = 0; step < golden_begin[1]; step++) {
          play_input(&subject, step);
          if (golden_has_target[step] != 0U) {
              \(p)_learn(&subject, wrong);
              \(p)_learn(&subject, golden_target[step]);
          }
      }
      assert_int_equal(\(p)_update(&subject), golden_status[0]);
      check_learnt(&subject, 0);
      """)
    test(
      "a_target_before_the_first_step_is_ignored", "There is no step yet that it could be for.",
      """

      \(p)_init(&subject);
      \(p)_reset(&subject);
      before = subject;
      \(p)_learn(&subject, golden_target[0]);
      assert_memory_equal(&subject, &before, sizeof subject);
      """)
    test(
      "update_needs_steps", "An update without a step, and a second one, are refused and change nothing.",
      """

      \(p)_init(&subject);
      \(p)_reset(&subject);
      before = subject;
      assert_int_equal(\(p)_update(&subject), \(macro)_NOTHING_RECORDED);
      assert_memory_equal(&subject, &before, sizeof subject);
      learn_trial(&subject, 0);
      before = subject;
      assert_int_equal(\(p)_update(&subject), \(macro)_\(plan.isStream ? "OK" : "NOTHING_RECORDED"));
      assert_memory_equal(&subject, &before, sizeof subject);
      """)
    emitSliceTests()
    if !plan.isStream {
      test(
        "steps_after_an_update_are_not_recorded", "The next trial begins with a reset.",
        """

        \(p)_init(&subject);
        learn_trial(&subject, 0);
        other = subject;
        play_step(&subject, 0);
        assert_int_equal(\(p)_update(&subject), \(macro)_NOTHING_RECORDED);
        check_same_image(&subject, &other);
        """)
    }
    test(
      "learns_for_many_trials", "Small mistakes of the gradients, which rounding hides in a few updates, add up.",
      """

      \(p)_init(&subject);
      for (uint32_t round = 0; round < GOLDEN_ROUNDS; round++) {
          for (uint32_t trial = 0; trial < GOLDEN_TRIALS; trial++) {
              learn_trial(&subject, trial);
          }
      }
      \(p)_save(&subject, image);
      assert_int_equal(eprop_crc32(0, image, \(macro)_IMAGE_BYTES - 4U), GOLDEN_FINAL_IMAGE);
      """)
    test(
      "reset_discards_what_was_recorded", "A trial that is abandoned is not learnt from.",
      """

      \(p)_init(&subject);
      \(learnsByBlock ? "\(p)_reset(&subject);\nplay_step(&subject, 0);" : "play(&subject, 1);")
      play_checked(&subject, 0);
      assert_int_equal(\(p)_update(&subject), golden_status[0]);
      check_learnt(&subject, 0);
      """)
  }

  mutating func emitSkippingTests() {
    text.section("Trials that cannot be learnt from")
    let afterwards = """
      assert_int_equal(\(p)_update(&subject), \(macro)_SPOILT);
      \(learnsByBlock ? "assert_int_equal(subject.skipped, 1);" : "check_only_skipped(1);")
      assert_int_equal(\(p)_update(&subject), \(macro)_NOTHING_RECORDED);
      """
    // A block that was learnt from before the trial was spoilt stays learnt, so that the next trial is another one.
    let next =
      learnsByBlock
      ? ""
      : """

      /* The next trial is learnt from as if nothing had been. */
      play_checked(&subject, 0);
      assert_int_equal(\(p)_update(&subject), golden_status[0]);
      check_learnt(&subject, 0);
      """
    let silence =
      spiking
      ? (declaration: "const uint16_t none[1] = {0};", arguments: "none, 0")
      : (declaration: "const int8_t none[\(macro)_INPUTS] = {0};", arguments: "none")
    if !plan.isStream {
      test(
        "a_trial_that_is_too_long_is_skipped",
        "One step more than \(macro)_STEPS spoils a trial; it goes on inferring.",
        """
        \(silence.declaration)

        \(p)_init(&subject);
        \(p)_save(&subject, image);
        \(p)_reset(&subject);
        for (uint32_t step = 0; step < \(macro)_STEPS; step++) {
            \(p)_step(&subject, \(silence.arguments));
        }
        assert_int_equal(subject.spoilt, 0);
        assert_int_equal(subject.t, \(macro)_STEPS);
        \(p)_step(&subject, \(silence.arguments));
        assert_int_equal(subject.spoilt, 1);
        assert_int_equal(subject.origin + subject.t, \(macro)_STEPS + 1U);
        \(p)_learn(&subject, golden_target[0]);
        \(afterwards)\(next)
        """)
    }
    if inputsOverflow { emitTooManyInputs(afterwards + next) }
    if spikesOverflow { emitTooManySpikes(silence.declaration, silence.arguments, afterwards + next) }
  }

  private mutating func emitTooManyInputs(_ afterwards: String) {
    test(
      "a_trial_with_too_many_inputs_is_skipped",
      "\(macro)_INPUT_CAPACITY events fit into the record, one more does not.",
      """
      uint16_t all[\(macro)_INPUTS];
      uint32_t left = \(macro)_INPUT_CAPACITY;

      for (uint32_t i = 0; i < \(macro)_INPUTS; i++) {
          all[i] = (uint16_t)i;
      }
      \(p)_init(&subject);
      \(p)_save(&subject, image);
      \(p)_reset(&subject);
      while (left > 0U) {
          uint16_t count = (uint16_t)(left < \(macro)_INPUTS ? left : \(macro)_INPUTS);

          \(p)_step(&subject, all, count);
          left -= count;
      }
      assert_int_equal(subject.spoilt, 0);
      \(p)_step(&subject, all, 1);
      assert_int_equal(subject.spoilt, 1);
      \(p)_step(&subject, all, (uint16_t)\(macro)_INPUTS);
      \(afterwards)
      """)
  }

  private mutating func emitTooManySpikes(_ declaration: String, _ arguments: String, _ afterwards: String) {
    test(
      "a_trial_with_too_many_spikes_is_skipped",
      "Potentials are raised by hand, so that every neuron fires as often as it can.",
      """
      \(declaration)

      \(p)_init(&subject);
      \(p)_save(&subject, image);
      \(p)_reset(&subject);
      for (uint32_t step = 0; step < \(macro)_STEPS && subject.spoilt == 0U; step++) {
          for (uint32_t j = 0; j < \(macro)_NEURONS; j++) {
              set_potential(&subject, j, \(raised));
          }
          \(p)_step(&subject, \(arguments));
      }
      assert_int_equal(subject.spoilt, 1);
      \(afterwards)
      """)
  }

  /// A potential that every neuron can have.
  private var raised: Int32 {
    plan.populations.flatMap { population in
      (0..<population.count).map { population.potentialRange($0).upperBound }
    }.min() ?? 0
  }

  /// Whether all inputs together overflow their record within one block, before any number of spikes overflows theirs.
  private var inputsOverflow: Bool {
    guard let learning = plan.learning, spiking, learning.recordsInputs else { return false }
    let steps = (learning.inputEventCapacity + plan.inputs.count - 1) / plan.inputs.count + 1
    let spikes = plan.populations.reduce(0) { sum, population in
      sum + population.count * ((steps + population.refractorySteps) / (population.refractorySteps + 1))
    }
    return steps <= learning.blockSteps && spikes <= learning.spikeCapacity
  }

  /// Whether neurons whose potential is raised at every step surely overflow the record of one trial. They fire in step,
  /// so no spike arrives when they fire again, and nothing keeps them from it but their adaptation. (Where spikes arrive at once, or
  /// flow through a current, that is not so.)
  private var spikesOverflow: Bool {
    guard let learning = plan.learning, !plan.hasBlocks else { return false }
    let periods = Set(plan.populations.map { $0.refractorySteps + 1 })
    guard !plan.hasCurrents, !plan.projections.contains(where: \.isImmediate), periods.count == 1,
      let period = periods.first, period > 1
    else { return false }
    let times = (learning.blockSteps + period - 1) / period
    let spikes = plan.populations.reduce(0) { sum, population in
      let slowest = (0..<population.count).map { population.leak[$0] }.min() ?? 0
      let potential = (Int(raised) * Int(slowest)) >> 15
      var possible = times
      if let adaptation = population.adaptation {
        let room = (0..<population.count).map { j in
          ((potential - Int(population.threshold[j])) << adaptation.fractionBits) / max(1, Int(adaptation.increment[j]))
        }
        possible = min(times, max(0, room.min() ?? 0))
      }
      return sum + possible * population.count
    }
    return spikes > learning.spikeCapacity
  }
}
