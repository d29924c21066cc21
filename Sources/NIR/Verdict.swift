public import Diagnostics

/// What became of a node.
public struct Verdict: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable { case exact, approximated, refused }

  /// The node's name, nested names joined by dots.
  public var node: String
  /// As the file has it, `"CubaLIF"`.
  public var type: String
  public var kind: Kind
  /// What it became in the description, as `"population hidden"`; empty where nothing did.
  public var became: String
  /// How it was read; with `approximated` by how much it differs, with `refused` why.
  public var remarks: [String]

  public init(node: String, type: String, kind: Kind, became: String = "", remarks: [String] = []) {
    self.node = node
    self.type = type
    self.kind = kind
    self.became = became
    self.remarks = remarks
  }

  /// A note that says what is approximated; nil where nothing is.
  public func finding(file: String) -> Finding? {
    guard kind == .approximated else { return nil }
    return Finding(
      "nir.approximated", .note, at: Finding.Location(file: file, path: node),
      "\(type) \(Quoted.text(node)) is approximated: " + remarks.joined(separator: "; "))
  }
}
