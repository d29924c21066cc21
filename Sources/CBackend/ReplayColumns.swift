import CSyntax
import Planning

/// What compressed columns add to the sums of a replayed tile (`ReplayLanes.swift`): the few synapses of a source are put
/// together to the words of a matrix's weights, and go to every step at which it arrives like these.
extension Emitter {
  mutating func emitScatterColumns(_ projection: ProjectionPlan, _ population: PopulationPlan, name: String) {
    let shift = projection.shift + population.driveShift
    let worth = weight(projection, "w[s]") + (shift == 0 ? "" : " * \(1 << shift)")
    let last =
      packs
      ? ""
      : """

              /* What fires in the last step has not arrived yet. */
              if (first != end && end[-1] == n) {
                  end--;
              }
      """
    let scatter =
      tile == 8
      ? "scatter_eight(sums, first, end, four[0], four[1], four[2], four[3]);"
      : """
      for (uint16_t k = 0; k < lanes; k = (uint16_t)(k + 4U)) {
          scatter_four(&sums[k], first, end, four[k / 2U], four[k / 2U + 1U]);
      }
      """
    text.function(
      "The same for compressed columns, from the synapses on that the sources have come to.",
      """
      static EPROP_APART void \(name)(uint16_t *sums, const int8_t *w, const \(position) *begin,
          const uint\(plan.targetBits)_t *target, const \(position) *next, const \(offset) *start, uint16_t sources,
          const uint16_t *times, uint16_t j0, uint16_t lanes\(packs ? "" : ", uint16_t n"))
      """,
      """
      for (uint16_t i = 0; i < sources; i++) {
          const \(position) stop = \(element("begin[i + 1U]", position));
          \(position) s = next[i];
          const uint16_t *const first = times + start[i];
          const uint16_t *end = times + start[i + 1U];
          uint32_t four[\(P)_TILE / 2U] = {0};
          uint16_t lane;
      \(last)
          if (first == end || s == stop || (uint16_t)(\(target("s")) - j0) >= lanes) {
              continue;
          }
          for (; s < stop && (lane = (uint16_t)(\(target("s")) - j0)) < lanes; s++) {
              const uint32_t worth = (uint32_t)(\(worth));

              four[lane / 4U * 2U + (lane & 1U)] += (lane & 2U) != 0U ? worth << 16 : worth;
          }
      \(indented(scatter, by: 4))
      }
      """)
  }

  /// The target of a synapse, in a function that projections share.
  private func target(_ synapse: String) -> String { element("target[\(synapse)]", "uint\(plan.targetBits)_t") }
}
