public import Diagnostics
import Safetensors

/// How a network that came without learning is to learn: the content of a learning file (Format.md, *Learning files*).
public struct LearningDescription: Sendable {
  /// The names of the projections that learn; nil: those that the description says.
  public var plastic: Located<[String]>?
  public var biasIsPlastic: Located<Bool>?
  /// `tau_out_ms`.
  public var readoutTimeConstant: Located<NetworkDescription.Values>?
  public var convention: NetworkDescription.Convention?
  public var loss: Located<String>?
  public var feedback: NetworkDescription.Feedback?
  public var surrogate: NetworkDescription.Surrogate?
  public var rateRegularisation: NetworkDescription.RateRegularisation?
  public var optimiser: NetworkDescription.Optimiser?
  public var maximumSteps: Located<Int>?
  private var findings: [Finding] = []

  /// The value of the field `format`.
  public static let format = "epropc-learning"

  /// Reads a learning file.
  ///
  /// - Throws: only if there is no document to speak of; everything else is found again by `apply(to:)`.
  public static func read(path: String) throws(Findings) -> LearningDescription {
    try LearningDescription(json: Files.read(path, limit: JSONLimits().bytes), file: path)
  }

  /// Reads a document; `file` is named in the findings.
  public init(json: [UInt8], file: String? = nil) throws(Findings) {
    let document = try JSONDocument.read(json, file: file)
    let sink = FindingSink()
    for finding in document.findings { sink.add(finding) }
    let fields = [
      "format", "version", "plastic", "plastic_bias", "tau_out_ms", "convention", "loss", "feedback", "surrogate",
      "rate_regularisation", "optimiser", "maximum_steps",
    ]
    guard let root = ObjectReader(document.root, file: file, path: .root, fields: fields, sink: sink) else {
      throw Findings(sink.findings)
    }
    if let found = root.string("format"), found.value != Self.format {
      let message = "expected the format \(Quoted.text(Self.format)), but found \(Quoted.text(found.value))"
      sink.add(Finding("description.format", at: found.location, message))
    }
    if let found = root.integer("version"), found.value != 1 {
      sink.add(Finding("description.version", at: found.location, "expected version 1, but found \(found.value)"))
    }
    plastic = root.strings("plastic", required: false)
    biasIsPlastic = root.bool("plastic_bias", required: false)
    readoutTimeConstant = root.values("tau_out_ms", required: false)
    convention = NetworkDescription.Convention(root, file: file, required: false, sink)
    loss = root.string("loss", required: false)
    feedback = root.object("feedback", fields: NetworkDescription.Feedback.fields, required: false)
      .map { NetworkDescription.Feedback($0) }
    surrogate = root.object("surrogate", fields: ["kind", "dampening", "width"], required: false)
      .map { NetworkDescription.Surrogate($0) }
    rateRegularisation = root.object("rate_regularisation", fields: ["coefficient", "target_hz"], required: false)
      .map { NetworkDescription.RateRegularisation($0) }
    optimiser = root.object("optimiser", fields: NetworkDescription.Optimiser.fields, required: false)
      .map { NetworkDescription.Optimiser($0) }
    maximumSteps = root.integer("maximum_steps", required: false)
    findings = sink.findings
  }

  /// Puts what the file says in the place of what the description says, and its findings to those of the description.
  public func apply(to description: inout NetworkDescription) {
    description.findings += findings
    if let convention { description.convention = convention }
    if let loss { description.loss = loss }
    if let feedback { description.feedback = feedback }
    if let surrogate { description.surrogate = surrogate }
    if let rateRegularisation { description.rateRegularisation = rateRegularisation }
    if let optimiser { description.optimiser = optimiser }
    if let maximumSteps { description.maximumSteps = maximumSteps }
    if let biasIsPlastic { description.readout?.biasIsPlastic = biasIsPlastic }
    if let readoutTimeConstant { description.readout?.timeConstant = readoutTimeConstant }
    guard let plastic, var projections = description.projections else { return }
    let known = projections.value.compactMap { $0.name?.value }
    for name in plastic.value where !known.contains(name) {
      description.findings.append(
        Finding(
          "learning.plastic", at: plastic.location, "there is no projection \(Quoted.text(name))",
          help: Nearest.help(for: name, among: known)))
    }
    for index in projections.value.indices {
      let isNamed = projections.value[index].name.map { plastic.value.contains($0.value) } ?? false
      projections.value[index].isPlastic = Located(isNamed, at: plastic.location)
    }
    description.projections = projections
  }
}

extension ObjectReader {
  /// An array of strings.
  func strings(_ name: String, required: Bool = true) -> Located<[String]>? {
    guard let value = value(name, required: required) else { return nil }
    let place = location.member(name)
    guard case .array(let elements) = value.kind, elements.count <= Self.maximumObjects else {
      report("description.type", at: place, "expected an array of strings, but found \(value.kindName)")
      return nil
    }
    var strings: [String] = []
    for element in elements {
      guard case .string(let text) = element.kind else {
        report("description.type", at: place, "expected strings, but found \(element.kindName)")
        return nil
      }
      strings.append(text)
    }
    return Located(strings, at: place)
  }
}
