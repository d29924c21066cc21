public import Diagnostics
import Networks
public import Tasks
import Trials

/// The built-in tasks, as text and as JSON.
public enum TaskList {
  /// A paragraph for each task: its name, what it is, and what a run of it takes.
  public static func text(
    _ tasks: [any BuiltInTask] = BuiltInTasks.all, rates: [any RateTask] = RateTasks.all
  ) -> String {
    var table = Table([.text(""), .text("")])
    func add(_ name: String, _ summary: String, _ needs: String, _ score: TaskScore) {
      table.add([name, summary])
      table.add(["", "needs " + needs])
      table.add(["", "score \(score.rawValue), less is better"])
    }
    for task in tasks { add(task.name, task.summary, task.needs, task.score) }
    for task in rates { add(task.name, task.summary, task.needs, task.score) }
    return table.text
  }

  /// The document that `Format.md` describes.
  public static func json(
    _ tasks: [any BuiltInTask] = BuiltInTasks.all, rates: [any RateTask] = RateTasks.all
  ) -> JSONText {
    .object([
      JSONText.Member("format", .string("epropc-tasks")), JSONText.Member("version", .integer(1)),
      JSONText.Member("tasks", .array(tasks.map(entry) + rates.map(entry))),
    ])
  }

  private static func entry(_ task: any RateTask) -> JSONText {
    let network = task.network(seed: 1)
    return .object([
      JSONText.Member("name", .string(task.name)), JSONText.Member("network", .string("rate")),
      JSONText.Member("summary", .string(task.summary)),
      JSONText.Member("needs", .string(task.needs)), JSONText.Member("score", .string(task.score.rawValue)),
      JSONText.Member("inputs", .integer(network.inputs.count)),
      JSONText.Member("neurons", .integer(network.population.count)),
      JSONText.Member("outputs", .integer(network.readout.count)), JSONText.Member("steps", .integer(task.steps)),
      JSONText.Member("batch", .integer(1)), JSONText.Member("iterations", .integer(task.iterations)),
    ])
  }

  private static func entry(_ task: any BuiltInTask) -> JSONText {
    let network = task.network(seed: 1)
    let steps = task.trials(seed: 1, count: 1).trials[0].steps
    return .object([
      JSONText.Member("name", .string(task.name)), JSONText.Member("network", .string("spiking")),
      JSONText.Member("summary", .string(task.summary)),
      JSONText.Member("needs", .string(task.needs)), JSONText.Member("score", .string(task.score.rawValue)),
      JSONText.Member("inputs", .integer(network.inputs.count)),
      JSONText.Member("neurons", .integer(network.neuronCount)),
      JSONText.Member("outputs", .integer(network.readout.count)), JSONText.Member("steps", .integer(steps)),
      JSONText.Member("batch", .integer(task.batch)), JSONText.Member("iterations", .integer(task.iterations)),
    ])
  }
}
