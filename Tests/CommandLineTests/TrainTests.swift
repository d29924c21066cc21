import Foundation
import Safetensors
import Testing

@Suite struct TrainTests {
  private static func train(_ folder: String, _ more: String...) throws -> Run {
    let common = ["train", "blink", "--iterations", "3", "-o", "out", "--log", "log.jsonl"]
    return try epropc(common + more, in: folder)
  }

  @Test func filesAndLog() throws {
    try withTemporaryFolder { folder in
      let run = try Self.train(folder, "--save-trials", "trials.safetensors", "--keep-initial")
      #expect(run.status == 0)
      #expect(!(run.output + run.errors).contains("\r"))
      #expect(try contents(folder) == ["out", "log.jsonl", "trials.safetensors"])
      #expect(try contents(folder + "/out") == ["network.json", "initial"])
      #expect(try contents(folder + "/out/initial") == ["network.json"])
      let log = try lines(at: folder + "/log.jsonl")
      #expect(log.compactMap { $0["iteration"] as? Int } == [1, 2, 3])
      for line in log {
        for field in ["loss", "score", "rate_hz", "seconds"] { #expect(line[field] is Double) }
      }
    }
  }

  @Test func sameSeedSameBytes() throws {
    func run(_ seed: String) throws -> (network: Data, weights: Data, log: [[String: Double]]) {
      try withTemporaryFolder { folder in
        let arguments = ["--iterations", "2", "--batch", "2", "--seed", seed, "-o", "out", "--log", "log"]
        #expect(try epropc(["train", "store-recall"] + arguments, in: folder).status == 0)
        let files = try ["network.json", "weights.safetensors"].map {
          try Data(contentsOf: URL(fileURLWithPath: "\(folder)/out/\($0)"))
        }
        let log = try lines(at: folder + "/log").map { line in
          line.compactMapValues { $0 as? Double }.filter { $0.key != "seconds" }
        }
        return (files[0], files[1], log)
      }
    }
    let (first, second, other) = (try run("3"), try run("3"), try run("4"))
    #expect(first.network == second.network)
    #expect(first.weights == second.weights)
    #expect(first.log == second.log)
    #expect(first.weights != other.weights)
  }

  /// A training on files is the one on the task that wrote them.
  @Test func ownNetwork() throws {
    try withTemporaryFolder { folder in
      let rate = ["--learning-rate", "0.001"]
      let task = ["train", "blink", "--iterations", "3", "-o", "out", "--save-trials", "trials", "--keep-initial"]
      #expect(try epropc(task + rate, in: folder).status == 0)
      let files = ["train", "--network", "out/initial", "--trials", "trials", "--iterations", "3", "-o", "own"]
      #expect(try epropc(files + rate, in: folder).status == 0)
      let networks = try ["out", "own"].map {
        try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)/network.json"))
      }
      #expect(networks[0] == networks[1])
    }
  }

