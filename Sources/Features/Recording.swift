public import Diagnostics
import Safetensors

/// Samples of a `.wav` file, the mean of its channels, in [−1, 1].
public struct Recording: Sendable, Hashable {
  /// Samples per second.
  public var rate: Int
  public var samples: [Float]

  public init(rate: Int, samples: [Float]) {
    self.rate = rate
    self.samples = samples
  }

  /// Longer files are refused unread: 64 MiB.
  public static let maximumBytes = 64 << 20

  /// Reads a file of PCM samples of 8, 16, 24 or 32 bits, or of 32-bit floats.
  ///
  /// - Throws: `file.…`, or `wav.…` where it is no such file.
  public static func read(path: String) throws(Findings) -> Recording {
    try Recording(bytes: Files.read(path, limit: maximumBytes), file: path)
  }

  /// Reads a file's content; `file` is named in the findings.
  public init(bytes: [UInt8], file: String? = nil) throws(Findings) {
    let chunks = try WaveChunks(bytes: bytes, file: file)
    let (format, data) = (chunks.format, chunks.data)
    rate = format.rate
    let width = format.bits / 8
    let frames = data.count / (width * format.channels)
    guard frames > 0 else { throw wave("empty", file, "there are no samples") }
    samples = (0..<frames).map { frame in
      var sum: Float = 0
      for channel in 0..<format.channels {
        let place = data.startIndex + (frame * format.channels + channel) * width
        sum += format.value(bytes[place..<place + width])
      }
      return sum / Float(format.channels)
    }
    guard samples.allSatisfy(\.isFinite) else { throw wave("not-finite", file, "a sample is not a finite number") }
  }
}

private func wave(_ id: String, _ file: String?, _ message: String, help: String? = nil) -> Findings {
  Findings(Finding("wav." + id, at: Finding.Location(file: file), message, help: help))
}

/// How the samples of a file are coded.
private struct WaveFormat {
  var channels: Int
  var rate: Int
  var bits: Int
  var isFloat: Bool

  /// One sample, little-endian. 8 bits are unsigned, all others signed.
  func value(_ bytes: ArraySlice<UInt8>) -> Float {
    var word: UInt32 = 0
    for (k, byte) in bytes.enumerated() { word |= UInt32(byte) << UInt32(8 * k) }
    if isFloat { return Float(bitPattern: word) }
    if bits == 8 { return (Float(word) - 128) / 128 }
    let signed = Int32(bitPattern: word << UInt32(32 - bits))
    return Float(signed) / 2_147_483_648
  }
}

/// The chunks of a RIFF file that matter: `fmt ` and `data`.
private struct WaveChunks {
  let format: WaveFormat
  let data: ArraySlice<UInt8>

  init(bytes: [UInt8], file: String?) throws(Findings) {
    func number(_ place: Int, _ count: Int) -> Int { (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) } }
    guard bytes.count >= 12, bytes[0..<4].elementsEqual("RIFF".utf8), bytes[8..<12].elementsEqual("WAVE".utf8) else {
      throw wave("header", file, "expected a RIFF file of the form WAVE")
    }
    var found: WaveFormat?
    var place = 12
    while place + 8 <= bytes.count {
      let (name, size) = (bytes[place..<place + 4], number(place + 4, 4))
      let content = place + 8
      guard size <= bytes.count - content else {
        throw wave("truncated", file, "a chunk claims \(size) bytes, but only \(bytes.count - content) follow")
      }
      if name.elementsEqual("fmt ".utf8) { found = try Self.format(bytes, content, size, file, number) }
      if name.elementsEqual("data".utf8) {
        guard let found else { throw wave("header", file, "the samples stand before their format") }
        format = found
        data = bytes[content..<content + size]
        return
      }
      place = content + size + size % 2
    }
    throw wave("truncated", file, "the file ends before its samples")
  }

  private static func format(
    _ bytes: [UInt8], _ place: Int, _ size: Int, _ file: String?, _ number: (Int, Int) -> Int
  ) throws(Findings) -> WaveFormat {
    guard size >= 16 else { throw wave("header", file, "the format has \(size) bytes, not at least 16") }
    var code = number(place, 2)
    // The extensible form keeps the code in the first bytes of an identifier.
    if code == 0xFFFE, size >= 26 { code = number(place + 24, 2) }
    let format = WaveFormat(
      channels: number(place + 2, 2), rate: number(place + 4, 4), bits: number(place + 14, 2), isFloat: code == 3)
    let known = code == 1 && [8, 16, 24, 32].contains(format.bits) || code == 3 && format.bits == 32
    guard known, (1...64).contains(format.channels) else {
      throw wave(
        "format", file,
        "expected PCM of 8, 16, 24 or 32 bits or floats of 32, but found code \(code) with \(format.bits) bits and "
          + "\(format.channels) channels",
        help: "convert it, as with `ffmpeg -i in.wav -ar 8000 -c:a pcm_s16le out.wav`")
    }
    return format
  }
}
