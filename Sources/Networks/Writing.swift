import Descriptions
public import Diagnostics
import Safetensors

extension SpikingNetwork {
  /// Arrays of at most this many values stand in `network.json` itself.
  static let inlineValues = 16

  /// The files that hold this network: `network.json`, and `weights.safetensors` if there is an array too long to stand
  /// in it. Equal networks give equal bytes, and `read(path:)` gives back an equal network: tensors are F32 where that
  /// loses nothing and F64 elsewhere.
  ///
  /// - Precondition: the network has passed the rules.
  public func files() -> [(name: String, bytes: [UInt8])] {
    var description = NetworkDescription(self)
    let biases = populations.filter { !$0.bias.isEmpty }.map { $0.name + ".bias" }
    let names = projections.map { $0.name + ".weights" } + biases + [readout.name + ".bias", "feedback.matrix"]
    return description.files(tensorNames: names)
  }

  /// Writes the network into a folder, which is made if it is missing. Either all files are written or none.
  ///
  /// - Throws: what the rules find, or `file.unwritable`.
  public func write(toDirectory directory: String) throws(Findings) {
    try validated()
    try Files.makeDirectory(directory)
    let folder = directory.hasSuffix("/") ? directory : directory + "/"
    try Files.write(files().map { (folder + $0.name, $0.bytes) })
  }
}

extension NetworkDescription {
  /// The document and, if an array is too long to stand in it, the weights file. `tensorNames` are the names of the arrays
  /// in the order of projections, the populations' biases, the readout's bias, the feedback.
  mutating func files(tensorNames: [String]) -> [(name: String, bytes: [UInt8])] {
    var tensors = SafetensorsWriter()
    var hasTensors = false
    var names = tensorNames[...]
    func moveOut(
      _ array: inout Located<NetworkDescription.Array>?, as name: String, _ type: ElementType? = nil
    ) {
      guard case .inline(let numbers) = array?.value, numbers.values.count > SpikingNetwork.inlineValues else { return }
      tensors.add(name, shape: numbers.shape, numbers.values, as: type)
      array?.value = .tensor(name)
      hasTensors = true
    }
    for index in projectionList.indices {
      moveOut(&projections!.value[index].weights, as: names.removeFirst())
      let name = projectionList[index].name?.value ?? ""
      moveOut(&projections!.value[index].mask, as: name + ".mask", .bool)
    }
    func moveOut(_ values: inout Located<NetworkDescription.Values>?, as name: String) {
      guard let location = values?.location, case .each(let array) = values?.value else { return }
      var moved: Located<NetworkDescription.Array>? = Located(array, at: location)
      moveOut(&moved, as: name)
      if let moved { values?.value = .each(moved.value) }
    }
    for index in populationList.indices {
      let name = populationList[index].name?.value ?? ""
      moveOut(&populations!.value[index].timeConstant, as: name + ".tau_m_ms")
      moveOut(&populations!.value[index].synapticTimeConstant, as: name + ".tau_syn_ms")
      moveOut(&populations!.value[index].resetPotential, as: name + ".reset_potential")
      moveOut(&populations!.value[index].adaptationTimeConstant, as: name + ".tau_a_ms")
    }
    for index in populationList.indices where populationList[index].bias != nil {
      moveOut(&populations!.value[index].bias, as: names.removeFirst())
    }
    moveOut(&readout!.timeConstant, as: (readout?.name?.value ?? "") + ".tau_out_ms")
    moveOut(&readout!.bias, as: names.removeFirst())
    moveOut(&feedback!.matrix, as: names.removeFirst())
    let weightsFile = "weights.safetensors"
    if hasTensors { self.weightsFile = Located(weightsFile, at: Finding.Location(path: "weights_file")) }
    let document = (Self.fileName, Swift.Array(json.pretty.utf8))
    return hasTensors ? [(weightsFile, tensors.bytes()), document] : [document]
  }
}
