import Diagnostics
import Foundation
import Safetensors
import Testing

@Suite struct SafetensorsTests {
  @Test(arguments: invalidSafetensors)
  func invalidFixture(expected: Expected) throws {
    let file = Fixtures.invalid(expected.id + ".safetensors")
    let found = findings { () throws(Findings) in _ = try SafetensorsFile(path: file) }
    #expect(found.map(\.id) == [expected.id])
    #expect(found.first?.location == Finding.Location(file: file, path: expected.path))
  }

  @Test(arguments: invalidSafetensors)
  func validFixture(expected: Expected) {
    #expect(throws: Never.self) { try SafetensorsFile(path: Fixtures.valid(expected.id + ".safetensors")) }
  }

  private static let values: [ElementType: [Double]] = [
    .bool: [0, 1, 1], .uint8: [0, 255, 7], .int8: [-128, 127, 0], .int16: [-32768, 32767, 1], .uint16: [0, 65535, 1],
    .int32: [-2_147_483_648, 2_147_483_647, 5], .int64: [-0x1p53, 0x1p53, 12], .float32: [0.5, -0.0, 0x1p-149],
    .float64: [0.1, -1e308, 0x1p-1074],
  ]

  @Test(arguments: ElementType.allCases)
  func everyTypeRoundTrips(type: ElementType) throws {
    let values = try #require(Self.values[type])
    var writer = SafetensorsWriter(metadata: ["made by": "test \"é\"", "a": "1"])
    writer.add("x", shape: [3, 1], values, as: type)
    let file = try SafetensorsFile(bytes: writer.bytes())
    let tensor = try #require(file.tensor(named: "x"))
    #expect(tensor.elementType == type)
    #expect(tensor.shape == [3, 1])
    #expect(tensor.elementCount == 3)
    #expect(tensor.doubles().map(\.bitPattern) == values.map(\.bitPattern))
    #expect((tensor.bytes() != nil) == (type == .bool || type == .uint8))
    #expect(file.metadata == ["made by": "test \"é\"", "a": "1"])
  }

  @Test func theNarrowerFloatIsTakenOnlyWithoutLoss() {
    #expect(SafetensorsWriter.narrowestFloat(for: [0.5, -0.0, 3, 0x1p-149]) == .float32)
    #expect(SafetensorsWriter.narrowestFloat(for: [0.5, 0.1]) == .float64)
    #expect(SafetensorsWriter.narrowestFloat(for: [1e39]) == .float64)
    #expect(SafetensorsWriter.narrowestFloat(for: []) == .float32)
  }

  private static func example(reversed: Bool = false) -> SafetensorsWriter {
    var writer = SafetensorsWriter(metadata: ["z": "1", "a": "2"])
    let names = ["b", "a", "c"]
    for name in reversed ? names.reversed() : names {
      writer.add(name + "8", shape: [3], bytes: [1, 0, 1])
      writer.add(name + "64", shape: [1], [0.1])
      writer.add(name + "32", shape: [1, 1], [0.5])
    }
    return writer
  }

  @Test func bytesDependOnContentOnlyAndDataIsAligned() throws {
    let bytes = Self.example().bytes()
    #expect(bytes == Self.example(reversed: true).bytes())
    let file = try SafetensorsFile(bytes: bytes)
    #expect(file.tensors.map(\.name) == ["a64", "b64", "c64", "a32", "b32", "c32", "a8", "b8", "c8"])
    #expect(file.tensors.allSatisfy { $0.data.startIndex % $0.elementType.width == 0 })
    for length in 1...16 {
      var writer = SafetensorsWriter()
      writer.add(String(repeating: "x", count: length), shape: [1], [0.1])
      #expect(writer.bytes()[0] % 8 == 0, "a name of \(length) characters")
    }
  }

  @Test func theBytesAreTheFormat() {
    var writer = SafetensorsWriter()
    writer.add("x", shape: [2], bytes: [7, 9])
    let header = #"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}   "#
    #expect(writer.bytes() == [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + [7, 9])
  }

