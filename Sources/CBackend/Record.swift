import CSyntax
import Planning

extension Emitter {
  mutating func emitRecord() {
    text.section("The pieces of an update")
    emitPieceNames()
    text.section("The record of a block")
    emitPacking()
    text.function(
      "The trial can no longer be learnt from; the network goes on inferring.",
      "static void spoil(\(net) *net)",
      "net->recording = 0;\nnet->spoilt = 1;")
    emitBlocks()
    emitBeginRecord()
    emitEndRecord()
  }

  mutating func emitBeginRecord() {
    var body = "uint16_t row;\n\n" + beginningOfStep
    body += "\nrow = net->recorded;\n"
    if !plan.recordsInputs {
      // Nothing that learns needs them.
    } else if plan.inputs.kind == .spikes {
      body += """
        \(offset) end = \(plan.countsEvents ? "net->input_total" : "row == 0U ? 0U : net->input_end[row - 1U]");
        for (uint16_t e = 0; e < count; e++) {
            if (spikes[e] < \(P)_INPUTS) {
                if (end == \(P)_INPUT_CAPACITY) {
                    spoil(net);
                    return;
                }
                net->input_events[end] = \(narrowed("spikes[e]", to: inputEvent));
                end++;
            }
        }
        \(plan.countsEvents ? "net->input_count[row] = (uint8_t)(end - net->input_total);\nnet->input_total = end;" : "net->input_end[row] = end;")

        """
    } else {
      let note = """
        for (uint16_t i = 0; i < \(P)_INPUTS; i++) {
            \(inputValues(of: "row")) = values[i];
        }
        """
      body +=
        plan.holdsInputs ? "if (net->phase == 0U) {\n\(indented(note, by: 4))\n}\n" : note + "\n"
    }
    body += """
      for (uint16_t k = 0; k < \(P)_OUTPUTS; k++) {
          net->error[(uint32_t)row * \(P)_OUTPUTS + k] = 0;
      }
      net->recorded = (uint16_t)(row + 1U);
      """
    text.function(
      (plan.recordsInputs
        ? "Notes the input of the step that begins. When the record is full the trial is spoilt"
        : "Makes room for the step that begins; its input is not needed. A trial that is too long is spoilt")
        + (plan.hasBlocks ? "; a whole block is learnt from first." : "."),
      "static void begin_record(\(net) *net\(plan.recordsInputs ? ", " + inputParameters : ""))", body)
  }

  /// What comes before a step is noted: the end of a block, and of a trial.
  private var beginningOfStep: String {
    if plan.isStream {
      return """
        if (net->recording == 0U) {
            if (net->t < \(P)_BLOCK) {
                return;
            }
            drop_block(net);
        } else if (net->piece != DO_nothing || block_is_full(net)) {
            finish_block(net);
            start_block(net);
        }
        """
    }
    let block =
      plan.hasBlocks
      ? """

      if (net->piece != DO_nothing || block_is_full(net)) {
          finish_block(net);
          start_block(net);
      }
      """ : ""
    return """
      if (net->recording == 0U) {
          return;
      }\(block)
      if (net->t >= \(P)_STEPS) {
          spoil(net);
          return;
      }
      """
  }

  mutating func emitEndRecord() {
    text.function(
      "Notes the spikes of the step that ends.",
      "static void end_record(\(net) *net)",
      """
      \(offset) end;
      uint16_t fired = net->spike_end[\(plan.populations.count - 1)];

      if (net->recording == 0U) {
          return;
      }
      end = \(plan.countsEvents ? "net->record_total" : "net->record_end[net->recorded - 1U]");
      if (fired > \(P)_SPIKE_CAPACITY - end) {
          spoil(net);
          return;
      }
      for (uint16_t e = 0; e < fired; e++) {
          net->record[end] = \(narrowed("net->spikes[e]", to: spikeEvent));
          end++;
      \(plan.countsSpikes ? "    net->count[net->spikes[e]]++;\n" : "")}
      \(plan.countsEvents ? "net->record_count[net->recorded - 1U] = (uint8_t)fired;\nnet->record_total = end;" : "net->record_end[net->recorded] = end;")\(plan.countsSpikes ? "\nnet->period++;" : "")\(packsSurrogates ? "\npack_psi(net);" : "")
      """)
  }

  /// Records sorted by source, for the gather.
  mutating func emitSort() {
    emitSort("sort_by_source", of: spikeEvent)
    if inputSort != "sort_by_source" && plan.sortsInputs {
      emitSort(inputSort, of: inputEvent)
    }
  }

  /// The function that sorts input events: that for spikes, where both are numbers of one width.
  var inputSort: String { inputEvent == spikeEvent ? "sort_by_source" : "sort_inputs_by_source" }

  private mutating func emitSort(_ name: String, of type: String) {
    let indent = String(repeating: " ", count: "static EPROP_APART void \(name)(".count)
    text.function(
      """
      Sorts events by source: the steps at which source s has events become times[start[s]] ... times[start[s + 1] - 1], \
      ascending. Step g of the record has events[end[g - 1]] ... events[end[g] - 1].
      """,
      """
      static EPROP_APART void \(name)(const \(type) *events, const \(offset) *end, uint16_t steps,
      \(indent)\(offset) *start, uint16_t sources, uint16_t *times)
      """,
      """
      const \(type) *event = events + end[steps - 1U];
      uint32_t sum = 0;

      for (uint16_t s = 0; s <= sources; s++) {
          start[s] = 0;
      }
      for (const \(type) *e = events; e != event; e++) {
          start[*e]++;
      }
      for (uint16_t s = 0; s <= sources; s++) {
          sum += start[s];
          start[s] = (\(offset))sum;
      }
      /* Backwards: each source's end moves down to its beginning. */
      for (uint16_t g = steps; g-- > 0U;) {
          const \(type) *const begin = events + (g == 0U ? 0U : end[g - 1U]);

          while (event != begin) {
              \(offset) *place;
              uint32_t at;

              event--;
              place = &start[*event];
              at = *place - 1U;
              *place = (\(offset))at;
              times[at] = g;
          }
      }
      """)
  }
}
