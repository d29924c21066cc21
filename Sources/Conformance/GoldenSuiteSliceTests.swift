import CSyntax
import Planning

extension SuiteEmitter {
  /// Updates in pieces.
  mutating func emitSliceTests() {
    let between =
      plan.isStream
      ? ""
      : """

          /* The network goes on inferring; nothing of it is learnt from. */
          play_step(&subject, pieces % golden_begin[1]);
      """
    test(
      "slices_learn_what_an_update_does", "However an update is cut, and whatever happens between the slices.",
      """

      \(p)_init(&subject);
      \(p)_init(&other);
      for (uint32_t trial = 0; trial < GOLDEN_TRIALS; trial++) {
          uint32_t pieces = 0;

          learn_trial(&other, trial);
          play(&subject, trial);
          assert_int_equal(\(p)_update_begin(&subject), golden_status[trial]);
          while (\(p)_update_slice(&subject, (uint16_t)(trial + 1U)) == \(macro)_MORE) {
              pieces++;\(between)
          }
          assert_true(golden_status[trial] != \(macro)_OK || pieces > 0U);
          check_same_image(&subject, &other);
      }
      """)
    test(
      "an_unfinished_update_is_kept_whole",
      "A reset does what is left, an image of a half is refused, and a loaded one drops it.",
      """

      \(p)_init(&subject);
      \(p)_init(&other);
      learn_trial(&other, 0);
      play(&subject, 0);
      assert_int_equal(\(p)_update_begin(&subject), golden_status[0]);
      assert_int_equal(\(p)_update_slice(&subject, 1), \(macro)_MORE);
      assert_int_equal(\(p)_save(&subject, other_image), \(macro)_UPDATING);
      before = subject;
      \(p)_learn(&subject, golden_target[0]);
      assert_memory_equal(&subject, &before, sizeof subject);
      \(p)_reset(&subject);
      check_same_image(&subject, &other);
      \(p)_init(&other);
      (void)\(p)_save(&other, image);
      assert_int_equal(\(p)_load(&before, image, \(macro)_IMAGE_BYTES), \(macro)_OK);
      check_same_image(&before, &other);
      """)
  }
}
