public import Diagnostics

extension Finding {
  /// The finding as compilers print theirs, so that editors can jump to it:
  ///
  ///     network.json:12:17: error: populations[0].tau_m_ms: expected a positive number, but found -3 [network.tau]
  ///       help: …
  ///
  /// Parts of the place that are not known are left out. With `colour`, the severity stands out.
  public func text(colour: Bool = false) -> String {
    let style = TextStyle(isOn: colour)
    var place = location?.file ?? "epropc"
    if let line = location?.line { place += ":\(line)" }
    if let column = location?.column { place += ":\(column)" }
    let path = location?.path.map { $0 + ": " } ?? ""
    var text = "\(style.bold(place + ":")) \(style.severity(severity)): \(path)\(message) [\(id)]"
    if let help { text += "\n  help: \(help)" }
    return text
  }
}

/// Escape sequences of terminals, or none.
struct TextStyle {
  var isOn: Bool

  func bold(_ text: String) -> String { styled(text, "1") }

  func severity(_ severity: Finding.Severity) -> String {
    switch severity {
    case .error: styled(severity.rawValue, "1;31")
    case .warning: styled(severity.rawValue, "1;33")
    case .note: styled(severity.rawValue, "1;36")
    }
  }

  private func styled(_ text: String, _ code: String) -> String { isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}
