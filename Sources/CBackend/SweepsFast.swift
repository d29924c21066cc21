import CSyntax
import Planning

/// The sweep of four plain neurons at a time in instructions of Armv7E-M: B F of two readouts is one instruction, S fades in
/// one, and the upper halves of two S are put together in one.
extension Emitter {
  /// Whether a population is swept four neurons at a time: whole words of errors and of psi, and a fade that is an int16.
  func sweepsFast(_ index: Int, _ learning: LearningPlan) -> Bool {
    let population = plan.populations[index]
    guard case .common(let leak) = population.leak, leak >= 16384 else { return false }
    let aligned = replays || (plan.neuronCount % 4 == 0 && population.first % 4 == 0)
    guard isFast, !packsSurrogates, plan.fades(index), tile % 4 == 0, population.count % 4 == 0, aligned,
      outputs == 2 || outputs == 4, feedbackRow(index, learning) != nil
    else { return false }
    return learning.populations[index].rate == nil || foldsRate(index, learning)
  }

  /// Whether the rate signal can be added before the shift of the learning signal.
  func foldsRate(_ index: Int, _ learning: LearningPlan) -> Bool {
    let formats = learning.populations[index]
    let half = formats.feedbackShift == 0 ? 0 : 1 << (formats.feedbackShift - 1)
    let largest = Int64(outputs) << 22 + Int64(half) + Int64(formats.rate?.limit ?? 0) << Int64(formats.feedbackShift)
    return largest < 1 << 31
  }

  /// The word of the upper halves of two sums, as delta is kept.
  private func packed(_ lower: String, _ upper: String) -> String {
    let word = "eprop_pkhtb((uint32_t)\(lower), (uint32_t)\(upper))"
    return packs ? "eprop_sadd16(\(word), UINT32_C(0x04000400))" : "\(word) ^ UINT32_C(0x80008000)"
  }

  mutating func emitFastSweep(_ population: PopulationPlan, index: Int, _ learning: LearningPlan) {
    guard let row = feedbackRow(index, learning) else { return }
    let n = population.name
    let formats = learning.populations[index]
    let shift = formats.feedbackShift
    let half = shift == 0 ? 0 : 1 << (shift - 1)
    let pairs = outputs / 2
    let rate = formats.rate.map { _ in
      "rate_\(n)(net, (uint16_t)(j0 + k)\(plan.countsSpikes ? "" : ", n")) * \(int(1 << shift)) + "
    }
    let words = pairs + 1
    func read(_ output: Int) -> String { row.read("\(output)") }
    let fill = (0..<pairs).map {
      "own[k][\($0 + 1)] = eprop_pair((uint32_t)\(read(2 * $0)), (uint32_t)\(read(2 * $0 + 1)));"
    }.joined(separator: "\n")
    let errors = (0..<pairs).map {
      "const uint32_t f\($0) = eprop_load2((const uint16_t *)f\($0 == 0 ? "" : " + \(2 * $0)"));"
    }
    func signal(_ k: Int) -> String {
      let inner = (0..<pairs).reduce("eprop_signed(own[\(k)][0])") {
        "eprop_smlad(own[\(k)][\($1 + 1)], f\($1), \($0))"
      }
      return shift == 0 ? inner : "eprop_asr32(\(inner), \(shift)U)"
    }
    let byte = ["four & 255U", "four >> 8 & 255U", "four >> 16 & 255U", "four >> 24"]
    let learn = (0..<4).map { "s\($0) += (int32_t)(\(byte[$0])) * \(signal($0));" }.joined(separator: "\n")
    let stride = replays ? "\(P)_TILE" : "\(P)_NEURONS"
    let column = replays ? "lane" : plus("j0", population.first)
    text.function(
      "The sweep of four neurons of \(n), of which psi and delta stand at column and lane. own[k] is of neuron k what its learning signal starts with, "
        + "and its row of B by twos. \(sweepBound(population, index))",
      "static EPROP_APART void sweep_four_\(n)(\(net) *net, uint32_t (*own)[\(words)], uint32_t column, uint16_t lane, uint16_t n)",
      """
      const uint32_t fade = UINT32_C(\((65536 - 2 * loss(population)) & 0xFFFF));
      const int16_t *f = &net->error[(n - 1U) * (uint32_t)\(P)_OUTPUTS];
      const uint8_t *history = &net->psi[(n - 1U) * (uint32_t)\(stride) + column];
      uint16_t *delta = &net->delta[(n - 1U) * (uint32_t)\(P)_TILE + lane];
      int32_t s0 = INT32_C(32768);
      int32_t s1 = INT32_C(32768);
      int32_t s2 = INT32_C(32768);
      int32_t s3 = INT32_C(32768);

      for (;;) {
          const uint32_t four = eprop_load4((const int8_t *)history);

          s0 = eprop_smlatb((uint32_t)s0, fade, s0);
          s1 = eprop_smlatb((uint32_t)s1, fade, s1);
          s2 = eprop_smlatb((uint32_t)s2, fade, s2);
          s3 = eprop_smlatb((uint32_t)s3, fade, s3);
          if (four != 0U) {
      \(indented(errors.joined(separator: "\n"), by: 8))

      \(indented(learn, by: 8))
          }
          eprop_store2(delta, \(packed("s0", packs ? "s2" : "s1")));
          eprop_store2(delta + 2, \(packed(packs ? "s1" : "s2", "s3")));
          if (f == net->error) {
              break;
          }
          f -= \(P)_OUTPUTS;
          history -= \(stride);
          delta -= \(P)_TILE;
      }
      """)
    text.function(
      "The sweep of neurons j0 ... j0 + 3 of \(n), lanes `lane` ... of the tile.",
      "static EPROP_APART void sweep_quad_\(n)(\(net) *net, uint16_t j0, uint16_t lane, uint16_t n)",
      """
      uint32_t own[4][\(words)];
      \(row.declaration.replacing(" + lane", with: ""))

      for (uint16_t k = 0; k < 4U; k++, b += \(P)_OUTPUTS) {
          own[k][0] = (uint32_t)(\(rate ?? "")\(int(half)));
      \(indented(fill, by: 4))
      }
      sweep_four_\(n)(net, own, \(column), lane, n);
      """)
  }
}
