import CSyntax
import Planning

extension Emitter {
  mutating func emitErrors() {
    guard let learning = plan.learning else { return }
    text.section("Errors")
    switch learning.loss {
    case .squaredError: emitSquaredError(learning)
    case .crossEntropy: emitCrossEntropy()
    }
    emitFilter(learning)
  }

  var targetClamp: String {
    "target[k] < -INT32_C(\(Fixed.targetLimit)) ? -INT32_C(\(Fixed.targetLimit)) : target[k] > INT32_C(\(Fixed.targetLimit)) ? INT32_C(\(Fixed.targetLimit)) : target[k]"
  }

  /// When `learn` has nothing to do.
  private var learnsNothing: String {
    "target == 0 || net->recording == 0U || net->recorded == 0U"
      + (plan.hasBlocks ? " || net->piece != DO_nothing" : "")
  }

  mutating func emitSquaredError(_ learning: LearningPlan) {
    text.function(
      "",
      "void \(p)_learn(\(net) *net, const int32_t *target)",
      """
      int16_t *error;

      if (\(learnsNothing)) {
          return;
      }
      error = &net->error[(net->recorded - 1U) * (uint32_t)\(P)_OUTPUTS];
      for (uint16_t k = 0; k < \(P)_OUTPUTS; k++) {
          /* Both are at most 2^30, so the difference fits. */
          int32_t wanted = \(targetClamp);
          error[k] = eprop_sat16(eprop_near32(net->y[k] - wanted, \(learning.errorShift)U));
      }
      """)
  }

  mutating func emitCrossEntropy() {
    let f = plan.readout.fractionBits
    let eleven =
      f == 11 ? "below" : f > 11 ? "(below >> \(f - 11))" : "(below << \(11 - f))"
    text.function(
      "exp(-below 2^-\(f)) in Q16, by the table of powers of two with linear interpolation.",
      "static uint32_t exponential(uint32_t below)",
      """
      uint32_t q, f, low, high;

      if (below >= UINT32_C(\(16 << f))) {
          return 0;
      }
      /* times log2(e), in Q11 */
      q = (\(eleven) * UINT32_C(47274)) >> 15;
      f = (q & 2047U) >> 6;
      low = EPROP_READ(uint32_t, exp2_table[f]);
      high = EPROP_READ(uint32_t, exp2_table[f + 1U]);
      return ((low * (64U - (q & 63U)) + high * (q & 63U)) >> 6) >> (q >> 11);
      """)
    text.function(
      "",
      "void \(p)_learn(\(net) *net, const int32_t *target)",
      """
      int16_t *error;
      int32_t top;
      uint32_t sum = 0;

      if (\(learnsNothing)) {
          return;
      }
      error = &net->error[(net->recorded - 1U) * (uint32_t)\(P)_OUTPUTS];
      top = net->y[0];
      for (uint16_t k = 1; k < \(P)_OUTPUTS; k++) {
          top = net->y[k] > top ? net->y[k] : top;
      }
      for (uint16_t k = 0; k < \(P)_OUTPUTS; k++) {
          sum += exponential((uint32_t)top - (uint32_t)net->y[k]);
      }
      for (uint16_t k = 0; k < \(P)_OUTPUTS; k++) {
          /* softmax in Q15; the largest exponential is 2^16, so the sum is not 0 */
          uint32_t probability = (exponential((uint32_t)top - (uint32_t)net->y[k]) << 15) / sum;
          int32_t wanted = \(targetClamp);
          error[k] = eprop_sat16((int32_t)probability - wanted);
      }
      """)
  }

  mutating func emitFilter(_ learning: LearningPlan) {
    let outputs = "\(P)_OUTPUTS"
    var tail = ""
    if plan.isCarried {
      tail = """

            filtered = \(decayReadout("filtered", "eprop_dither(t0 + n)", index: "k"));
            net->last_error[k] = eprop_sat16(eprop_near32(filtered, \(learning.filteredShift)U));
        """
    }
    text.function(
      "Filters the errors of the n steps from t0 on backwards through the readout, in place: what an input to readout k at a step does to the "
        + "loss of that and all later steps. |filtered| <= 2^15 / (1 - kappa).",
      "static EPROP_APART void filter_errors(\(net) *net, uint32_t t0, uint16_t n)",
      """
      for (uint16_t k = 0; k < \(outputs); k++) {
          int32_t filtered = 0;
          for (uint16_t step = n; step-- > 0U;) {
              int16_t *error = &net->error[(uint32_t)step * \(outputs) + k];
              filtered = \(decayReadout("filtered", "eprop_dither(t0 + step)", index: "k")) + *error;
              *error = eprop_sat16(eprop_near32(filtered, \(learning.filteredShift)U));
          }\(tail)
      }
      """)
  }
}
