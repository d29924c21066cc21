import CSyntax
import Planning

extension Emitter {
  mutating func emitRecord() {
    text.section("The record of a block")
    if plan.isCarried {
      text.add("static void process_block(\(net) *net);")
      if case .blocks? = plan.learning?.updateTime { text.add("static void apply_sums(\(net) *net);") }
    }
    if plan.storesSurrogate {
      text.function(
        "Where the surrogate derivatives of the last step are.",
        "static uint32_t last_row(const \(net) *net)",
        "return net->recorded == 0U ? 0U : net->recorded - 1U;")
    }
    text.function(
      "The trial can no longer be learnt from; the network goes on inferring.",
      "static void spoil(\(net) *net)",
      "net->recording = 0;\nnet->spoilt = 1;")
    if plan.isCarried {
      text.function(
        "Empties the record. The spikes of the last step, which are still on their way, begin the next one.",
        "static void start_block(\(net) *net)",
        """
        uint16_t fired = net->spike_end[\(plan.populations.count - 1)];

        for (uint16_t e = 0; e < fired; e++) {
            net->record[e] = \(narrowed("net->spikes[e]", to: spikeEvent));
        }
        net->record_end[0] = fired;
        net->recorded = 0;
        """)
    }
    emitBeginRecord()
    emitEndRecord()
  }

  /// The lines after a block that may be the last of several that have an update together.
  private var blockUpdate: String {
    guard plan.accumulates, case .blocks(let blocks)? = plan.learning?.updateTime else { return "" }
    return """
      net->pending++;
      if (net->pending == \(count(blocks))) {
          apply_sums(net);
          net->pending = 0;
      }

      """
  }

  mutating func emitBeginRecord() {
    var body = """
      uint16_t row;

      if (net->recording == 0U) {
          return;
      }
      if (net->t >= \(P)_STEPS) {
          spoil(net);
          return;
      }
      """
    if plan.isCarried {
      body += """

        if (net->recorded == \(P)_BLOCK) {
            process_block(net);
        \(indented(blockUpdate, by: 4))    start_block(net);
        }
        """
    }
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
      body += """
        for (uint16_t i = 0; i < \(P)_INPUTS; i++) {
            net->input_values[(uint32_t)row * \(P)_INPUTS + i] = values[i];
        }

        """
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
        + (plan.isCarried ? "; a whole block is learnt from first." : "."),
      "static void begin_record(\(net) *net\(plan.recordsInputs ? ", " + inputParameters : ""))", body)
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
      \(plan.countsEvents ? "net->record_count[net->recorded - 1U] = (uint8_t)fired;\nnet->record_total = end;" : "net->record_end[net->recorded] = end;")
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
    let indent = String(repeating: " ", count: "static void \(name)(".count)
    text.function(
      """
      Sorts events by source: the steps at which source s has events become times[start[s]] ... times[start[s + 1] - 1], \
      ascending. Step g of the record has events[end[g - 1]] ... events[end[g] - 1].
      """,
      """
      static void \(name)(const \(type) *events, const \(offset) *end, uint16_t steps,
      \(indent)\(offset) *start, uint16_t sources, uint16_t *times)
      """,
      """
      \(offset) total = end[steps - 1U];
      \(offset) e = total;

      for (uint16_t s = 0; s <= sources; s++) {
          start[s] = 0;
      }
      for (\(offset) i = 0; i < total; i++) {
          start[events[i]]++;
      }
      for (uint16_t s = 1; s <= sources; s++) {
          start[s] = (\(offset))(start[s] + start[s - 1U]);
      }
      /* Backwards: each source's end moves down to its beginning. */
      for (uint16_t g = steps; g-- > 0U;) {
          \(offset) begin = g == 0U ? 0U : end[g - 1U];
          while (e > begin) {
              e--;
              start[events[e]]--;
              times[start[events[e]]] = g;
          }
      }
      """)
  }
}
