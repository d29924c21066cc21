import CSyntax
import Planning

/// Gradients of the smallest tiles, summed in the order of the record: no sorted copy of it is needed.
extension Emitter {
  mutating func emitScatterGradients() {
    let lanes = 0..<tile
    let worth = lanes.map { "const int32_t d\($0) = (int32_t)row[\($0)] - INT32_C(32768);" }.joined(separator: "\n")
    let row =
      plan.scatteredInputs == 0 ? "(uint32_t)net->record[r]" : "(net->record[r] + UINT32_C(\(plan.scatteredInputs)))"
    let takesInputs = plan.scatteredInputs > 0
    var inputs = ""
    if takesInputs {
      let events = additions("e", inputSegment, "(uint32_t)net->input_events[e]")
      inputs = "\nif (step < inputs) {\n\(indented(events, by: 4))\n}"
    }
    text.function(
      """
      Sums what the arrivals of every source are worth to the neurons of a tile, in the order in which they came, over n steps: spikes \
      arrive in the step after their own. \(takesInputs ? "Input events of the first `inputs` steps count. " : "")|sum| < 2^15 per step.
      """,
      "static EPROP_APART void scatter_gradients(\(net) *net, uint16_t n, uint16_t inputs)",
      """
      \(offset) r = 0;\(takesInputs ? "\n\(offset) e = 0;" : "")
      \(offset) last;

      \(takesInputs ? "" : "(void)inputs;\n")for (uint32_t s = 0; s < \(count((plan.scatteredInputs + plan.neuronCount) * tile)); s++) {
          net->sums[s] = 0;
      }
      for (uint16_t step = 0; step < n; step++) {
          const uint16_t *row = &net->delta[(uint32_t)step * \(P)_TILE];
      \(indented(worth + "\n" + inputs, by: 4))
      \(indented(additions("r", spikeSegment, row), by: 4))
      }
      """)
    if plan.countsScattered { emitCountSpikes() }
  }

  /// Where the events of `step` end in the record: those of the inputs, and the spikes that arrive.
  private var inputSegment: String {
    plan.countsEvents ? "(\(offset))(e + net->input_count[step])" : "net->input_end[step]"
  }
  private var spikeSegment: String {
    plan.countsEvents ? "(\(offset))(r + (step == 0U ? 0U : net->record_count[step - 1U]))" : "net->record_end[step]"
  }

  private func additions(_ cursor: String, _ end: String, _ row: String) -> String {
    let adds = (0..<tile).map { "sum[\($0)] += d\($0);" }.joined(separator: "\n")
    return """
      last = \(end);
      for (; \(cursor) < last; \(cursor)++) {
          int32_t *sum = &net->sums[\(row) * \(P)_TILE];

      \(indented(adds, by: 4))
      }
      """
  }

  private mutating func emitCountSpikes() {
    text.function(
      "Counts the spikes of every neuron in the n steps of the trial.",
      "static void count_spikes(\(net) *net, uint16_t n)",
      """
      \(plan.countsEvents ? "(void)n;\n" : "")for (uint16_t j = 0; j < \(P)_NEURONS; j++) {
          net->fired[j] = 0;
      }
      for (\(offset) r = 0; r < \(plan.countsEvents ? "net->record_total" : "net->record_end[n]"); r++) {
          net->fired[net->record[r]]++;
      }
      """)
  }
}
