import CSyntax
import Planning

/// Analog inputs that stay for several steps: their weights are summed once for all of these, and so is delta.
extension Emitter {
  /// The member that holds the sums of a projection from held inputs.
  func heldSums(_ projection: ProjectionPlan) -> String {
    guard case .population(let target) = projection.target else { preconditionFailure("inputs drive populations only") }
    return "held_\(plan.populations[target].name)"
  }

  /// Where the record has the values of the inputs in a step.
  func inputValues(of step: String) -> String {
    let row = plan.holdsInputs ? "(\(step) / \(P)_HOLD)" : step
    return "net->input_values[(uint32_t)\(row) * \(P)_INPUTS + i]"
  }

  /// The statements that take new inputs; nil where a population has none that are held.
  func holding(_ population: PopulationPlan, _ incoming: [ProjectionPlan]) -> String? {
    guard plan.holdsInputs, let projection = incoming.first(where: { $0.source == .inputs }) else { return nil }
    let n = count(population.count)
    let held = "net->\(heldSums(projection))[j]"
    return """
      /* These inputs are those of the next \(P)_HOLD - 1 steps as well. */
      if (net->phase == 0U) {
          for (uint16_t j = 0; j < \(n); j++) {
              \(held) = 0;
          }
          for (uint16_t i = 0; i < \(P)_INPUTS; i++) {
              \(column(projection, of: "(uint32_t)i"))
              int32_t x = values[i];
              for (uint16_t j = 0; j < \(n); j++) {
                  \(held) += x * \(weight(projection, at: "j"));
              }
          }
      }
      """
  }

  /// What arrives from held inputs in a step of the replay.
  func replayHeld(_ projection: ProjectionPlan) -> String {
    """
    if (t % \(P)_HOLD == 0U) {
        for (uint16_t lane = 0; lane < lanes; lane++) {
            held[lane] = 0;
        }
        for (uint16_t i = 0; i < \(P)_INPUTS; i++) {
            \(column(projection, of: "(uint32_t)i", from: "j0"))
            int32_t x = \(inputValues(of: "t"));
            for (uint16_t lane = 0; lane < lanes; lane++) {
                held[lane] += x * \(weight(projection, at: "lane", from: "j0"));
            }
        }
    }
    for (uint16_t lane = 0; lane < lanes; lane++) {
        acc[lane] += held[lane];
    }
    """
  }

  /// The sums of delta that `gather_values` weighs.
  mutating func emitSumFrames() {
    text.function(
      "Sums delta over the steps of each held input, for each neuron of a tile. |sum| < 2^23, so that times an input it is below 2^30.",
      "static EPROP_APART void sum_frames(\(net) *net, uint16_t n)",
      """
      const uint16_t *delta = net->delta;
      int32_t *sum = net->frame_delta;
      uint16_t step = 0;

      while (step < n) {
          uint16_t end = (uint16_t)(n - step) > \(P)_HOLD ? (uint16_t)(step + \(P)_HOLD) : n;

          for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
              sum[lane] = 0;
          }
          for (; step < end; step++) {
              for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
                  sum[lane] += (int32_t)*delta++ - INT32_C(32768);
              }
          }
          sum += \(P)_TILE;
      }
      """)
  }

  /// The loop of `gather_values` over the held inputs of the record.
  var frameLoop: String {
    """
    for (uint16_t frame = 0; (uint32_t)frame * \(P)_HOLD < n; frame++) {
        const int32_t *row = &net->frame_delta[(uint32_t)frame * \(P)_TILE];
        int32_t x = net->input_values[(uint32_t)frame * \(P)_INPUTS + i];
        for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
            sum[lane] += x * row[lane];
        }
    }
    """
  }
}
