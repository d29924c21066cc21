import CBackend
import CSyntax
import Planning

extension SuiteEmitter {
  /// Images up to this size are damaged in every way, larger ones in a sample of ways.
  private static let wholly = 1024
  private var isSampled: Bool { plan.imageBytes > Self.wholly }

  mutating func emitImageTests() {
    text.section("Images")
    emitRefusal()
    emitResuming()
    emitForeign()
    emitTruncated()
    emitDamaged()
  }

  private mutating func emitRefusal() {
    function(
      "Fails unless the first `size` bytes of an image are refused with `status` and the network stays as it is. They are given in memory of "
        + "just that size, so that a sanitizer sees any byte read beyond it.",
      "static void check_refused(const uint8_t *bytes, uint32_t size, \(p)_status status)",
      """
      uint8_t *copy = malloc(size == 0U ? 1U : size);
      \(p)_status got;

      assert_non_null(copy);
      memcpy(copy, bytes, size);
      got = \(p)_load(&subject, copy, size);
      free(copy);
      assert_true((int)status < 0);
      assert_int_equal(got, status);
      assert_memory_equal(&subject, &before, sizeof subject);
      """)
    function(
      "Gives a changed image the checksum that suits it.", "static void seal(uint8_t *bytes)",
      """
      uint32_t crc = eprop_crc32(0, bytes, \(macro)_IMAGE_BYTES - 4U);

      for (uint32_t k = 0; k < 4U; k++) {
          bytes[\(macro)_IMAGE_BYTES - 4U + k] = (uint8_t)((crc >> (8U * k)) & 255U);
      }
      """)
    function(
      "A network in the middle of a trial, and the image of another that has learnt.",
      "static void prepare_refusals(void)",
      """
      \(p)_init(&other);
      learn_trial(&other, 0);
      \(p)_save(&other, image);
      \(p)_init(&subject);
      \(p)_reset(&subject);
      play_step(&subject, 0);
      before = subject;
      """)
  }

  private mutating func emitResuming() {
    test(
      "learning_resumes_from_an_image", "A network loaded from an image goes on bit for bit where the other was saved.",
      """

      \(p)_init(&subject);
      learn_trial(&subject, 0);
      \(p)_save(&subject, image);
      memset(&other, 0xA5, sizeof other);
      \(p)_init(&other);
      play(&other, 1);
      assert_int_equal(\(p)_load(&other, image, \(macro)_IMAGE_BYTES), \(macro)_OK);
      check_same_image(&subject, &other);
      for (uint32_t trial = 1; trial < GOLDEN_TRIALS; trial++) {
          learn_trial(&subject, trial);
          /* Loading has begun a trial. */
          if (trial > 1U) {
              \(p)_reset(&other);
          }
          play_on_checked(&other, trial);
          assert_int_equal(\(p)_update(&other), golden_status[trial]);
          check_learnt(&other, trial);
          check_same_image(&subject, &other);
      }
      """)
    test(
      "an_image_has_its_size", "Saving writes every byte of the image and none beyond it, and changes nothing.",
      """
      uint8_t *bytes = malloc(\(macro)_IMAGE_BYTES + 1U);

      assert_non_null(bytes);
      \(p)_init(&subject);
      learn_trial(&subject, 0);
      before = subject;
      memset(bytes, 0, \(macro)_IMAGE_BYTES + 1U);
      memset(image, 0xFF, \(macro)_IMAGE_BYTES);
      \(p)_save(&subject, bytes);
      \(p)_save(&subject, image);
      assert_memory_equal(bytes, image, \(macro)_IMAGE_BYTES);
      assert_int_equal(bytes[\(macro)_IMAGE_BYTES], 0);
      assert_memory_equal(&subject, &before, sizeof subject);
      free(bytes);
      """)
  }

  private mutating func emitForeign() {
    test(
      "foreign_images_are_refused", "Another magic, version or plan is refused even under a checksum that suits it.",
      """

      prepare_refusals();
      for (uint32_t at = 0; at < 16U; at++) {
          image[at] ^= 0x10U;
          seal(image);
          check_refused(image, \(macro)_IMAGE_BYTES, at < 8U ? \(macro)_IMAGE_FORMAT : \(macro)_IMAGE_PLAN);
          image[at] ^= 0x10U;
      }
      seal(image);
      assert_int_equal(\(p)_load(&subject, image, \(macro)_IMAGE_BYTES), \(macro)_OK);
      """)
  }

  private mutating func emitTruncated() {
    let sizes =
      isSampled
      ? """
      for (uint32_t size = 0; size < 64U; size++) {
          check_refused(image, size, \(macro)_IMAGE_SIZE);
      }
      for (uint32_t sample = 0; sample < 64U; sample++) {
          check_refused(image, eprop_hash(sample) % \(macro)_IMAGE_BYTES, \(macro)_IMAGE_SIZE);
      }
      check_refused(image, \(macro)_IMAGE_BYTES - 1U, \(macro)_IMAGE_SIZE);
      """
      : """
      for (uint32_t size = 0; size < \(macro)_IMAGE_BYTES; size++) {
          check_refused(image, size, \(macro)_IMAGE_SIZE);
      }
      """
    test(
      "truncated_images_are_refused",
      isSampled ? "The shortest lengths, the longest and a sample of those between." : "Every length is tried.",
      "\nprepare_refusals();\n" + sizes)
    test(
      "longer_images_are_refused", "An image with one byte more is not ours.",
      """
      static uint8_t longer[\(macro)_IMAGE_BYTES + 1U];

      prepare_refusals();
      memcpy(longer, image, \(macro)_IMAGE_BYTES);
      check_refused(longer, \(macro)_IMAGE_BYTES + 1U, \(macro)_IMAGE_SIZE);
      """)
  }

  private mutating func emitDamaged() {
    function(
      "What is said about an image in which a byte is wrong.", "static \(p)_status refusal_at(uint32_t byte)",
      """
      if (byte < 8U) {
          return \(macro)_IMAGE_FORMAT;
      }
      return byte < 16U ? \(macro)_IMAGE_PLAN : \(macro)_IMAGE_DAMAGED;
      """)
    function(
      "Fails unless the image is refused when this bit of it is wrong.", "static void check_flipped(uint32_t bit)",
      """
      uint8_t mask = (uint8_t)(1U << (bit % 8U));

      image[bit / 8U] ^= mask;
      check_refused(image, \(macro)_IMAGE_BYTES, refusal_at(bit / 8U));
      image[bit / 8U] ^= mask;
      """)
    let flips =
      isSampled
      ? """
      for (uint32_t bit = 0; bit < 8U * 32U; bit++) {
          check_flipped(bit);
      }
      for (uint32_t bit = 8U * (\(macro)_IMAGE_BYTES - 4U); bit < 8U * \(macro)_IMAGE_BYTES; bit++) {
          check_flipped(bit);
      }
      for (uint32_t sample = 0; sample < 64U; sample++) {
          check_flipped(eprop_hash(sample) % (8U * \(macro)_IMAGE_BYTES));
      }
      """
      : """
      for (uint32_t bit = 0; bit < 8U * \(macro)_IMAGE_BYTES; bit++) {
          check_flipped(bit);
      }
      """
    test(
      "damaged_images_are_refused",
      isSampled
        ? "Every bit of the header and the checksum is tried, and a sample of the others." : "Every bit is tried.",
      "\nprepare_refusals();\n" + flips)
  }
}
