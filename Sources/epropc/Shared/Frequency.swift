import ArgumentParser

/// A clock: a number with Hz, kHz, MHz or GHz.
struct Frequency: ExpressibleByArgument, Sendable {
  var hertz: Double

  init?(argument: String) {
    let text = argument.lowercased().filter { $0 != " " }
    guard let match = text.wholeMatch(of: /([0-9]+(?:\.[0-9]+)?)(hz|khz|mhz|ghz)/), let number = Double(match.1) else {
      return nil
    }
    let scales: [String: Double] = ["hz": 1, "khz": 1e3, "mhz": 1e6, "ghz": 1e9]
    let scale = scales[String(match.2)] ?? 1
    guard number > 0, number * scale <= 1e12 else { return nil }
    hertz = number * scale
  }
}
