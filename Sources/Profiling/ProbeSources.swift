import CBackend
import Diagnostics
import Foundation
import Planning

/// The C that is compiled in order to be measured.
struct ProbeSources {
  let network: GeneratedNetwork
  let plan: FixedPlan
  let directory: String

  init(_ plan: FixedPlan, in directory: String) {
    network = GeneratedNetwork(plan)
    self.plan = plan
    self.directory = directory
  }

  var generated: String { "\(directory)/\(network.name).c" }
  var declarations: String { "\(directory)/declarations.c" }
  var use: String { "\(directory)/use.c" }
  var includes: [String] { [directory, "\(directory)/include"] }

  func write() throws(Findings) {
    for file in network.files { try write(file.text, to: "\(directory)/\(file.path)") }
    try write(declarationsText, to: declarations)
    try write(useText, to: use)
  }

  /// The network once more, with an instance of the struct and the address of every table, so that none is left out.
  private var declarationsText: String {
    let tables = plan.memory.flash.map { "    \($0.name),\n" }.joined()
    return """
      #include "\(network.name).c"
      #include "platform.h"

      extern \(network.name)_net probe_instance;
      extern const void *const probe_tables[];
      \(network.name)_net probe_instance;
      const void *const probe_tables[] = {
      \(tables)    0};

      int driver_main(void)
      {
          return 0;
      }

      """
  }

  /// The functions that a user calls.
  var functions: [String] {
    let learning = ["learn", "update", "update_begin", "update_slice", "save", "load"]
    let names = ["init", "reset", "step", "readout"] + (plan.learning == nil ? [] : learning)
    return names.map { "\(network.name)_\($0)" }
  }

  /// A program that needs all of the network.
  private var useText: String {
    let list = functions.map { "    (probe_function)\($0),\n" }.joined()
    return """
      #include "platform.h"
      #include "\(network.name).h"

      typedef void (*probe_function)(void);
      static probe_function const volatile probe_functions[] = {
      \(list)};
      static \(network.name)_net probe_network;

      int driver_main(void)
      {
          \(network.name)_init(&probe_network);
          return probe_functions[0] == 0;
      }

      """
  }

  private func write(_ text: String, to path: String) throws(Findings) {
    do {
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    } catch {
      throw Findings(Finding("output.write", at: .init(file: path), "cannot write: \(error.localizedDescription)"))
    }
  }
}
