public import Planning

/// What `compile` did, for people.
public enum CompilationText {
  /// The files with their sizes, and what the network costs.
  public static func text(_ plan: FixedPlan, files: [(path: String, bytes: Int)], folder: String) -> String {
    var table = Table([.text("file"), .number("bytes")])
    for file in files { table.add([file.path, String(file.bytes)]) }
    let memory = plan.memory
    var cost = "\(plan.name), plan \(plan.hashText): \(memory.structBytes) bytes of RAM, \(memory.flashBytes) of tables"
    let synapses = SynapseBytes(plan, memory)
    if let bytes = synapses.perPlastic {
      cost += "; \(synapses.plasticCount) plastic synapses at \(Figure.hundredths(bytes)) bytes each"
    }
    return "\(cost)\nwritten to \(folder)\n\n\(table.text)"
  }
}
