/// What somebody who wrote an unknown name probably meant.
public enum Nearest {
  /// The candidate with the smallest edit distance to `name`, if at most a third of its characters, rounded up, but
  /// at least two differ; of several the first. Upper and lower case count as equal. Only the first 256 candidates and
  /// 64 characters are looked at, so that a hostile file cannot buy much time.
  public static func name(to name: String, among candidates: some Sequence<String>) -> String? {
    let written = Array(name.lowercased().unicodeScalars.prefix(64))
    var best: (candidate: String, distance: Int)?
    for candidate in candidates.prefix(256) {
      let distance = editDistance(written, Array(candidate.lowercased().unicodeScalars.prefix(64)))
      if distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    guard let best, best.distance <= max(2, (best.candidate.unicodeScalars.count + 2) / 3) else { return nil }
    return best.candidate
  }

  /// The help for an unknown name: the nearest candidate, or all of them where none is near and they are few.
  public static func help(for name: String, among candidates: [String]) -> String? {
    if let nearest = Nearest.name(to: name, among: candidates) { return "did you mean \(Quoted.text(nearest))?" }
    guard !candidates.isEmpty, candidates.count <= 16 else { return nil }
    return "known: " + candidates.map { Quoted.text($0) }.joined(separator: ", ")
  }

  /// Levenshtein's distance: how many insertions, deletions and replacements lead from one to the other.
  static func editDistance(_ from: [Unicode.Scalar], _ to: [Unicode.Scalar]) -> Int {
    var row = Array(0...to.count)
    for (i, scalar) in from.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in to.enumerated() {
        let replaced = diagonal + (scalar == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[to.count]
  }
}

/// Text of others in a message of ours.
public enum Quoted {
  /// The text in double quotes with control characters escaped, cut after 60 characters, so that a hostile name can
  /// neither flood nor steer a terminal.
  public static func text(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars.prefix(60) {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      default:
        if scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format {
          result += "\\u{" + String(scalar.value, radix: 16) + "}"
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + (text.unicodeScalars.count > 60 ? "…\"" : "\"")
  }
}
