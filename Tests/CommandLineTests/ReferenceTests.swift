import Foundation
import Networks
import Tasks
import Testing
import Trials

@Suite struct ReferenceTests {
  /// The untrained network of a task in `out/initial`, the trials of its first iteration, and its log.
  private static func prepare(_ task: String, _ folder: String, batch: String = "1") throws {
    let run = try epropc(
      "train", task, "--iterations", "1", "--batch", batch, "-o", "out", "--keep-initial", "--log", "log",
      "--save-trials", "trials", in: folder)
    #expect(run.status == 0)
  }

  @Test func lossOfTheLog() throws {
    for (task, batch) in [("blink", "1"), ("store-recall", "3")] {
      try withTemporaryFolder { folder in
        try Self.prepare(task, folder, batch: batch)
        let run = try epropc("reference", "out/initial", "--trials", "trials", "--json", "r.json", in: folder)
        #expect(run.status == 0)
        let document = try object(at: folder + "/r.json")
        let log = try lines(at: folder + "/log")[0]
        for field in ["loss", "rate_hz"] {
          let (found, expected) = (try #require(document[field] as? Double), try #require(log[field] as? Double))
          #expect(abs(found - expected) <= 1e-12 * abs(expected))
        }
      }
    }
  }

  @Test func shapes() throws {
    try withTemporaryFolder { folder in
      try Self.prepare("blink", folder)
      let run = try epropc("reference", "out/initial/network.json", "--trials", "trials", "--json", "-", in: folder)
      #expect(run.errors.isEmpty)
      #expect(!run.output.contains("\r"))
      let document = try object(Data(run.output.utf8))
      let trial = try #require((document["trials"] as? [JSONObject])?.first)
      for (name, width) in [("z", 2), ("v", 2), ("a", 2), ("psi", 2), ("L", 2), ("y", 1), ("err", 1)] {
        let array = try NumberArray(trial[name])
        #expect(array.shape == [24, width], "\(name)")
        #expect(array.data.count == 24 * width)
      }
      let gradients = try #require(document["gradients"] as? [JSONObject])
      #expect(
        gradients.map { $0["parameter"] as? String }
          == ["W_in", "W_in", "W_rec", "W_rec", "W_out", "W_out", "b_out"])
      for gradient in gradients {
        let array = try NumberArray(gradient)
        #expect(array.data.count == array.shape.reduce(1, *))
      }
      #expect(trial["traces"] == nil)
    }
  }

  /// What the steps add makes the gradient: LIF and adaptive neurons, readouts and bias, a rate regulariser, every scaling.
  @Test(arguments: [false, true]) func stepsMakeTheGradient(_ isScaled: Bool) throws {
    try withTemporaryFolder { folder in
      try Self.writeSmallNetwork(folder, isScaled: isScaled)
      let run = try epropc("reference", ".", "--trials", "trials", "--per-step", "--json", "r.json", in: folder)
      #expect(run.status == 0)
      let document = try object(at: folder + "/r.json")
      let gradients = try #require(document["gradients"] as? [JSONObject])
      let traces = try #require((document["trials"] as? [JSONObject])?.first?["traces"] as? [JSONObject])
      #expect(traces.count == gradients.count)
      for (gradient, trace) in zip(gradients, traces) {
        let (whole, steps) = (try NumberArray(gradient), try NumberArray(trace["g"]))
        let largest = whole.data.reduce(0) { max($0, abs($1)) }
        #expect(largest > 0)
        #expect(steps.shape == [Self.steps] + whole.shape)
        for index in whole.data.indices {
          let sum = stride(from: index, to: steps.data.count, by: whole.data.count).reduce(0) { $0 + steps.data[$1] }
          #expect(abs(sum - whole.data[index]) <= 1e-12 * largest)
        }
      }
    }
  }

  private static let steps = 300

  /// Store and recall for a moment, with the loss at every step.
  private static func writeSmallNetwork(_ folder: String, isScaled: Bool) throws {
    var network = StoreRecall().network(seed: 5)
    if isScaled {
      network.feedback = .symmetric
      network.convention.inputScaling = .oneMinusDecay
      network.convention.readoutScaling = .oneMinusDecay
      network.convention.traceScaling = .oneMinusDecay
      network.convention.adaptationScaling = .oneMinusDecay
    }
    for index in network.projections.indices where isScaled && network.projections[index].source == .inputs {
      network.projections[index].weights = network.projections[index].weights.map { $0 * 20 }
    }
    let long = StoreRecall().trials(seed: 5, count: 1).trials[0]
    guard case .spikes(let train) = long.inputs else { return }
    let offsets = Array(train.offsets.prefix(steps + 1))
    let short = Trial(
      steps: steps, inputs: .spikes(EventTrain(offsets: offsets, sources: Array(train.sources.prefix(offsets[steps])))),
      targets: (0..<steps).flatMap { $0 % 2 == 0 ? [0.0, 1] : [1, 0] }, mask: nil)
    try network.write(toDirectory: folder)
    try TrialSet(inputCount: 100, outputCount: 2, trials: [short]).write(path: folder + "/trials")
  }

  /// A document that would be too large is refused before anything runs.
  @Test func size() throws {
    try withTemporaryFolder { folder in
      try Self.prepare("store-recall", folder)
      let run = try epropc(
        "reference", "out/initial", "--trials", "trials", "--per-step", "--json", "r.json", in: folder)
      #expect(run.status == 1)
      #expect(run.errors.contains("[reference.size]"))
      #expect(!FileManager.default.fileExists(atPath: folder + "/r.json"))
    }
  }

  @Test func bptt() throws {
    try withTemporaryFolder { folder in
      try Self.prepare("blink", folder)
      let arguments = ["reference", "out/initial", "--trials", "trials", "--rule", "bptt", "--json", "-"]
      let full = try object(Data(epropc(arguments, in: folder).output.utf8))
      let cut = try object(Data(epropc(arguments + ["--no-reset-path"], in: folder).output.utf8))
      #expect(full["rule"] as? String == "bptt")
      #expect(cut["rule"] as? String == "bptt-no-reset-path")
      #expect((full["trials"] as? [JSONObject])?.first?["L"] == nil)
    }
  }

  @Test func textAndTrialNumber() throws {
    try withTemporaryFolder { folder in
      try Self.prepare("store-recall", folder, batch: "3")
      let run = try epropc("reference", "out/initial", "--trials", "trials", in: folder)
      #expect(run.status == 0)
      #expect(run.output.contains("W_rec     alif_to_lif"))
      let one = try epropc(
        "reference", "out/initial", "--trials", "trials", "--trial", "2", "--json", "-", in: folder)
      let trials = try #require(try object(Data(one.output.utf8))["trials"] as? [JSONObject])
      #expect(trials.map { $0["trial"] as? Int } == [2])
      let beyond = try epropc("reference", "out/initial", "--trials", "trials", "--trial", "3", in: folder)
      #expect(beyond.status == 1)
      #expect(beyond.errors.contains("[reference.trial]"))
    }
  }
}
