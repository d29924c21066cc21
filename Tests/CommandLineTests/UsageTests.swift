import Foundation
import Testing

/// Exit codes: 0 done, 1 a finding, 2 wrong usage.
@Suite struct UsageTests {
  static let verbs = ["train", "reference", "plan", "tasks", "verify", "demo"]

  @Test func noArguments() throws {
    try withTemporaryFolder { folder in
      let run = try epropc(in: folder)
      #expect(run.status == 2)
      #expect(run.output.isEmpty)
      for verb in Self.verbs { #expect(run.errors.contains("  \(verb) ")) }
    }
  }

  @Test(arguments: verbs) func help(_ verb: String) throws {
    try withTemporaryFolder { folder in
      let run = try epropc(verb, "--help", in: folder)
      #expect(run.status == 0)
      #expect(run.output.contains("USAGE: epropc \(verb)"))
      #expect(run.errors.isEmpty)
    }
  }

  @Test(arguments: [
    ["tasks", "--no-such-flag"], ["no-such-verb"], ["train"], ["train", "blink"], ["train", "blonk", "-o", "out"],
    ["train", "blink", "--network", "n", "-o", "out"], ["train", "--network", "n", "-o", "out"],
    ["train", "blink", "-o", "out", "--iterations", "0"], ["train", "blink", "-o", "out", "--learning-rate", "nan"],
    ["train", "blink", "-o", "out", "--optimizer", "magic"], ["train", "blink", "-o", "out", "--no-reset-path"],
    ["plan", "n", "--ram", "64kilo"], ["compile", "n", "--ram", "-1"], ["plan", "n", "--latency-steps", "0.5"],
    ["plan", "n", "--core", "z80"], ["reference", "n"], ["reference", "n", "--trials", "t", "--per-step"],
  ]) func wrongUsage(_ arguments: [String]) throws {
    try withTemporaryFolder { folder in
      let run = try epropc(arguments, in: folder)
      #expect(run.status == 2)
      #expect(run.output.isEmpty)
      #expect(!run.errors.isEmpty)
      #expect(try contents(folder).isEmpty)
    }
  }

  @Test func nearestTask() throws {
    try withTemporaryFolder { folder in
      let run = try epropc("train", "blonk", "-o", "out", in: folder)
      #expect(run.errors.contains("did you mean \"blink\"?"))
    }
  }

  @Test func tasks() throws {
    try withTemporaryFolder { folder in
      let tasks = try #require(
        try object(Data(epropc("tasks", "--json", in: folder).output.utf8))["tasks"] as? [JSONObject])
      #expect(
        tasks.compactMap { $0["name"] as? String } == [
          "pattern-generation", "store-recall", "store-recall-small", "evidence-accumulation", "blink", "steady-load",
          "add", "add-leaky", "mimic",
        ])
      for task in tasks {
        #expect(task["needs"] is String)
        for field in ["inputs", "neurons", "outputs", "steps", "batch", "iterations"] {
          #expect(try #require(task[field] as? Int) > 0)
        }
      }
      let text = try epropc("tasks", in: folder).output
      #expect(text.contains("store-recall"))
    }
  }

  /// A disk that is full does not pass unseen, and a device is not replaced by a file. The device is reached by a link, so
  /// that nothing but the link is lost should this ever fail.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"))) func fullDisk() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createSymbolicLink(atPath: folder + "/full", withDestinationPath: "/dev/full")
      let train = ["train", "blink", "--iterations", "2", "-o", "out"]
      let run = try epropc(train + ["--log", "full"], in: folder)
      #expect(run.status == 1)
      #expect(run.errors.contains("full: error: the file cannot be written"))
      #expect(try contents(folder) == ["full"])
      #expect(try epropc(train + ["--save-trials", "trials"], in: folder).status == 0)
      let reference = try epropc("reference", "out", "--trials", "trials", "--json", "full", in: folder)
      #expect(reference.status == 1)
      #expect(reference.errors.contains("[file.unwritable]"))
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/full") == "/dev/full")
    }
  }
}
