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
    var tensors = SafetensorsWriter()
    var hasTensors = false
    func moveOut(_ array: inout Located<NetworkDescription.Array>?, as name: String) {
      guard case .inline(let numbers) = array?.value, numbers.values.count > Self.inlineValues else { return }
      tensors.add(name, shape: numbers.shape, numbers.values)
      array?.value = .tensor(name)
      hasTensors = true
    }
    for index in projections.indices {
      moveOut(&description.projections!.value[index].weights, as: projections[index].name + ".weights")
    }
    moveOut(&description.readout!.bias, as: readout.name + ".bias")
    moveOut(&description.feedback!.matrix, as: "feedback.matrix")
    let weightsFile = "weights.safetensors"
    if hasTensors { description.weightsFile = Located(weightsFile, at: Finding.Location(path: "weights_file")) }
    let json = (NetworkDescription.fileName, Array(description.json.pretty.utf8))
    return hasTensors ? [(weightsFile, tensors.bytes()), json] : [json]
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
