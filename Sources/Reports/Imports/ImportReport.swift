public import Diagnostics
public import NIR

/// What became of the nodes of a `.nir` file.
public enum ImportReport {
  /// A row for each node.
  public static func text(_ verdicts: [Verdict]) -> String {
    var table = Table([.text("node"), .text("type"), .text("verdict"), .text("became"), .text("remarks")])
    for verdict in verdicts {
      table.add([
        clean(verdict.node), clean(verdict.type), verdict.kind.rawValue, verdict.became,
        verdict.remarks.joined(separator: "; "),
      ])
    }
    return table.text
  }

  /// The document that `Format.md` describes.
  public static func json(_ verdicts: [Verdict]) -> JSONText {
    .object([
      JSONText.Member("format", .string("epropc-import")), JSONText.Member("version", .integer(1)),
      JSONText.Member(
        "nodes",
        .array(
          verdicts.map { verdict in
            .object([
              JSONText.Member("node", .string(verdict.node)), JSONText.Member("type", .string(verdict.type)),
              JSONText.Member("verdict", .string(verdict.kind.rawValue)),
              JSONText.Member("became", .string(verdict.became)),
              JSONText.Member("remarks", .array(verdict.remarks.map { .string($0) })),
            ])
          })),
    ])
  }

  /// A name of a file's author, without what could steer a terminal.
  private static func clean(_ text: String) -> String { String(Quoted.text(text).dropFirst().dropLast()) }
}
