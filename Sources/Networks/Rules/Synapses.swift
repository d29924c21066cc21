import Descriptions
import Diagnostics

/// Which synapses of a projection exist: a mask beside a matrix, or lists of synapses in place of both.
let synapseRules = [
  Rule("network.synapses.form", forms),
  Rule("network.mask.shape", maskShapes),
  Rule("network.mask.values", maskValues),
  Rule("network.mask.weights", weightsOutsideMasks),
  Rule("network.synapses.shape", listShapes),
  Rule("network.synapses.limit", listLimits),
  Rule("network.synapses.index", listIndices),
  Rule("network.synapses.duplicate", duplicates),
  Rule("network.synapses.diagonal", excludedDiagonals),
  Rule("network.synapses.empty", emptyProjections),
]

/// Pairs of a source and a target that a list of synapses may span: the matrix exists while networks are compiled.
private let mostPairs = 1 << 24

@Sendable private func forms(_ description: NetworkDescription) -> [Problem] {
  description.projectionList.compactMap { projection in
    if description.describesRates, let place = projection.mask?.location ?? projection.synapses?.location {
      return Problem(place, "every synapse of a rate network exists")
    }
    switch (projection.weights, projection.synapses) {
    case (nil, nil):
      // A mistyped field is a finding of the reader.
      guard !projection.isMistyped else { return nil }
      return Problem(projection.location, "a projection needs the field \"weights\" or the field \"synapses\"")
    case (_?, let synapses?):
      return Problem(synapses.location, "a projection has either \"weights\" or \"synapses\", not both")
    case (nil, _?):
      guard let mask = projection.mask else { return nil }
      return Problem(mask.location, "a mask goes with \"weights\": lists of synapses say themselves which exist")
    case (_?, nil): return nil
    }
  }
}

@Sendable private func maskShapes(_ description: NetworkDescription) -> [Problem] {
  description.projectionList.compactMap { projection in
    guard let mask = projection.mask, let pre = description.presynapticCount(of: projection),
      let post = description.postsynapticCount(of: projection), pre > 0, post > 0
    else { return nil }
    return shapeProblem(mask, [post, pre], "postsynaptic × presynaptic", in: description)
  }
}

@Sendable private func maskValues(_ description: NetworkDescription) -> [Problem] {
  description.projectionList.compactMap { projection in
    guard let mask = projection.mask, let values = description.values(of: mask),
      let wrong = values.first(where: { $0 != 0 && $0 != 1 })
    else { return nil }
    return Problem(mask.location, "expected 0 or 1 for each pair, but \(mask.described) holds \(wrong)")
  }
}

@Sendable private func weightsOutsideMasks(_ description: NetworkDescription) -> [Problem] {
  description.projectionList.compactMap { projection in
    guard let mask = projection.mask, let weights = projection.weights, let exists = description.values(of: mask),
      let values = description.values(of: weights), let shape = description.shape(of: weights), shape.count == 2,
      exists.count == values.count, let first = values.indices.first(where: { exists[$0] == 0 && values[$0] != 0 })
    else { return nil }
    let count = values.indices.count { exists[$0] == 0 && values[$0] != 0 }
    let others = count > 1 ? ", and \(count - 1) more" : ""
    let message =
      "the mask says that there is no synapse [\(first / shape[1]), \(first % shape[1])], but its weight is "
      + "\(values[first])\(others)"
    return Problem(weights.location, message, help: "set such weights to 0")
  }
}

@Sendable private func listShapes(_ description: NetworkDescription) -> [Problem] {
  description.projectionList.compactMap { projection in
    guard let synapses = projection.synapses else { return nil }
    let shapes = synapses.arrays.map { description.shape(of: $0) }
    guard shapes.count == 3, let first = shapes[0], let second = shapes[1], let third = shapes[2] else { return nil }
    guard first.count != 1 || first != second || first != third else { return nil }
    return Problem(
      synapses.location, "expected three lists of one length, but found the shapes \(first), \(second), \(third)")
  }
}

