import CSyntax
import Planning

/// The sweep of plain neurons by twos in instructions of Armv7E-M: B F of two readouts is one instruction, S fades in one,
/// takes psi H in one, and the upper halves of two S are put together in one.
///
/// H = floor(x / 2^feedbackShift) is taken as floor(x 2^(9 - feedbackShift) / 2^9), B and what x starts with being as much larger.
extension Emitter {
  /// The lower bits of x that are cut off.
  private var cut: Int { 9 }
  /// Steps of a turn: their addresses are offsets then.
  private var unrolled: Int { 4 }

  /// Whether a population is swept by twos of four neurons: whole words of errors and of psi, and a fade that is an int16.
  func sweepsFast(_ index: Int, _ learning: LearningPlan) -> Bool {
    let population = plan.populations[index]
    guard case .common(let leak) = population.leak, leak >= 16384 else { return false }
    let aligned = replays || (plan.neuronCount % 4 == 0 && population.first % 4 == 0)
    guard isFast, !packsSurrogates, plan.fades(index), tile % 4 == 0, population.count % 4 == 0, aligned,
      outputs == 2 || outputs == 4, feedbackRow(index, learning) != nil
    else { return false }
    return fitsCredit(index, learning)
  }

  /// Whether x fits 32 bits with its lowest `cut` bits below H, and B as much larger 16.
  private func fitsCredit(_ index: Int, _ learning: LearningPlan) -> Bool {
    let formats = learning.populations[index]
    guard (2...cut).contains(formats.feedbackShift) else { return false }
    let half = Int64(1) << Int64(formats.feedbackShift - 1)
    let largest = Int64(outputs) << 22 + half + Int64(formats.rate?.limit ?? 0) << Int64(formats.feedbackShift)
    return largest << Int64(cut - formats.feedbackShift) < 1 << 31
  }

  /// The word of the upper halves of two sums, as delta is kept.
  private func packed(_ lower: String, _ upper: String) -> String {
    let word = "eprop_pkhtb((uint32_t)\(lower), (uint32_t)\(upper))"
    return plan.addsRows
      ? word : packs ? "eprop_sadd16(\(word), UINT32_C(0x04000400))" : "\(word) ^ UINT32_C(0x80008000)"
  }

  mutating func emitFastSweep(_ population: PopulationPlan, index: Int, _ learning: LearningPlan) {
    guard let row = feedbackRow(index, learning) else { return }
    let n = population.name
    let formats = learning.populations[index]
    let lift = cut - formats.feedbackShift
    let pairs = outputs / 2
    let rate = formats.rate.map { _ in
      "rate_\(n)(net, (uint16_t)(j0 + k)\(plan.countsSpikes ? "" : ", n")) * \(int(1 << cut)) + "
    }
    func read(_ output: Int) -> String { "(uint32_t)\(row.read("\(output)"))" + (lift == 0 ? "" : " * \(1 << lift)U") }
    let fill = (0..<pairs).map {
      "own[k][\($0 + 1)] = eprop_pair(\(read(2 * $0)), \(read(2 * $0 + 1)));"
    }.joined(separator: "\n")
    let column = replays ? "lane" : plus("j0", population.first)
    emitSweepTwo(population, index: index, isOdd: false)
    emitSweepTwo(population, index: index, isOdd: true)
    // Lanes of packed deltas stand in the order of the halves.
    text.function(
      "The sweep of neurons j0 ... j0 + 3 of \(n), lanes `lane` ... of the tile. own[k] is of neuron k what x starts with, and its row of B by twos, "
        + "both times \(1 << lift).",
      "static EPROP_APART void sweep_quad_\(n)(\(net) *net, uint16_t j0, uint16_t lane, uint16_t n)",
      """
      uint32_t own[4][\(pairs + 1)];
      \(row.declaration.replacing(" + lane", with: ""))

      for (uint16_t k = 0; k < 4U; k++, b += \(P)_OUTPUTS) {
          own[k][0] = (uint32_t)(\(rate ?? "")\(int(1 << (cut - 1))));
      \(indented(fill, by: 4))
      }
      sweep_even_\(n)(net, own, \(column), lane, n);
      sweep_odd_\(n)(net, own, \(column), lane, n);
      """)
  }

