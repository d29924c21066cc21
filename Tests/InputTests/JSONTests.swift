import Diagnostics
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    "0", "-0", "1e5", "1E+5", "-1.25e-3", "\"\"", "\"\\u00e9\\n\\/\"", "[]", "{}", " [ 1 , 2 ] ", "\t\r\nnull\n",
    "{\"a\":{\"b\":[true,false,null]}}", "\"\u{7F}é😀\"", "\"\\ud83d\\ude00\"", "1e400", "[[[[]]]]", "\"\\u0000\"",
  ])
  func accepted(text: String) throws {
    #expect(try JSONDocument.read(Array(text.utf8)).findings == [])
  }

  @Test(arguments: [
    "", " ", "01", "+1", ".5", "1.", "1e", "1e+", "-", "--1", "0x10", "NaN", "Infinity", "-Infinity", "nul", "nulll",
    "True", "[1,]", "[,1]", "[1 2]", "[", "]", "[1", "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{a:1}",
    "{'a':1}", "{\"a\" 1}", "{1:1}", "'a'", "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u", "\"a\nb\"",
    "\"\t\"", "1 2", "[] []", "// c\n1", "/* c */1", "[1]\u{0}", "\u{FEFF}1", "\u{A0}1", "tru", "\"\\ud800\"",
    "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800\\ud800\"",
  ])
  func rejected(text: String) {
    let found = findings { () throws(Findings) in _ = try JSONDocument.read(Array(text.utf8)) }
    #expect(found.count == 1)
    #expect(["json.syntax", "json.surrogate"].contains(found.first?.id))
    #expect(found.first?.location?.line != nil && found.first?.location?.column != nil)
  }

  @Test(
    arguments: [
      [0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22],
      [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22],
    ] as [[UInt8]])
  func invalidUTF8(bytes: [UInt8]) {
    #expect(findings { () throws(Findings) in _ = try JSONDocument.read(bytes) }.map(\.id) == ["json.utf8"])
  }

  @Test func valuesAreTheOnesWritten() throws {
    let text = #"{"a": [1, -2.5e1, 0.1], "b\u0041": "é\ud83d\ude00\"\\", "c": true, "d": null}"#
    guard case .object(let members) = try JSONDocument.read(Array(text.utf8)).root.kind else {
      Issue.record("no object")
      return
    }
    #expect(members.map(\.name) == ["a", "bA", "c", "d"])
    guard case .array(let numbers) = members[0].value.kind else {
      Issue.record("no array")
      return
    }
    #expect(numbers.map(\.kind) == [.number(1), .number(-25), .number(0.1)])
    #expect(members[1].value.kind == .string("é😀\"\\"))
    #expect(members[2].value.kind == .bool(true))
    #expect(members[3].value.kind == .null)
  }

  @Test func placesAreLinesAndCharacters() throws {
    let text = "{\"é😀\": 1,\r\n\t\"b\": [true,\n  \"x\"]}"
    guard case .object(let members) = try JSONDocument.read(Array(text.utf8)).root.kind else {
      Issue.record("no object")
      return
    }
    #expect(members[0].value.position == JSONPosition(line: 1, column: 8))
    #expect(members[1].position == JSONPosition(line: 2, column: 2))
    guard case .array(let elements) = members[1].value.kind else {
      Issue.record("no array")
      return
    }
    #expect(elements[0].position == JSONPosition(line: 2, column: 8))
    #expect(elements[1].position == JSONPosition(line: 3, column: 3))
  }

  @Test func duplicatesAreReportedAllAndTheFirstIsKept() throws {
    let text = #"{"a": 1, "b": [{"x": 1, "x": 2}], "a": 3, "\u0061": 4}"#
    let document = try JSONDocument.read(Array(text.utf8), file: "f")
    #expect(document.findings.map(\.id) == ["json.duplicate-key", "json.duplicate-key", "json.duplicate-key"])
    #expect(document.findings.map(\.location?.path) == ["b[0].x", "a", "a"])
    guard case .object(let members) = document.root.kind else {
      Issue.record("no object")
      return
    }
    #expect(members.map(\.name) == ["a", "b"])
    #expect(members[0].value.kind == .number(1))
  }

  @Test func limitsHold() {
    func id(_ text: String, _ limits: JSONLimits) -> String? {
      findings { () throws(Findings) in _ = try JSONDocument.read(Array(text.utf8), limits: limits) }.first?.id
    }
    #expect(id("[[1]]", JSONLimits(depth: 1)) == "json.depth")
    #expect(id("[[1]]", JSONLimits(depth: 2)) == nil)
    #expect(id("[1,2]", JSONLimits(values: 2)) == "json.size")
    #expect(id("[1,2]", JSONLimits(values: 3)) == nil)
    #expect(id("[1,2]", JSONLimits(bytes: 4)) == "json.size")
    #expect(id("[1,2]", JSONLimits(bytes: 5)) == nil)
    #expect(id(String(repeating: "[", count: 1 << 20), JSONLimits()) == "json.depth")
    #expect(id(String(repeating: "{\"a\":", count: 1 << 20), JSONLimits()) == "json.depth")
  }

  @Test func whatIsWrittenReadsBack() throws {
    let value = JSONText.object([
      JSONText.Member("a \"quoted\"\n\u{1}", .array([.number(0.1), .number(-0.0), .number(1e-300), .integer(.max)])),
      JSONText.Member("b", .object([])), JSONText.Member("c", .array([])), JSONText.Member("d", .string("é\\😀\u{7F}")),
      JSONText.Member("e", .array((0..<40).map { .array([.integer($0), .bool($0 % 2 == 0)]) })),
    ])
    let pretty = try JSONDocument.read(Array(value.pretty.utf8)).root
    let compact = try JSONDocument.read(Array(value.compact.utf8)).root
    #expect(pretty.withoutPlaces == compact.withoutPlaces)
    #expect(value.pretty.split(separator: "\n").allSatisfy { $0.count <= 100 })
    #expect(value.compact.contains("[0.1,-0,1e-300,9223372036854775807]"))
  }

  @Test func hostileNamesAreTamedInMessages() {
    #expect(Quoted.text("a\u{1B}[31m\n\"\u{202E}") == "\"a\\u{1b}[31m\\u{a}\\\"\\u{202e}\"")
    #expect(Quoted.text(String(repeating: "x", count: 100)).count == 63)
  }
}

extension JSONValue {
  /// The value as text, for a comparison that ignores where it stood.
  fileprivate var withoutPlaces: String {
    switch kind {
    case .array(let elements): "[" + elements.map(\.withoutPlaces).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { $0.name.debugDescription + $0.value.withoutPlaces }.joined(separator: ",") + "}"
    default: "\(kind)"
    }
  }
}
