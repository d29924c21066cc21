import ArgumentParser
import Reports

/// `epropc tasks`
struct ListTasks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tasks", abstract: "List the built-in tasks, with what each needs.")

  @Flag(help: "As JSON.")
  var json = false

  func run() throws {
    guard json else {
      try Console.standard.say(TaskList.text())
      return
    }
    try Console.standard.write(TaskList.json(), to: "-")
  }
}