  /// Each gradient of the record leads from one row of weights to the next.
  @Test func record() throws {
    try withTemporaryFolder { folder in
      let run = try Self.train(folder, "--optimizer", "sgd", "--learning-rate", "0.001", "--record", "record")
      #expect(run.status == 0, "\(run.errors)")
      let record = try SafetensorsFile(path: folder + "/record")
      let names = record.tensors.map(\.name).filter { $0.hasPrefix("gradients.") }
      #expect(names.count > 2)
      for name in names {
        let gradients = try #require(record.tensor(named: name))
        let parameters = try #require(record.tensor(named: "parameters" + name.dropFirst("gradients".count)))
        let (g, w, size) = (gradients.doubles(), parameters.doubles(), gradients.shape.dropFirst().reduce(1, *))
        #expect(gradients.shape[0] == 3 && parameters.shape[0] == 4)
        for index in g.indices { #expect(abs(w[index + size] - (w[index] - 0.001 * g[index])) < 1e-15) }
      }
    }
  }

  /// Another order of the same trials gives other weights, and the same seed the same.
  @Test func shuffledAndTested() throws {
    try withTemporaryFolder { folder in
      let task = [
        "train", "store-recall-small", "--iterations", "1", "--batch", "5", "-o", "net", "--save-trials", "trials",
        "--keep-initial",
      ]
      #expect(try epropc(task, in: folder).status == 0)
      func weights(_ options: String...) throws -> Data {
        let files = ["train", "--network", "net/initial", "--trials", "trials", "--test", "trials", "-o", "out"]
        let run = try epropc(files + ["--iterations", "7"] + options, in: folder)
        #expect(run.status == 0)
        #expect(run.output.contains("misclassification of 5 test trials: "))
        return try Data(contentsOf: URL(fileURLWithPath: folder + "/out/weights.safetensors"))
      }
      let plain = try weights()
      let shuffled = try weights("--shuffle", "--seed", "3")
      #expect(try weights("--shuffle", "--seed", "3") == shuffled)
      #expect(plain != shuffled)
      let wrong = try epropc("train", "blink", "--shuffle", "-o", "out", in: folder)
      #expect(wrong.status == 2)
    }
  }

  /// The optimiser of a training is not the device's.
  @Test func optimiserIsNotWritten() throws {
    try withTemporaryFolder { folder in
      let run = try Self.train(folder, "--optimizer", "adam", "--learning-rate", "0.001", "--feedback", "symmetric")
      #expect(run.status == 0)
      let network = try object(at: folder + "/out/network.json")
      #expect((network["optimiser"] as? JSONObject)?["kind"] as? String == "sgd")
      #expect((network["feedback"] as? JSONObject)?["kind"] as? String == "symmetric")
    }
  }

  @Test func badNetwork() throws {
    try withTemporaryFolder { folder in
      try #"{ "format": "epropc-network", "version": 1, "nam": "x" }"#
        .write(toFile: folder + "/network.json", atomically: false, encoding: .utf8)
      try "short".write(toFile: folder + "/trials", atomically: false, encoding: .utf8)
      let before = try contents(folder)
      for verb in [["train", "-o", "out", "--log", "log", "--network"], ["reference", "--json", "out.json"]] {
        let run = try epropc(verb + ["network.json", "--trials", "trials"], in: folder)
        #expect(run.status == 1)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("network.json:1:45: error: "))
        for id in ["description.field.unknown", "description.field.missing", "safetensors.truncated"] {
          #expect(run.errors.contains("[\(id)]"))
        }
        #expect(run.errors.contains("\n  help: did you mean \"name\"?"))
        #expect(try contents(folder) == before)
      }
    }
  }

  @Test func divergence() throws {
    try withTemporaryFolder { folder in
      let run = try epropc(["train", "blink", "--learning-rate", "1e300", "-o", "out"], in: folder)
      #expect(run.status == 1)
      #expect(run.errors.contains("[train.diverged]"))
      #expect(try contents(folder).isEmpty)
    }
  }

  @Test func outputIsAFile() throws {
    try withTemporaryFolder { folder in
      try "".write(toFile: folder + "/taken", atomically: false, encoding: .utf8)
      let run = try epropc("train", "blink", "-o", "taken/out", "--log", "log", in: folder)
      #expect(run.status == 1)
      #expect(run.errors.contains("[file.unwritable]"))
      #expect(try contents(folder) == ["taken"])
    }
  }

  @Test func signalLeavesNothing() throws {
    try withTemporaryFolder { folder in
      let process = Process()
      process.executableURL = executable
      process.arguments =
        ["train", "blink", "--iterations", "1000000", "--learning-rate", "1e-9", "-o", "out", "--log", "log"]
      process.currentDirectoryURL = URL(fileURLWithPath: folder)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try withSignals { try process.run() }
      let log = folder + "/log"
      while process.isRunning, (try? Data(contentsOf: URL(fileURLWithPath: log)).isEmpty) ?? true { usleep(1000) }
      process.terminate()
      process.waitUntilExit()
      #expect(process.terminationReason == .uncaughtSignal)
      #expect(process.terminationStatus == SIGTERM)
      #expect(try contents(folder) == ["log"])
      #expect(try !lines(at: log).isEmpty)
    }
  }

  /// Tests run on threads that block signals, and a child inherits that.
  private func withSignals(_ body: () throws -> Void) rethrows {
    var (none, previous) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
    try body()
  }
}
