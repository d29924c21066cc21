import Descriptions
import Diagnostics
import Safetensors

/// Weights, biases and feedback: that the tensors are there, their shapes and their values.
let arrayRules = [
  Rule("network.tensor.missing", missingTensors),
  Rule("network.tensor.type", tensorTypes),
  Rule("network.tensor.unused", severity: .warning, unusedTensors),
  Rule("network.weights.shape", weightShapes),
  Rule("network.weights.not-finite", notFinite),
  Rule("network.weights.diagonal", diagonals),
]

@Sendable private func missingTensors(_ description: NetworkDescription) -> [Problem] {
  // A weights file that could not be read is a finding of its own.
  if description.weights == nil && description.weightsFile != nil { return [] }
  let known = description.weights?.tensors.map(\.name) ?? []
  return description.arrays.compactMap { array in
    guard case .tensor(let name) = array.value, description.weights?.tensor(named: name) == nil else { return nil }
    guard description.weights != nil else {
      return Problem(
        array.location, "the tensor \(Quoted.text(name)) is named, but the network names no weights file",
        help: "add the field \"weights_file\"")
    }
    return Problem(
      array.location, "the weights file holds no tensor \(Quoted.text(name))",
      help: Nearest.help(for: name, among: known))
  }
}

@Sendable private func tensorTypes(_ description: NetworkDescription) -> [Problem] {
  func problems(
    _ arrays: [Located<NetworkDescription.Array>], _ expected: String, _ fits: (ElementType) -> Bool
  ) -> [Problem] {
    arrays.compactMap { array in
      guard case .tensor(let name) = array.value, let tensor = description.weights?.tensor(named: name),
        !fits(tensor.elementType)
      else { return nil }
      return Problem(array.location, "expected \(expected), but \(array.described) is \(tensor.elementType.rawValue)")
    }
  }
  return problems(description.realArrays, "F32 or F64") { $0.isFloat }
    + problems(description.masks, "BOOL or U8") { $0 == .bool || $0 == .uint8 }
    + problems(description.synapseIndices, "whole numbers") { !$0.isFloat && $0 != .bool }
}

@Sendable private func unusedTensors(_ description: NetworkDescription) -> [Problem] {
  guard let weights = description.weights, let file = description.location.file,
    let name = description.weightsFile?.value
  else { return [] }
  let used = Set(description.arrays.compactMap { if case .tensor(let name) = $0.value { name } else { nil } })
  return weights.tensors.filter { !used.contains($0.name) }.map { tensor in
    let place = Finding.Location(file: Files.sibling(of: file, named: name), path: tensor.name)
    return Problem(place, "nothing in the network names the tensor \(Quoted.text(tensor.name))")
  }
}

@Sendable private func weightShapes(_ description: NetworkDescription) -> [Problem] {
  description.projectionList.compactMap { projection in
    guard let weights = projection.weights, let pre = description.presynapticCount(of: projection),
      let post = description.postsynapticCount(of: projection), pre > 0, post > 0
    else { return nil }
    return shapeProblem(weights, [post, pre], "postsynaptic × presynaptic", in: description)
  }
}

/// A problem unless the array has the expected shape.
func shapeProblem(
  _ array: Located<NetworkDescription.Array>, _ expected: [Int], _ meaning: String, in description: NetworkDescription
) -> Problem? {
  guard let shape = description.shape(of: array), shape != expected else { return nil }
  let help = shape == expected.reversed() && shape.count == 2 ? "transpose it" : nil
  let message = "expected the shape \(expected) (\(meaning)), but \(array.described) has \(shape.prefix(8))"
  return Problem(array.location, message, help: help)
}

@Sendable private func notFinite(_ description: NetworkDescription) -> [Problem] {
  description.realArrays.compactMap { array in
    guard let values = description.values(of: array), let first = values.firstIndex(where: { !$0.isFinite }),
      let shape = description.shape(of: array)
    else { return nil }
    let count = values.count { !$0.isFinite }
    let others = count > 1 ? ", and \(count - 1) more are not finite either" : ""
    let message = "expected finite numbers, but \(array.described) holds \(values[first])"
    return Problem(array.location, message + " at \(indices(of: first, in: shape))\(others)")
  }
}

/// An autapse that is not asked for must be 0.
@Sendable private func diagonals(_ description: NetworkDescription) -> [Problem] {
  description.projectionList.compactMap { projection in
    guard let from = projection.from?.value, from == projection.to?.value, projection.autapses?.value != true,
      let weights = projection.weights, let shape = description.shape(of: weights), shape.count == 2,
      shape[0] == shape[1], let values = description.values(of: weights),
      let neuron = (0..<shape[0]).first(where: { values[$0 * (shape[0] + 1)] != 0 })
    else { return nil }
    let value = values[neuron * (shape[0] + 1)]
    return Problem(
      weights.location, "neuron \(neuron) drives itself with \(value), but the projection has no autapses",
      help: "set the diagonal to 0, or \"autapses\" to true")
  }
}

/// The indices of an element, outermost first.
private func indices(of element: Int, in shape: [Int]) -> [Int] {
  var rest = element
  var indices: [Int] = []
  for extent in shape.reversed() {
    indices.append(rest % extent)
    rest /= extent
  }
  return indices.reversed()
}
