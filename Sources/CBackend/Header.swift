import CSyntax
import Planning

extension Emitter {
  mutating func emitHeader() {
    text.comment(overview())
    text.add("#ifndef \(P)_H\n#define \(P)_H\n\n#include <stdint.h>\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif")
    text.section("Sizes and versions")
    emitConstants()
    text.section("The network")
    emitStruct()
    text.section("Functions")
    emitPrototypes()
    text.add("\n#ifdef __cplusplus\n}\n#endif\n\n#endif")
  }

  func overview() -> String {
    let inputs = plan.inputs.kind == .spikes ? "spiking inputs" : "analog inputs"
    let parts = plan.populations.map { population in
      "\(population.count) \(population.adaptation == nil ? "LIF" : "adaptive LIF") neurons\(population.current == nil ? "" : " with a synaptic current") (\(population.name))"
    }
    let learning =
      plan.learning == nil
      ? "It infers only."
      : "It goes on learning on the device, by e-prop 1: eligibility traces times broadcast learning signals."
    let input = plan.inputs.kind == .spikes ? "spikes, count" : "values"
    var usage = [
      "    static \(net) net;             about \((memory.structBytes + 1023) / 1024) KiB: not on a stack",
      "    \(p)_init(&net);",
      "    for each trial:", "        \(p)_reset(&net);", "        for each step:",
      "            \(p)_step(&net, \(input));",
    ]
    if plan.isStream {
      usage = [
        usage[0], usage[1], "    for ever:", "        \(p)_step(&net, \(input));", "        \(p)_learn(&net, target);",
      ]
    } else if plan.learning != nil {
      usage += ["            \(p)_learn(&net, target);", "        \(p)_update(&net);"]
    }
    return """
      \(p).h - a spiking network, compiled by epropc.

      \(plan.inputs.count) \(inputs), \(parts.joined(separator: ", ")), \(outputs) leaky readouts. \(learning)

      \(usage.joined(separator: "\n"))

      The caller owns the memory: no globals, no heap, no pointers inside, so a network may be copied, and several may run \
      side by side. Nothing here needs a C library. Same plan, same input: same bits, on every machine.
      """
  }

  mutating func emitConstants() {
    func define(_ name: String, _ value: String, _ remark: String) {
      let left = "#define \(P)_\(name) \(value)"
      text.add(left + String(repeating: " ", count: max(1, 44 - left.count)) + "/* \(remark) */")
    }
    define("ABI", "2", "changes when this interface does")
    if plan.learning != nil { define("IMAGE_VERSION", "2", "changes when the format of saved images does") }
    define("PLAN", "UINT64_C(\(hexadecimal(plan.hash)))", "same plan, same bits")
    text.gap()
    define("INPUTS", "\(plan.inputs.count)U", "")
    define("NEURONS", "\(plan.neuronCount)U", "")
    define("OUTPUTS", "\(outputs)U", "")
    define(
      "STEPS", "\(plan.maximumSteps)U",
      plan.isStream ? "longest period over which rates are measured" : "longest trial that can be learnt from")
    define(
      "READOUT_FRACTION", "\(plan.readout.fractionBits)",
      "a readout is an integer times 2^-\(plan.readout.fractionBits)")
    if case .analog(let bits) = plan.inputs.kind {
      define("INPUT_FRACTION", "\(bits)", "an input is an integer times 2^-\(bits)")
      if plan.holdsInputs { define("HOLD", "\(plan.inputs.holdSteps)U", "steps for which inputs stay") }
    }
    if let learning = plan.learning {
      define("BLOCK", "\(learning.blockSteps)U", "steps that are learnt from at a time")
      if learning.windowSteps > 0 {
        define("WINDOW", "\(learning.windowSteps)U", "steps before a block that get credit too")
      }
      if plan.inputs.kind == .spikes && plan.recordsInputs {
        define("INPUT_CAPACITY", count(learning.inputEventCapacity), "input events that a block may have")
      }
      define("SPIKE_CAPACITY", count(learning.spikeCapacity), "spikes that a block may have")
      define("TILE", "\(tile)U", "neurons that are learnt for at a time")
      define("IMAGE_BYTES", count(plan.imageBytes), "size of a saved image")
    }
  }

  mutating func emitStruct() {
    text.comment(
      "All memory of one network. Small members come first, then arrays in the order of their alignment, so that every ABI gives the same size; "
        + "what each is for is beside it. Read y and spikes freely; leave the writing to the functions.")
    text.add("typedef struct \(net) {")
    for field in memory.ram {
      let extent = field.count == 0 ? "" : "[\(count(field.count))]"
      let left = "    \(Emitter.type(field)) \(field.name)\(extent);"
      text.add(left + String(repeating: " ", count: max(1, 44 - left.count)) + "/* \(field.remark) */")
    }
    if memory.padding > 0 { text.add("    uint8_t padding[\(memory.padding)];") }
    text.add("} \(net);")
    text.gap()
    text.comment("What a function that can fail says. Negative: nothing was changed (but see \(p)_update).")
    var statuses = [("OK", 0, "done")]
    if plan.learning != nil {
      statuses += [
        ("NOTHING_RECORDED", -1, "no step since reset, or already learnt from"),
        ("SPOILT", -2, "the trial was too long or too busy for the record"),
        ("IMAGE_SIZE", -3, "not as long as an image of this network"),
        ("IMAGE_FORMAT", -4, "not an image, or of another format version"),
        ("IMAGE_PLAN", -5, "an image of another network or plan"),
        ("IMAGE_DAMAGED", -6, "the checksum is wrong"),
        ("UPDATING", -7, "pieces of an update are left"),
        ("MORE", 1, "pieces of an update are left to do"),
      ]
    }
    text.add("typedef enum \(p)_status {")
    for (index, status) in statuses.enumerated() {
      let left = "    \(P)_\(status.0) = \(status.1)\(index + 1 < statuses.count ? "," : "")"
      text.add(left + String(repeating: " ", count: max(1, 44 - left.count)) + "/* \(status.2) */")
    }
    text.add("} \(p)_status;")
  }

