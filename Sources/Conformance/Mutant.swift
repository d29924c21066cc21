public import Diagnostics

/// One wrong constant or operator, to be planted in the C of a network: a suite that passes with it proves nothing.
public struct Mutant: Sendable, Hashable {
  /// What is wrong, in words.
  public let name: String
  /// Path of the file in the network's folder.
  public let file: String
  /// The beginning of the line on which the function starts that is changed.
  let function: String
  let original: String
  let replacement: String

  init(_ name: String, in file: String, _ function: String, _ original: String, becomes replacement: String) {
    self.name = name
    self.file = file
    self.function = function
    self.original = original
    self.replacement = replacement
  }

  /// The files with this mistake in them.
  ///
  /// - Throws: `mutant.place` unless the text to be changed stands exactly once in exactly one function of that name.
  public func planted(in files: [(path: String, bytes: [UInt8])]) throws(Findings) -> [(path: String, bytes: [UInt8])] {
    var files = files
    guard let index = files.firstIndex(where: { $0.path == file }) else {
      throw misplaced("there is no such file")
    }
    let text = String(decoding: files[index].bytes, as: UTF8.self)
    let begins = text.ranges(of: "\n" + function)
    let bodies = begins.compactMap { begin -> Range<String.Index>? in
      guard let brace = text[begin.upperBound...].firstRange(of: "\n{\n"),
        !text[begin.upperBound..<brace.lowerBound].contains(";"),
        let end = text[brace.upperBound...].firstRange(of: "\n}\n")
      else { return nil }
      return brace.upperBound..<end.lowerBound
    }
    guard bodies.count == 1 else { throw misplaced("'\(function)' begins \(bodies.count) functions, not 1") }
    let places = text[bodies[0]].ranges(of: original)
    guard places.count == 1 else {
      throw misplaced("'\(original)' stands \(places.count) times in '\(function)', not once")
    }
    files[index].bytes = Array(text.replacingCharacters(in: places[0], with: replacement).utf8)
    return files
  }

  private func misplaced(_ message: String) -> Findings {
    Findings(
      Finding(
        "mutant.place", at: Finding.Location(file: file, path: name), message,
        help: "the generated C has changed: say in Mutants.swift where this mistake belongs now"))
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
  }
}
