public import Diagnostics
public import Safetensors

/// The file of `--draws`: random numbers and initial values that rules use in place of their own draws, so that a run of
/// another program can be repeated. A tensor is called `<rule>.<what>`, the rule without its parameter.
public struct RuleDraws: Sendable {
  private let content: SafetensorsFile
  private let file: String?

  /// Reads a file.
  ///
  /// - Parameter entries: every rule there is.
  /// - Throws: what is wrong with the file, and `draws.unknown` for tensors that no rule has.
  public init(path: String, for entries: [RuleEntry]) throws(Findings) {
    try self.init(SafetensorsFile(path: path), file: path, for: entries)
  }

  /// Takes a file that has been read.
  ///
  /// - Throws: `draws.unknown`.
  public init(_ content: SafetensorsFile, file: String? = nil, for entries: [RuleEntry]) throws(Findings) {
    self.content = content
    self.file = file
    let known = entries.flatMap { entry in entry.draws.map { "\(entry.name).\($0.tensor)" } }
    let findings = content.tensors.filter { !known.contains($0.name) }.map { tensor in
      Finding(
        "draws.unknown", at: Finding.Location(file: file, path: tensor.name), "no rule draws a tensor of this name",
        help: Nearest.help(for: tensor.name, among: known))
    }
    guard findings.isEmpty else { throw Findings(findings) }
  }

  /// The elements of a rule's tensor in row-major order; nil if the file does not have it.
  ///
  /// - Throws: `draws.shape`, `draws.not-finite`.
  public func tensor(_ name: String, of choice: RuleChoice, shape: [Int]) throws(Findings) -> [Double]? {
    guard let tensor = content.tensor(named: "\(choice.entry.name).\(name)") else { return nil }
    let place = Finding.Location(file: file, path: tensor.name)
    guard tensor.elementType.isFloat, tensor.shape == shape else {
      throw Findings(
        Finding(
          "draws.shape", at: place,
          "expected F32 or F64 of shape \(shape), but found \(tensor.elementType.rawValue) of \(tensor.shape)"))
    }
    let values = tensor.doubles()
    guard values.allSatisfy(\.isFinite) else {
      throw Findings(Finding("draws.not-finite", at: place, "not all numbers are finite"))
    }
    return values
  }
}