  mutating func emitPrototypes() {
    func declare(_ contract: String, _ prototype: String) {
      text.gap()
      text.comment(contract)
      text.add(prototype + ";")
    }
    declare(
      plan.learning == nil
        ? "Makes a network ready for its first step." : "Makes a network with the weights that it was compiled with.",
      "void \(p)_init(\(net) *net)")
    declare(
      "Begins a trial: potentials, readouts and the record are cleared\(plan.learning == nil ? "." : "; weights are kept.")",
      "void \(p)_reset(\(net) *net)")
    declare(stepContract(), "void \(p)_step(\(net) *net, \(inputParameters))")
    declare(
      "The readouts after the last step, \(P)_OUTPUTS of them, each an integer times 2^-\(plan.readout.fractionBits).",
      "const int32_t *\(p)_readout(const \(net) *net)")
    declare(
      "The membrane potential of neuron j after the last step and any reset; a threshold is \(thresholds()).",
      "int16_t \(p)_potential(const \(net) *net, uint16_t j)")
    guard let learning = plan.learning else { return }
    let target =
      learning.loss == .squaredError
      ? "the readouts wanted, in their format" : "the probabilities wanted, times 32768 (one-hot: 32768 for the class)"
    declare(
      "Says what the readouts should have been after the last step: \(target). NULL (or no call): this step does not count. "
        + "Costs O(outputs); all learning is in \(p)_update.",
      "void \(p)_learn(\(net) *net, const int32_t *target)")
    declareUpdate()
    declare(
      "Writes what was learnt (\(P)_IMAGE_BYTES bytes)\(plan.isStream ? "" : "; call it between trials"). \(P)_UPDATING: pieces of an update are left, nothing is "
        + "written.",
      "\(p)_status \(p)_save(const \(net) *net, uint8_t *image)")
    declare(
      "Takes up where an image was saved, bit for bit, and begins a trial. A truncated, foreign or damaged image is refused and changes "
        + "nothing.",
      "\(p)_status \(p)_load(\(net) *net, const uint8_t *image, uint32_t size)")
  }

  private func thresholds() -> String {
    let values = plan.populations.flatMap { population in (0..<population.count).map { population.threshold[$0] } }
    let (least, greatest) = (values.min() ?? 0, values.max() ?? 0)
    return least == greatest ? "\(least)" : "between \(least) and \(greatest)"
  }

  private mutating func declareUpdate() {
    func declare(_ contract: String, _ prototype: String) {
      text.gap()
      text.comment(contract)
      text.add(prototype + ";")
    }
    declare(
      plan.isStream
        ? "Learns from the steps since the last block, without waiting until there are \(P)_BLOCK of them; the stream goes on. Nobody needs to call it. "
          + "\(P)_NOTHING_RECORDED: there were none. \(P)_SPOILT: there were more events than the record holds, so the block was dropped, and counted in skipped."
        : "Ends the trial and learns from it. \(P)_NOTHING_RECORDED: there was none. \(P)_SPOILT: it was too long or had more events than "
          + "the record holds, so it was skipped, and counted in skipped. Until the next reset, steps only infer.",
      "\(p)_status \(p)_update(\(net) *net)")
    declare(
      "The same in pieces, so that no call takes long: \(p)_update_begin says what \(p)_update would, and leaves all work to \(p)_update_slice, which does up to `budget` "
        + "pieces: \(P)_OK when none is left, else \(P)_MORE. A piece is a backward sweep\(replays ? ", a replay" : "") or the columns of one projection, for \(P)_TILE neurons. However "
        + "it is cut, the same is learnt, bit for bit. "
        + betweenSlices,
      "\(p)_status \(p)_update_begin(\(net) *net)")
    text.add("\(p)_status \(p)_update_slice(\(net) *net, uint16_t budget);")
  }

  /// What the other functions do while pieces are left.
  private var betweenSlices: String {
    let blocks =
      plan.hasBlocks
      ? "When \(P)_BLOCK steps are recorded, \(p)_update_slice learns from them without \(p)_update_begin: called often between two steps, it leaves nothing of it to "
        + "the next \(p)_step, which otherwise does what is left. (A block that has been begun is learnt from even if a reset follows.) "
      : ""
    let steps =
      plan.isStream
      ? ""
      : "Between the pieces after \(p)_update_begin the network may step: it infers, with weights of which some are old and some new, and nothing is recorded. "
    return blocks + steps
      + "\(p)_reset first does what is left; \(p)_save is refused; \(p)_load drops it; \(p)_learn does nothing."
  }

  func stepContract() -> String {
    let input =
      plan.inputs.kind == .spikes
      ? "The inputs that spike now are listed, each once, in any order; numbers from \(P)_INPUTS on are ignored."
      : "There is a value for each of the \(P)_INPUTS inputs."
        + (plan.holdsInputs
          ? " They are taken, and stay, where the steps since \(p)_reset are a multiple of \(P)_HOLD; the values of other steps are ignored."
          : "")
    return "One time step of \(plan.timeStep) ms. \(input)"
  }
}
