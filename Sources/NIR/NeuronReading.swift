import Diagnostics
import HDF5Files

extension LoweringWork {
  /// Fills `dynamics` of a neuron or integrator node.
  mutating func readNeurons(_ name: String) {
    guard let node = graph.nodes[name], verdicts[name]?.kind != .refused else { return }
    let isSpiking = NeuronDynamics.spikingTypes.contains(node.type)
    guard isSpiking || NeuronDynamics.integratorTypes.contains(node.type) else { return }
    guard let count = signals.size(of: name) else { return }
    guard let values = parameters(of: name, node, count: count) else { return }
    var read = NeuronDynamics(type: node.type, count: count, values: values, options: options)
    guard (read.decay + read.gain + read.threshold + read.resetPotential).allSatisfy(\.isFinite) else {
      return refuse(name, "nir.not-finite", "its decay or its gain is not a finite number: is a time constant 0?")
    }
    if read.isUnstable {
      return refuse(
        name, "nir.time-step", "the time step is longer than its time constant, so that its state would swing",
        help: "give a shorter --dt, or --discretisation exponential; is --from missing?")
    }
    if (read.decay + (read.synapticDecay ?? [])).contains(where: { $0 > NeuronDynamics.slowest }) {
      read.decay = read.decay.map { min($0, NeuronDynamics.slowest) }
      read.synapticDecay = read.synapticDecay?.map { min($0, NeuronDynamics.slowest) }
      read.isApproximate = true
      read.remarks.append("a decay of 1, here of 1 − 2⁻⁵²")
    }
    if isSpiking, let low = read.threshold.min(), low <= 0 {
      return refuse(
        name, "nir.threshold", "its threshold is not above its leak potential, so that it fires without any drive")
    }
    if read.isApproximate { verdicts[name]?.kind = .approximated }
    verdicts[name]?.remarks += read.remarks.filter { !$0.isEmpty }
    dynamics[name] = read
  }

  /// Every parameter of the node's type, one value per neuron; nil, with findings, where one is missing, of another shape,
  /// or not finite.
  private mutating func parameters(of name: String, _ node: NIRGraph.Node, count: Int) -> [String: [Double]]? {
    let (needed, optional) = NeuronDynamics.parameters(of: node.type)
    var values: [String: [Double]] = [:]
    var isComplete = true
    for parameter in needed + optional {
      guard let numbers = node.parameters[parameter] else {
        guard needed.contains(parameter) else { continue }
        reportParameter("nir.missing", name, parameter, "the parameter \(Quoted.text(parameter)) is missing")
        isComplete = false
        continue
      }
      // snnTorch writes a decay of 1 as an infinite time constant.
      let mayBeInfinite =
        options.exporter == .snntorch && (parameter.hasPrefix("tau") || ["r", "w_in"].contains(parameter))
      if !numbers.values.allSatisfy({ $0.isFinite || (mayBeInfinite && $0 == .infinity) }) {
        reportParameter("nir.not-finite", name, parameter, "expected finite numbers")
        isComplete = false
      }
      guard numbers.values.count == count || numbers.values.count == 1 else {
        reportParameter(
          "nir.shape", name, parameter,
          "expected \(count) values, one per neuron, but found the shape \(numbers.shape)")
        isComplete = false
        continue
      }
      values[parameter] =
        numbers.values.count == count ? numbers.values : [Double](repeating: numbers.values[0], count: count)
    }
    for extra in node.parameters.keys.sorted() where !(needed + optional).contains(extra) {
      findings.append(
        Finding(
          "nir.parameter.unknown", .warning, at: place(name, extra), "the parameter \(Quoted.text(extra)) is not used"))
    }
    return isComplete ? values : nil
  }

  private mutating func reportParameter(_ id: String, _ name: String, _ parameter: String, _ message: String) {
    verdicts[name]?.kind = .refused
    if verdicts[name]?.remarks.contains(message) == false { verdicts[name]?.remarks.append(message) }
    findings.append(Finding(id, at: place(name, parameter), message))
  }

  /// How a spiking node resets, by the options, by what the exporter does, and by the file.
  mutating func reset(of name: String, isRecurrent: Bool) -> String {
    let type = graph.nodes[name]?.type
    if type == "Threshold" { return "zero" }
    let usual: ImportOptions.Reset = options.exporter == .snntorch ? .subtract : .value
    let chosen = options.resets[name] ?? options.reset
    if chosen == nil, options.exporter == .snntorch {
      verdicts[name]?.remarks.append("resets by subtraction, as snnTorch usually does: the file does not say")
    }
    var reset = chosen ?? usual
    // All but its simplest neuron drop the drive of the step after a spike as well.
    if reset == .zero, options.exporter == .snntorch, isRecurrent || type == "CubaLIF" { reset = .hold }
    if reset == .value, dynamics[name]?.resetPotential.allSatisfy({ $0 == 0 }) ?? true { reset = .zero }
    return reset.rawValue
  }
}
