import Planning

/// Per-neuron constants of the plan, one value for every neuron.
struct NeuronConstants {
  let thresholds: Storage<Int32>
  /// α.
  let leaks: Storage<Int32>
  /// What v is saturated to.
  let lowest: Storage<Int32>
  let highest: Storage<Int32>
  let surrogateScales: Storage<Int32>
  /// What a spike subtracts from v, or where it leads.
  let resetAmounts: Storage<Int32>
  let biases: Storage<Int32>
  /// β, of the adaptive neurons only.
  let increments: Storage<Int32>

  init(_ populations: [PopulationState], adaptive: Int) {
    let count = populations.reduce(0) { $0 + $1.count }
    thresholds = Storage(count, repeating: 0)
    leaks = Storage(count, repeating: 0)
    lowest = Storage(count, repeating: 0)
    highest = Storage(count, repeating: 0)
    surrogateScales = Storage(count, repeating: 0)
    resetAmounts = Storage(count, repeating: 0)
    biases = Storage(count, repeating: 0)
    increments = Storage(adaptive, repeating: 0)
    for population in populations {
      for j in 0..<population.count {
        thresholds[population.first + j] = population.plan.threshold[j]
        leaks[population.first + j] = population.plan.leak[j]
        lowest[population.first + j] = population.plan.potentialRange(j).lowerBound
        highest[population.first + j] = population.plan.potentialRange(j).upperBound
        surrogateScales[population.first + j] = population.plan.surrogateScale[j]
        switch population.plan.reset {
        case .subtract(let amount), .value(let amount): resetAmounts[population.first + j] = amount[j]
        case .zero, .hold: break
        }
        if let bias = population.plan.bias { biases[population.first + j] = bias[j] }
        if let adaptation = population.plan.adaptation {
          increments[population.firstAdaptive + j] = adaptation.increment[j]
        }
      }
    }
  }
}

/// What the neurons carry from step to step, and what the last step left.
final class NeuronState {
  let count: Int
  let v: Storage<Int16>
  /// v of the last step before its reset.
  let unreset: Storage<Int16>
  let ready: Storage<Int64>
  /// b, of the adaptive neurons only.
  let adaptation: Storage<Int32>
  /// I, of the neurons that have one only.
  let currents: Storage<Int32>
  let psi: Storage<UInt8>
  /// 1 for the neurons that fired in the last step.
  let fired: Storage<UInt8>
  /// The same as ascending numbers; those of population p are at `starts[p]..<starts[p + 1]`.
  let spikes: Storage<UInt16>
  var starts: [Int]
  let drive: Storage<Int32>
  let wideDrive: Storage<Int64>

  init(_ plan: FixedPlan, populations: [PopulationState], adaptive: Int, filtered: Int) {
    count = plan.neuronCount
    precondition(count <= 65536, "neuron numbers are uint16")
    v = Storage(count, repeating: 0)
    unreset = Storage(count, repeating: 0)
    ready = Storage(count, repeating: 0)
    adaptation = Storage(adaptive, repeating: 0)
    currents = Storage(filtered, repeating: 0)
    psi = Storage(count, repeating: 0)
    fired = Storage(count, repeating: 0)
    spikes = Storage(count, repeating: 0)
    starts = [Int](repeating: 0, count: populations.count + 1)
    drive = Storage(count, repeating: 0)
    wideDrive = Storage(populations.contains(where: \.isWide) ? count : 0, repeating: 0)
  }

  /// Where the spikes of a population are.
  func spikeRange(_ population: Int) -> Range<Int> { starts[population]..<starts[population + 1] }

  var spikeCount: Int { starts[starts.count - 1] }

  func reset() {
    v.fill(0)
    unreset.fill(0)
    ready.fill(0)
    adaptation.fill(0)
    currents.fill(0)
    psi.fill(0)
    fired.fill(0)
    for index in starts.indices { starts[index] = 0 }
  }
}

/// y, its bias and the error of the last step.
final class ReadoutState {
  let count: Int
  let y: Storage<Int32>
  let sum: Storage<Int32>
  let bias: Storage<Int32>
  let error: Storage<Int16>

  init(_ plan: ReadoutPlan) {
    count = plan.count
    y = Storage(count, repeating: 0)
    sum = Storage(count, repeating: 0)
    bias = Storage(plan.bias)
    error = Storage(count, repeating: 0)
  }

  func reset() {
    y.fill(0)
    error.fill(0)
  }
}
