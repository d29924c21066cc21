public import Diagnostics
import Networks
public import Tasks
import Trials

/// The built-in tasks, as text and as JSON.
public enum TaskList {
  /// A paragraph for each task: its name, what it is, and what a run of it takes.
  public static func text(_ tasks: [any BuiltInTask] = BuiltInTasks.all) -> String {
    var table = Table([.text(""), .text("")])
    for task in tasks {
      table.add([task.name, task.summary])
      table.add(["", "needs " + task.needs])
      table.add(["", "score \(task.score.rawValue), less is better"])
    }
    return table.text
  }

  /// The document that `Format.md` describes.
  public static func json(_ tasks: [any BuiltInTask] = BuiltInTasks.all) -> JSONText {
    .object([
      JSONText.Member("format", .string("epropc-tasks")), JSONText.Member("version", .integer(1)),
      JSONText.Member("tasks", .array(tasks.map(entry))),
    ])
  }

  private static func entry(_ task: any BuiltInTask) -> JSONText {
    let network = task.network(seed: 1)
    let steps = task.trials(seed: 1, count: 1).trials[0].steps
    return .object([
      JSONText.Member("name", .string(task.name)), JSONText.Member("summary", .string(task.summary)),
      JSONText.Member("needs", .string(task.needs)), JSONText.Member("score", .string(task.score.rawValue)),
      JSONText.Member("inputs", .integer(network.inputs.count)),
      JSONText.Member("neurons", .integer(network.neuronCount)),
      JSONText.Member("outputs", .integer(network.readout.count)), JSONText.Member("steps", .integer(steps)),
      JSONText.Member("batch", .integer(task.batch)), JSONText.Member("iterations", .integer(task.iterations)),
    ])
  }
}
