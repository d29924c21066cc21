import Foundation
import Testing

/// `epropc import`, and `.nir` files given to `compile` and `verify`.
@Suite struct ImportTests {
  static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/nir").path
  /// The top of the package, where `targets/` is.
  static let root = URL(fileURLWithPath: fixtures).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  @Test func verdictsAndANetwork() throws {
    try withTemporaryFolder { folder in
      let file = Self.fixtures + "/snntorch_recurrent_1.nir"
      let run = try epropc("import", file, "--dt", "1ms", "--from", "snntorch", "-o", "net", in: folder)
      #expect(run.status == 0)
      #expect(run.output.contains("node") && run.output.contains("population n1_lif") && run.output.contains("exact"))
      #expect(try contents(folder + "/net") == ["network.json", "weights.safetensors"])
      let json = try epropc("import", file, "--dt", "1ms", "--json", "-o", "other", in: folder)
      let document = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
      #expect(document?["format"] as? String == "epropc-import")
      #expect((document?["nodes"] as? [[String: Any]])?.count == 7)
    }
  }

  @Test func aRefusalWritesNothing() throws {
    try withTemporaryFolder { folder in
      let file = Self.fixtures + "/invalid/nir.node.unsupported~convolution.nir"
      let run = try epropc("import", file, "--dt", "1ms", "-o", "net", in: folder)
      #expect(run.status == 1)
      #expect(run.output.contains("refused"))
      #expect(run.errors.contains("nir.node.unsupported"))
      #expect(try contents(folder).isEmpty)
    }
  }

  @Test(arguments: [
    ["import", "a.nir", "-o", "net"], ["import", "a.nir", "--dt", "1", "-o", "net"],
    ["import", "a.nir", "--dt", "1ms", "--reset", "soft", "-o", "net"], ["import", "a.nir", "--dt", "1ms"],
    ["import", "a.nir", "--dt", "1ms", "--from", "lava", "-o", "net"], ["compile", "a.nir"],
    ["verify", "a.nir", "--layer-delay", "2", "--dt", "1ms"],
  ]) func wrongUsage(_ arguments: [String]) throws {
    try withTemporaryFolder { folder in
      let run = try epropc(arguments, in: folder)
      #expect(run.status == 2)
      #expect(try contents(folder).isEmpty)
    }
  }

  @Test func aPlanIsNotMadeOfAFileToImport() throws {
    try withTemporaryFolder { folder in
      let file = Self.fixtures + "/snntorch_synaptic_1.nir"
      let plan = try epropc("plan", file, in: folder)
      #expect(plan.status == 1 && plan.errors.contains("nir.import"))
      #expect(try contents(folder).isEmpty)
    }
  }

  /// Networks of both exporters, with biases and both resets, learn on this machine bit for bit.
  @Test(arguments: [
    "snntorch_recurrent_1", "snntorch_recurrent_zero_1", "norse_lif_1", "snntorch_synaptic_1", "norse_cubalif_1",
  ])
  func filesAreCompiledAndVerified(_ name: String) throws {
    try withTemporaryFolder { folder in
      let learning = """
        {"format": "epropc-learning", "version": 1, "plastic": ["inputs_to_n1\(name.hasPrefix("norse") ? "" : "_lif")"],
         "tau_out_ms": 20, "maximum_steps": 60,
         "optimiser": {"kind": "factored", "learning_rate": 0.01, "clip": 3, "schedule": {"kind": "constant"}}}
        """
      try learning.write(toFile: folder + "/learning.json", atomically: true, encoding: .utf8)
      let exporter = String(name.prefix { $0 != "_" })
      let options = [
        Self.fixtures + "/\(name).nir", "--dt", "1ms", "--from", exporter, "--layer-delay",
        name.contains("recurrent") ? "1" : "0", "--learning",
        "learning.json", "--reset", name.contains("zero") ? "zero" : exporter == "norse" ? "value" : "subtract",
      ]
      let verified = try epropc(
        ["verify"] + options + ["--target", "host-gcc", "--draw", "2", "--targets", Self.root + "/targets"], in: folder)
      #expect(verified.status == 0, "\(verified.errors)")
      #expect(verified.output.contains("yes"))
      let compiled = try epropc(["compile"] + options + ["-o", "out"], in: folder)
      #expect(compiled.status == 0, "\(compiled.errors)")
      #expect(try contents(folder + "/out").contains("network.json"))
    }
  }
}
