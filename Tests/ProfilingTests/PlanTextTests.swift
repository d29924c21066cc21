import Planning
import Testing

/// The text of a plan.
@Suite struct PlanTextTests {
  @Test(arguments: Case.all) func textIsStableAndNarrow(_ network: Case) throws {
    let text = try network.plan().text
    #expect(text == (try network.plan().text))
    #expect(text.hasSuffix("\n") && !text.contains("\n\n\n"))
    for line in text.split(separator: "\n") {
      #expect(line.count <= 100 && line.last != " ", "\(line)")
    }
  }

  @Test(arguments: Case.all) func everyFieldIsListed(_ network: Case) throws {
    let plan = try network.plan()
    let lines = plan.text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    for field in plan.memory.ram + plan.memory.flash {
      #expect(lines.contains { $0.first == field.name && $0.count > 2 && $0[2] == String(field.bytes) })
    }
    #expect(plan.text.contains(plan.hashText))
    #expect(plan.text.contains("\(plan.memory.structBytes) bytes"))
  }

  @Test func aChangedWeightChangesTheText() throws {
    var plan = try Case(task: "blink", block: .trial, weightBits: 8).plan()
    let text = plan.text
    plan.projections[0].weights[0] ^= 1
    #expect(plan.text != text)
  }

  @Test func theNamesOfTheNetworkMayBeLong() throws {
    var plan = try Case(task: "blink", block: .trial, weightBits: 8).plan()
    let name = String(repeating: "n", count: 63)
    plan.projections[0].name = name
    for line in plan.text.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    #expect(plan.text.contains("w_\(name)"))
  }
}
