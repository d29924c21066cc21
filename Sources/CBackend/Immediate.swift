import CSyntax
import Planning

/// Projections without a delay: a spike arrives in its own step.
extension Emitter {
  /// Whether anything that arrives in its own step is learnt from.
  var learnsImmediately: Bool { plastic.contains(where: \.isImmediate) }

  /// Adds what arrives in this step to sums of what was fired in the one before.
  mutating func emitAddImmediate(_ population: PopulationPlan, index: Int) {
    let loops = incoming(index).filter(\.isImmediate).map { projection in
      arrivals(projection, postCount: count(population.count), factor: 1 << projection.shift)
    }
    text.function(
      "Adds to the sums of population \(population.name) the weights of what earlier populations have fired in this step.",
      "static void add_immediate_\(population.name)(\(net) *net)",
      """
      \(accumulator) *acc = \(slice("acc", population));

      \(loops.joined(separator: "\n"))
      """)
  }

  /// The steps of the record, counted from `begin` to `end` in the sorted times of a source, in which its spikes arrive: the lines that leave
  /// out what does not arrive in it. The times of spikes are one more than their steps.
  func leavingOut(_ projection: ProjectionPlan, times: String, begin: String, end: String) -> String {
    projection.isImmediate
      ? """
      if (\(end) > \(begin) && \(times)[\(begin)] == 0U) {
          \(begin)++; /* arrived before the block */
      }
      """
      : """
      if (\(end) > \(begin) && \(times)[\(end) - 1U] == n) {
          \(end)--; /* has not arrived */
      }
      """
  }

  /// The sum of sigma over spikes that arrive in their own step.
  mutating func emitGatherSigmaNow() {
    text.function(
      "The same for spikes that arrive in their own step, one before their time.",
      "static void gather_sigma_now(const int32_t *sigma, const uint16_t *times, \(offset) begin, \(offset) end, int64_t *g)",
      """
      if (end > begin && times[begin] == 0U) {
          begin++; /* arrived before the block */
      }
      for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
          g[lane] = 0;
      }
      for (\(offset) e = begin; e < end; e++) {
          const int32_t *row = &sigma[((uint32_t)times[e] - 1U) * \(P)_TILE];
          for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
              g[lane] += row[lane];
          }
      }
      """)
  }
}
