import CSyntax
import Planning

/// The blocks of a trial or stream: how one ends and the next begins.
extension Emitter {
  /// Steps that the record holds.
  var recordRows: String {
    plan.learning.map { $0.windowSteps > 0 ? "(\(P)_BLOCK + \(P)_WINDOW)" : "\(P)_BLOCK" } ?? ""
  }
  /// Those of earlier blocks among the recorded steps.
  var recordedBefore: String { isWindowed ? "net->kept" : "0U" }
  var isWindowed: Bool { (plan.learning?.windowSteps ?? 0) > 0 }

  mutating func emitRenumber() {
    text.function(
      "Steps from now until step t; 0 if that is in the past.",
      "static uint16_t steps_until(const \(net) *net, uint16_t t)",
      "return t > net->t ? (uint16_t)(t - net->t) : (uint16_t)0;")
    text.function(
      "Numbers the steps from 0 again, so that 16 bits are enough for ever; origin keeps the number of the step that is now 0.",
      "static void renumber(\(net) *net)",
      """
      for (uint16_t j = 0; j < \(P)_NEURONS; j++) {
          net->ready[j] = steps_until(net, net->ready[j]);
      }
      net->origin += net->t;
      net->t = 0;
      """)
  }

  mutating func emitBlocks() {
    guard plan.hasBlocks else { return }
    text.add("\nstatic void finish_block(\(net) *net);")
    text.function(
      "Whether the record has all steps of a block.", "static int block_is_full(const \(net) *net)",
      "return \(isWindowed ? "(uint16_t)(net->recorded - net->kept)" : "net->recorded") == \(P)_BLOCK;")
    if plan.isStream { emitPeriod() }
    if isWindowed { emitKeep() }
    if replays { emitKeepStart() }
    emitEmptyRecord()
    emitStartBlock()
    if plan.isStream { emitDropBlock() }
  }

  private mutating func emitPeriod() {
    guard plan.countsSpikes else { return }
    text.function(
      "Counts spikes anew.", "static void begin_period(\(net) *net)",
      fill("count", plan.neuronCount, with: "0") + "\nnet->period = 0;")
  }

  mutating func emitNoteCounts() {
    guard plan.countsSpikes else { return }
    text.function(
      "The rates of the next \(plan.isStream ? "period" : "trial") are regularised by the spikes of this one.",
      "static void note_counts(\(net) *net)",
      """
      for (uint16_t j = 0; j < \(P)_NEURONS; j++) {
          net->last_count[j] = net->count[j];
      }
      net->last_steps = net->period;
      """)
  }

  /// The state of the neurons at the beginning of a block, from which they are replayed.
  private mutating func emitKeepStart() {
    var lines = """
      for (uint16_t j = 0; j < \(P)_NEURONS; j++) {
          net->start_v[j] = \(p)_potential(net, j);
          net->start_ready[j] = steps_until(net, net->ready[j]);
      }
      """
    for population in plan.populations where population.adaptation != nil {
      lines += """

        for (uint16_t j = 0; j < \(count(population.count)); j++) {
            net->start_raise_\(population.name)[j] = net->raise_\(population.name)[j];
        }
        """
    }
    for population in plan.populations where population.current != nil {
      lines += """

        for (uint16_t j = 0; j < \(count(population.count)); j++) {
            net->start_synaptic_\(population.name)[j] = net->synaptic_\(population.name)[j];
        }
        """
    }
    text.function(
      "Keeps the state from which the block is replayed.", "static void keep_start(\(net) *net)", lines)
  }

  private mutating func emitEmptyRecord() {
    text.function(
      "Empties the record. The spikes of the last step, which are still on their way, begin the next one.",
      "static void empty_record(\(net) *net)",
      """
      uint16_t fired = net->spike_end[\(plan.populations.count - 1)];

      for (uint16_t e = 0; e < fired; e++) {
          net->record[e] = \(narrowed("net->spikes[e]", to: spikeEvent));
      }
      net->record_end[0] = fired;
      net->recorded = 0;\(isWindowed ? "\nnet->kept = 0;" : "")
      net->first = net->origin + net->t;
      """)
  }

  private mutating func emitStartBlock() {
    text.function(
      "Begins a block with the coming step\(isWindowed ? "; the last steps of the record stay in it." : ".")",
      "static void start_block(\(net) *net)",
      """
      \(isWindowed ? "keep_window(net);" : "empty_record(net);")\(plan.isStream ? "\nrenumber(net);" : "")\(replays ? "\nkeep_start(net);" : "")
      net->piece = DO_nothing;
      """)
  }

  private mutating func emitDropBlock() {
    var lines = memory.ram.filter { $0.purpose == .trace }.map(clear)
    if plan.countsSpikes { lines.append("begin_period(net);") }
    text.function(
      "A block that did not fit its record is dropped, and with it what could have got credit from before it.",
      "static void drop_block(\(net) *net)",
      """
      net->skipped++;
      net->spoilt = 0;
      net->recording = 1;
      \(lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n")empty_record(net);
      renumber(net);\(replays ? "\nkeep_start(net);" : "")
      """)
  }

  /// Moves the end of the record to its beginning.
  private mutating func emitKeep() {
    var inputs = ""
    if !plan.recordsInputs {
      // Nothing that learns needs them.
    } else if plan.inputs.kind == .spikes {
      inputs = """
        begin = net->input_end[drop - 1U];
        for (\(offset) e = begin; e < net->input_end[net->recorded - 1U]; e++) {
            net->input_events[e - begin] = net->input_events[e];
        }
        for (uint16_t i = 0; i < keep; i++) {
            net->input_end[i] = (\(offset))(net->input_end[drop + i] - begin);
        }
        """
    } else {
      inputs = """
        for (uint32_t i = 0; i < (uint32_t)keep * \(P)_INPUTS; i++) {
            net->input_values[i] = net->input_values[(uint32_t)drop * \(P)_INPUTS + i];
        }
        """
    }
    let surrogates =
      plan.storesSurrogate
      ? """
      for (uint32_t i = 0; i < (uint32_t)keep * \(surrogateRowBytes)U; i++) {
          net->psi[i] = net->psi[(uint32_t)drop * \(surrogateRowBytes)U + i];
      }
      """ : ""
    text.function(
      "Drops all but the last \(P)_WINDOW steps from the record. What stays may still get credit, from errors to come; its own have given theirs.",
      "static void keep_window(\(net) *net)",
      """
      uint16_t keep = net->recorded < \(P)_WINDOW ? net->recorded : (uint16_t)\(P)_WINDOW;
      uint16_t drop = (uint16_t)(net->recorded - keep);
      \(offset) begin;

      if (drop > 0U) {
      \(indented(inputs, by: 4))
          /* The spikes of the last step that is dropped arrive in the first that is kept. */
          begin = net->record_end[drop - 1U];
          for (\(offset) e = begin; e < net->record_end[net->recorded]; e++) {
              net->record[e - begin] = net->record[e];
          }
          for (uint16_t i = 0; i <= keep; i++) {
              net->record_end[i] = (\(offset))(net->record_end[drop + i] - begin);
          }
      \(indented(surrogates, by: 4))
      }
      for (uint32_t i = 0; i < (uint32_t)keep * \(P)_OUTPUTS; i++) {
          net->error[i] = 0;
      }
      net->first += drop;
      net->kept = keep;
      net->recorded = keep;
      """)
  }
}
