public import Diagnostics
public import Planning

extension TargetProfile {
  /// Every byte in which a plan's account and the object differ, as errors `profile.plan-differs`.
  public func differences(from memory: Memory) -> [Finding] {
    var findings: [Finding] = []
    func compare(_ what: String, plan: Int?, object: Int?) {
      guard plan != object else { return }
      let planned = plan.map { "the plan has \($0) bytes" } ?? "the plan does not have it"
      let found = object.map { "the object \($0)" } ?? "the object does not"
      findings.append(
        Finding(
          "profile.plan-differs", at: .init(path: target), "\(what): \(planned), \(found)",
          help: "the plan's account of memory is wrong; please report this"))
    }
    compare("the network's struct", plan: memory.structBytes, object: structBytes)
    let planned = Dictionary(memory.flash.map { ($0.name, $0.bytes) }) { $0 + $1 }
    for name in Set(planned.keys).union(tables.keys).sorted() {
      compare("the table \(name)", plan: planned[name], object: tables[name])
    }
    for name in unplanned.keys.sorted() { compare("the constant \(name)", plan: nil, object: unplanned[name]) }
    return findings
  }
}