  /// The sweep of two neurons of four: those whose psi are the even bytes of a word, or the odd ones.
  private mutating func emitSweepTwo(_ population: PopulationPlan, index: Int, isOdd: Bool) {
    let n = population.name
    let name = isOdd ? "odd" : "even"
    let (first, second) = isOdd ? (1, 3) : (0, 2)
    let pairs = outputs / 2
    let stride = replays ? "\(P)_TILE" : "\(P)_NEURONS"
    let variables = (0..<pairs).flatMap { ["b\($0)", "c\($0)"] } + ["o0", "o1"]
    let arguments = (variables.map { $0.hasPrefix("o") ? "int32_t \($0)" : "uint32_t \($0)" }).joined(separator: ", ")
    func start(_ o: String, _ b: String) -> String {
      (1..<pairs).reduce(o) {
        "eprop_smlad(\(b)\($1), eprop_load2((const uint16_t *)f + k * \(P)_OUTPUTS + \(2 * $1)), \($0))"
      }
    }
    let store =
      packs
      ? "eprop_store2(delta + k * \(P)_TILE, \(packed("*s0", "*s1")));"
      : "delta[k * \(P)_TILE] = (uint16_t)((uint32_t)*s0 >> 16 ^ 0x8000U);\ndelta[k * \(P)_TILE + 2U] = (uint16_t)((uint32_t)*s1 >> 16 ^ 0x8000U);"
    text.function(
      isOdd
        ? "The same for the odd bytes."
        : "A step of the sweep of two neurons of \(n), whose psi are the even bytes of a word: that k rows beyond the pointers. `mask` has the bits of psi times 2^7.",
      "static inline void sweep_step_\(name)_\(n)(int32_t *s0, int32_t *s1, uint32_t mask, const uint8_t *history, const int16_t *f, uint16_t *delta, unsigned k, \(arguments))",
      """
      const uint32_t fade = UINT32_C(\((65536 - 2 * loss(population)) & 0xFFFF));
      const uint32_t psi = eprop_load4((const int8_t *)history + k * \(stride)) \(isOdd ? ">> 1" : "<< 7") & mask;

      *s0 = eprop_smlatb((uint32_t)*s0, fade, *s0);
      *s1 = eprop_smlatb((uint32_t)*s1, fade, *s1);
      if (psi != 0U) {
          eprop_credit(s0, s1, psi, eprop_load2((const uint16_t *)f + k * \(P)_OUTPUTS), b0, \(start("o0", "b")), c0, \(start("o1", "c")));
      }
      \(store)
      """)
    /// Row k after where the pointers are, or row n of all.
    func step(_ k: Int?) -> String {
      func at(_ name: String, _ size: String) -> String { k == nil ? "\(name) + n * (uint32_t)\(size)" : name }
      return
        "sweep_step_\(name)_\(n)(&s0, &s1, mask, \(at("history", stride)), \(at("f", "\(P)_OUTPUTS")), \(at("delta", "\(P)_TILE")), \(k ?? 0)U, \(variables.joined(separator: ", ")));"
    }
    let offset = isOdd ? (packs ? 2 : 1) : 0
    let reads = variables.map { variable -> String in
      let neuron = variable.hasPrefix("c") || variable == "o1" ? second : first
      guard variable.hasPrefix("o") else {
        return "uint32_t \(variable) = own[\(neuron)][\((Int(String(variable.dropFirst())) ?? 0) + 1)];"
      }
      return "int32_t \(variable) = eprop_signed(own[\(neuron)][0]);"
    }
    text.function(
      "The sweep of two neurons of \(n), of whose four psi and delta stand at column and lane. \(sweepBound(population, index))",
      "static EPROP_APART void sweep_\(name)_\(n)(\(net) *net, uint32_t (*own)[\(pairs + 1)], uint32_t column, uint16_t lane, uint16_t n)",
      """
      uint16_t *const begin = &net->delta[\(offset == 0 ? "lane" : "lane + \(offset)U")];
      uint16_t *delta = begin;
      const int16_t *f = net->error;
      const uint8_t *history = net->psi + column;
      \(reads.joined(separator: "\n"))
      uint32_t mask = UINT32_C(0x7F807F80);
      int32_t s0 = INT32_C(32768);
      int32_t s1 = INT32_C(32768);

      \((variables + ["mask"]).map { "EPROP_UNKNOWN(\($0));" }.joined(separator: "\n"))
      while ((n & \(unrolled - 1)U) != 0U) {
          n--;
          \(step(nil))
      }
      if (n == 0U) {
          return;
      }
      f += (n - \(unrolled)U) * (uint32_t)\(P)_OUTPUTS;
      history += (n - \(unrolled)U) * (uint32_t)\(stride);
      delta += (n - \(unrolled)U) * (uint32_t)\(P)_TILE;
      for (;;) {
      \((0..<unrolled).reversed().map { "    " + step($0) }.joined(separator: "\n"))
          if (delta == begin) {
              break;
          }
          f -= \(unrolled)U * \(P)_OUTPUTS;
          history -= \(unrolled)U * \(stride);
          delta -= \(unrolled)U * \(P)_TILE;
      }
      """)
  }
}