@Sendable private func listLimits(_ description: NetworkDescription) -> [Problem] {
  description.projectionList.compactMap { projection in
    guard let synapses = projection.synapses, let pre = description.presynapticCount(of: projection),
      let post = description.postsynapticCount(of: projection), pre > 0, post > 0, pre > mostPairs / post
    else { return nil }
    return Problem(synapses.location, "\(pre) sources and \(post) targets are more than \(mostPairs) pairs")
  }
}

@Sendable private func listIndices(_ description: NetworkDescription) -> [Problem] {
  description.projectionList.flatMap { projection -> [Problem] in
    guard let synapses = projection.synapses else { return [] }
    let ranges = [
      (synapses.post, description.postsynapticCount(of: projection)),
      (synapses.pre, description.presynapticCount(of: projection)),
    ]
    return ranges.compactMap { list, count in
      guard let list, let count, count > 0, let values = description.values(of: list),
        let wrong = values.first(where: { !isIndex($0, below: count) })
      else { return nil }
      return Problem(
        list.location, "expected whole numbers from 0 to \(count - 1), but \(list.described) holds \(wrong)")
    }
  }
}

private func isIndex(_ value: Double, below count: Int) -> Bool {
  value >= 0 && value < Double(count) && value == value.rounded()
}

@Sendable private func duplicates(_ description: NetworkDescription) -> [Problem] {
  description.projectionList.compactMap { projection in
    guard let pairs = description.synapsePairs(of: projection) else { return nil }
    var seen: Set<SynapsePair> = []
    guard let twice = pairs.first(where: { !seen.insert($0).inserted }), let place = projection.synapses?.location
    else { return nil }
    return Problem(place, "there are two synapses from \(twice.pre) to \(twice.post)", help: "add their weights")
  }
}

/// Synapses of a neuron onto itself that are not asked for.
@Sendable private func excludedDiagonals(_ description: NetworkDescription) -> [Problem] {
  description.projectionList.compactMap { projection in
    guard let from = projection.from?.value, from == projection.to?.value, projection.autapses?.value != true else {
      return nil
    }
    let help = "leave it out, or set \"autapses\" to true"
    if let pairs = description.synapsePairs(of: projection), let own = pairs.first(where: { $0.pre == $0.post }),
      let place = projection.synapses?.location
    {
      return Problem(place, "neuron \(own.pre) drives itself, but the projection has no autapses", help: help)
    }
    guard let mask = projection.mask, let shape = description.shape(of: mask), shape.count == 2, shape[0] == shape[1],
      let exists = description.values(of: mask),
      let own = (0..<shape[0]).first(where: { exists[$0 * (shape[0] + 1)] == 1 })
    else { return nil }
    return Problem(
      mask.location, "the mask has neuron \(own) drive itself, but the projection has no autapses", help: help)
  }
}

@Sendable private func emptyProjections(_ description: NetworkDescription) -> [Problem] {
  description.projectionList.compactMap { projection in
    if let mask = projection.mask, let exists = description.values(of: mask), exists.allSatisfy({ $0 == 0 }) {
      return Problem(mask.location, "no synapse exists", help: "leave the projection out")
    }
    if let synapses = projection.synapses, let list = synapses.post, description.shape(of: list) == [0] {
      return Problem(synapses.location, "no synapse exists", help: "leave the projection out")
    }
    return nil
  }
}

/// A source and a target.
struct SynapsePair: Hashable {
  var pre: Int
  var post: Int
}

extension NetworkDescription {
  /// The synapses of a projection that lists them; nil where it does not, or where the lists break a rule.
  func synapsePairs(of projection: Projection) -> [SynapsePair]? {
    guard let synapses = projection.synapses, let preCount = presynapticCount(of: projection),
      let postCount = postsynapticCount(of: projection), let post = synapses.post.flatMap({ values(of: $0) }),
      let pre = synapses.pre.flatMap({ values(of: $0) }), pre.count == post.count,
      pre.allSatisfy({ isIndex($0, below: preCount) }), post.allSatisfy({ isIndex($0, below: postCount) })
    else { return nil }
    return zip(pre, post).map { SynapsePair(pre: Int($0), post: Int($1)) }
  }
}
