public import Diagnostics
import Profiling
import Toolchains

/// What a plan's C executes, as a document.
public enum ExecutionJSON {
  /// The member `execution` of a target in `profile --json`, as `Format.md` describes it.
  public static func document(_ row: ExecutionText.Row) -> JSONText {
    let execution = row.execution
    func integer(_ value: UInt64) -> JSONText { .integer(Int(clamping: value)) }
    var members: [JSONText.Member] = [
      .init("unit", .string(execution.unit.rawValue)), .init("steps", .integer(execution.steps)),
      .init("input_events", .integer(execution.inputEvents)), .init("spikes", .integer(execution.spikes)),
      .init("synaptic_events", .number(execution.synapticEvents)), .init("forward", integer(execution.forward)),
      .init("largest_forward_step", integer(execution.largestForward)),
      .init("inference_code_bytes", .integer(execution.inferenceCode)),
    ]
    if let forward = execution.forwardPerEvent { members.append(.init("forward_per_synaptic_event", .number(forward))) }
    if execution.learns {
      members += [
        .init("recording", integer(execution.recording)), .init("backward", integer(execution.backward)),
        .init("update", integer(execution.update)), .init("largest_step", integer(execution.largestStep)),
        .init("largest_learn", integer(execution.largestLearn)),
        .init("largest_update", integer(execution.largestUpdate)),
        .init("largest_in_slices", integer(execution.largestInSlices)),
        .init("learning_code_bytes", .integer(execution.learningCode)),
      ]
    }
    if let learning = execution.learningPerSynapse {
      members.append(.init("learning_per_plastic_synapse_and_step", .number(learning)))
    }
    if let clock = row.clock {
      members.append(.init("clock_hz", .number(clock)))
      members.append(.init("inference_steps_per_second", .number(execution.rate(at: clock, learning: false))))
      if execution.learns {
        members.append(.init("learning_steps_per_second", .number(execution.rate(at: clock, learning: true))))
      }
      members.append(.init("rate_is_estimate", .bool(execution.unit == .instructions)))
    }
    return .object(members)
  }
}
