import Diagnostics

/// Neurons of a node that have the same time constants and the same potential after a reset: a population.
struct Part {
  var identifier: String
  /// Their numbers within the node, ascending.
  var neurons: [Int]
}

extension LoweringWork {
  /// Populations that a node may be divided into.
  private static let maximumParts = 64

  /// Fills `parts` of a spiking node.
  mutating func divide(_ name: String) {
    guard let read = dynamics[name] else { return }
    var (numbers, members): ([[Double]: Int], [[Int]]) = ([:], [])
    for neuron in read.decay.indices {
      let potential = read.resetPotential[neuron] / read.threshold[neuron]
      let key = [read.decay[neuron], read.synapticDecay?[neuron] ?? 0, potential]
      if let number = numbers[key] {
        members[number].append(neuron)
      } else {
        numbers[key] = members.count
        members.append([neuron])
      }
    }
    guard members.count <= Self.maximumParts else {
      return refuse(
        name, "nir.neuron.heterogeneous",
        "its \(read.decay.count) neurons have \(members.count) different time constants or reset potentials, and at most "
          + "\(Self.maximumParts) are possible", help: "round them before export, or let neurons share them")
    }
    let stem = names.name(for: name)
    parts[name] = members.enumerated().map { index, neurons in
      Part(identifier: members.count == 1 ? stem : names.name(for: "\(stem)_\(index + 1)"), neurons: neurons)
    }
  }
}