  @Test func everyTruncationIsAFinding() {
    let bytes = Self.example().bytes()
    for count in 0..<bytes.count {
      let found = findings { () throws(Findings) in _ = try SafetensorsFile(bytes: Array(bytes[..<count])) }
      #expect(!found.isEmpty, "the first \(count) bytes")
    }
  }

  /// Every bit of the header and its length, and every byte set to a few hostile values: never a crash, and whatever is
  /// accepted keeps to its own data.
  @Test func everyFlipIsAFindingOrASoundFile() {
    let bytes = Self.example().bytes()
    var accepted = 0
    for index in bytes.indices {
      for mask: UInt8 in [1, 2, 4, 8, 16, 32, 64, 128, 0xFF] {
        var damaged = bytes
        damaged[index] ^= mask
        guard let file = try? SafetensorsFile(bytes: damaged) else { continue }
        accepted += 1
        let covered = file.tensors.reduce(0) { $0 + $1.data.count }
        #expect(covered == 33 + 12)
        for tensor in file.tensors { #expect(tensor.doubles().count == tensor.shape.reduce(1, *)) }
      }
    }
    // Flips in the data, in names and in metadata are not the format's concern.
    #expect(accepted > 45 * 8)
    #expect(accepted < bytes.count * 9 / 2)
  }

  @Test(arguments: [
    UInt64.max, UInt64(Int64.max), 1 << 63, 0, 1, UInt64(SafetensorsFile.maximumHeaderBytes),
    UInt64(SafetensorsFile.maximumHeaderBytes) + 1,
  ])
  func hostileHeaderLengths(length: UInt64) {
    let bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) } + Array("{}".utf8)
    #expect(!findings { () throws(Findings) in _ = try SafetensorsFile(bytes: bytes) }.isEmpty)
  }

  @Test func severalFindingsAtOnce() {
    let header = Array(
      """
      {"a":{"dtype":"F9","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,4]},
      "c":7,"d":{"dtype":"F32","shape":[1],"data_offsets":[4,0]},"e":{"dtype":"F32","shape":[9999999999999999999],
      "data_offsets":[0,1]},"f":{"dtype":"U8","shape":[0.5],"data_offsets":[0,0],"x":1}}
      """.utf8)
    let bytes = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header + [0, 0, 0, 0]
    let found = findings { () throws(Findings) in _ = try SafetensorsFile(bytes: bytes) }
    #expect(
      found.map { [$0.id, $0.location?.path] } == [
        ["safetensors.dtype", "a"], ["safetensors.byte-count", "b"], ["safetensors.entry", "c"],
        ["safetensors.offsets", "d"], ["safetensors.entry", "e"], ["safetensors.entry", "f"],
        ["safetensors.entry", "f"],
      ])
  }

  @Test func notEveryNameIsAFile() throws {
    try withTemporaryFolder { folder in
      func id(_ path: String) -> [String] {
        findings { () throws(Findings) in _ = try SafetensorsFile(path: path) }.map(\.id)
      }
      #expect(id(folder) == ["file.not-regular"])
      #expect(id(folder + "/none") == ["file.missing"])
      #expect(id("/dev/zero") == ["file.not-regular"])
      #expect(
        findings { () throws(Findings) in _ = try Files.read(#filePath, limit: 10) }.map(\.id) == ["file.too-large"])
    }
  }

  @Test func writingIsAllOrNothing() throws {
    try withTemporaryFolder { folder in
      let files = [("a", [1, 2, 3]), ("b", [4])] as [(String, [UInt8])]
      try Files.write(files.map { (folder + "/" + $0.0, $0.1) })
      #expect(try Files.read(folder + "/a", limit: 9) == [1, 2, 3])
      try Files.write([(folder + "/a", [9])])
      #expect(try Files.read(folder + "/a", limit: 9) == [9])

      // The second of two cannot be written: the first keeps its content, and nothing is left lying about.
      for target in [folder + "/missing/c", folder] {
        let found = findings { () throws(Findings) in try Files.write([(folder + "/a", [7]), (target, [8])]) }
        #expect(found.map(\.id) == ["file.unwritable"])
        #expect(found.first?.location?.file == target)
        #expect(try Files.read(folder + "/a", limit: 9) == [9])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a", "b"])
      }
    }
  }
}
