/// The name that the user most likely meant, or `nil` when none is close (at most a third of the letters differ).
func nearestName(to name: String, in names: [String]) -> String? {
  let ranked = names.map { (name: $0, distance: editDistance(name, $0)) }
  guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
  return best.distance * 3 <= max(name.count, best.name.count) ? best.name : nil
}

/// Insertions, deletions and replacements that turn one text into the other.
private func editDistance(_ first: String, _ second: String) -> Int {
  let columns = Array(second)
  var row = Array(0...columns.count)
  for (i, letter) in first.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in columns.enumerated() {
      let replaced = diagonal + (letter == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
    }
  }
  return row[columns.count]
}
