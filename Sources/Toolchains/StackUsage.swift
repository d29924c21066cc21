public import Diagnostics
import Foundation

/// The stack that one function takes, by the compiler's own report.
public struct StackUsage: Sendable, Hashable {
  /// Whether the compiler knows the number of bytes.
  public enum Kind: String, Sendable, Hashable {
    case fixed = "static"
    case bounded = "dynamic,bounded"
    case dynamic
  }

  public let function: String
  public let source: String
  public let bytes: Int
  public let kind: Kind
  /// The bytes of the deepest chain of calls from here, this function's included; `nil` where the compiler reports no
  /// calls (clang, avr-gcc), or where the chain is recursive.
  public let deepest: Int?
  /// Functions in those chains of which nothing is known: of a library, or called through a pointer. Their stack is
  /// not in `deepest`.
  public let unknownCallees: [String]
}

extension Program {
  /// The stack of every function of the freestanding sources.
  public func stackUsage() throws(Findings) -> [StackUsage] { try stackUsage(of: [.freestanding]) }

  /// The stack of every function of the groups of sources.
  public func stackUsage(of groups: Set<Object.Group>) throws(Findings) -> [StackUsage] {
    let chosen = objects.filter { groups.contains($0.group) }
    var graph = CallGraph()
    for object in chosen { graph.add(text(of: object, ".ci") ?? "") }
    var all: [StackUsage] = []
    for object in chosen where !object.source.hasSuffix(".S") {
      guard let report = text(of: object, ".su") else {
        throw Findings(
          Finding(
            "stack.report", at: .init(file: object.path), "the compiler wrote no report of stack use",
            help: "the target's 'stack' flags should ask for one (-fstack-usage)"))
      }
      all += parseStackUsage(report, graph: graph)
    }
    return all
  }

  private func text(of object: Object, _ ending: String) -> String? {
    let path = String(object.path.dropLast(2)) + ending
    return FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}

/// Lines `source:line:column:function <tab> bytes <tab> kind`.
func parseStackUsage(_ text: String, graph: CallGraph = CallGraph()) -> [StackUsage] {
  text.split(separator: "\n").compactMap { line in
    let parts = line.split(separator: "\t").map(String.init)
    guard parts.count == 3, let bytes = Int(parts[1]), let kind = StackUsage.Kind(rawValue: parts[2]) else {
      return nil
    }
    let place = parts[0].split(separator: ":").map(String.init)
    guard let function = place.last else { return nil }
    let chain = graph.deepest(from: function)
    return StackUsage(
      function: function, source: place.dropLast(place.count > 3 ? 3 : 2).joined(separator: ":"), bytes: bytes,
      kind: kind, deepest: chain?.bytes, unknownCallees: chain?.unknown.sorted() ?? [])
  }
}
