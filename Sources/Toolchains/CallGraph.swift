/// Who calls whom, with the stack of each, from the files that `-fcallgraph-info=su,da` makes gcc write.
struct CallGraph {
  private var bytes: [String: Int] = [:]
  private var callees: [String: Set<String>] = [:]

  /// Adds one file: lines `node: { title: "f" label: "f\nf.c:1:5\n16 bytes (static)\n…" }` and
  /// `edge: { sourcename: "f" targetname: "g" … }`.
  mutating func add(_ text: String) {
    for line in text.split(separator: "\n") {
      if let node = line.firstMatch(of: /^node: \{ title: "([^"]*)" label: "([^"]*)"/) {
        let name = Self.function(node.1)
        if let size = node.2.firstMatch(of: /\\n(\d+) bytes \(/) { bytes[name] = Int(size.1) }
      } else if let edge = line.firstMatch(of: /^edge: \{ sourcename: "([^"]*)" targetname: "([^"]*)"/) {
        callees[Self.function(edge.1), default: []].insert(Self.function(edge.2))
      }
    }
  }

  /// The deepest chain of calls; `nil` for a function that is not in the graph, or a recursive chain.
  func deepest(from function: String) -> (bytes: Int, unknown: Set<String>)? {
    bytes[function] == nil ? nil : deepest(from: function, above: [])
  }

  private func deepest(from function: String, above: Set<String>) -> (bytes: Int, unknown: Set<String>)? {
    if above.contains(function) { return nil }
    guard let own = bytes[function] else { return (0, [function]) }
    var most = 0
    var unknown: Set<String> = []
    for callee in callees[function] ?? [] {
      guard let chain = deepest(from: callee, above: above.union([function])) else { return nil }
      most = max(most, chain.bytes)
      unknown.formUnion(chain.unknown)
    }
    return (own + most, unknown)
  }

  /// A static function's title has its file in front: `f.c:name`.
  private static func function(_ title: Substring) -> String { String(title.split(separator: ":").last ?? title) }
}
