import Foundation
import Testing
import Toolchains

/// The compiler's stack report, and the deepest chain of calls.
struct StackTests {
  private let text = """
    void outside(int *p);
    int leaf(int x);
    int middle(int x);
    int top(int x);
    int endless(int x);
    int sized(int n);
    __attribute__((noinline)) int leaf(int x) { volatile int a[50]; a[x % 50] = x; return a[0]; }
    __attribute__((noinline)) int middle(int x) { int b[20]; b[0] = x; outside(b); return leaf(b[0]) + b[1]; }
    int top(int x) { return middle(x) + 1; }
    int endless(int x) { int a[4]; a[0] = x; outside(a); return x > 0 ? endless(x - 1) + a[1] + endless(x - 2) : 0; }
    int sized(int n) { int a[n > 0 ? n : 1]; outside(a); return a[0]; }
    """

  @Test func deepestChain() async throws {
    let target = try Target.named("host-gcc", in: targetsFolder)
    guard await isUsable(target) else { return }
    try await withTemporaryFolder { folder in
      try write(text, to: "\(folder)/stack.c")
      try write(
        "void outside(int *p);\nvoid outside(int *p) { *p = 1; }\nint main(void) { return 0; }\n",
        to: "\(folder)/main.c")
      let program = try await target.build(
        ProgramSources(freestanding: ["\(folder)/stack.c"], driver: ["\(folder)/main.c"]),
        options: BuildOptions(ownMain: true), into: folder)
      let all = try program.stackUsage()
      let usage = Dictionary(uniqueKeysWithValues: all.map { ($0.function, $0) })
      // x86-64 lets a leaf use 128 bytes under the stack pointer without reserving them.
      let leaf = try #require(usage["leaf"])
      let middle = try #require(usage["middle"])
      let top = try #require(usage["top"])
      #expect(leaf.bytes >= 72 && leaf.kind == .fixed && leaf.deepest == leaf.bytes)
      #expect(middle.deepest == middle.bytes + leaf.bytes)
      #expect(middle.unknownCallees == ["outside"])
      #expect(top.deepest == top.bytes + middle.bytes + leaf.bytes)
      #expect(usage["endless"]?.deepest == nil)
      #expect(usage["sized"]?.kind == .dynamic)
      #expect(leaf.source.hasSuffix("stack.c"))
      // With the driver known, nothing in the chain is unknown.
      let whole = try program.stackUsage(of: [.freestanding, .driver])
      #expect(whole.first { $0.function == "middle" }?.unknownCallees == [])
    }
  }
}
