import Diagnostics
import Foundation
import Reports
import Testing

@Suite struct ConsoleTests {
  @Test func findingText() {
    let place = Finding.Location(file: "n.json", line: 12, column: 3, path: "populations[0].count")
    let finding = Finding("network.count", at: place, "expected 1 or more", help: "try 1")
    #expect(
      finding.text() == "n.json:12:3: error: populations[0].count: expected 1 or more [network.count]\n  help: try 1")
    #expect(Finding("a.b", .note, at: nil, "so it is").text() == "epropc: note: so it is [a.b]")
    #expect(finding.text(colour: true).contains("\u{1B}[1;31merror\u{1B}[0m"))
  }

  @Test func table() {
    var table = Table([.text("name"), .number("count")])
    table.add(["ψ", "5"])
    table.add(["longer", "1234567"])
    #expect(table.text == "name      count\nψ             5\nlonger  1234567")
  }

  /// Folders that were made go again when the files cannot be written.
  @Test func outputFolder() throws {
    try withTemporaryFolder { folder in
      let files: [(name: String, bytes: [UInt8])] = [("a", [1]), ("deep/er/b", [2])]
      try OutputFolder.write(files, to: folder + "/new")
      #expect(try contents(folder + "/new") == ["a", "deep"])
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/new/deep/er/b")) == Data([2]))
      try FileManager.default.createDirectory(atPath: folder + "/other/a", withIntermediateDirectories: true)
      #expect(throws: Findings.self) { try OutputFolder.write(files, to: folder + "/other") }
      #expect(try contents(folder + "/other") == ["a"])
      #expect(throws: Findings.self) { try OutputFolder.check(folder + "/new/a/b") }
    }
  }
}
