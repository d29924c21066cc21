import Foundation

extension LearningCase {
  /// What a line is compared with: Adam in double precision on the same seeds.
  public enum Reference: Sendable, Hashable {
    /// With a learning rate that falls linearly to zero.
    case linear
    /// With the schedule of the 2019 paper.
    case paper

    fileprivate var setting: String { self == .linear ? adamLinear : adamPaper }
  }
}

let adamLinear = "Adam, linear to zero"
let adamPaper = "Adam, the paper's schedule"

extension LearningFigures {
  /// A requirement and whether it is met.
  public struct Bar: Sendable, Hashable {
    public var text: String
    public var isMet: Bool
  }

  /// The mean over that of Adam on the same task; nil where that was not run, and for Adam itself.
  public func ratio(to reference: LearningCase.Reference, in all: [LearningFigures]) -> Double? {
    let other = all.first {
      $0.learningCase.work == learningCase.work && $0.learningCase.learner == .float
        && $0.learningCase.setting == reference.setting
    }
    guard learningCase.learner != .float, let other, other.mean > 0 else { return nil }
    return mean / other.mean
  }

  /// What this line must show.
  public func bars(in all: [LearningFigures]) -> [Bar] {
    var bars: [Bar] = []
    if let bar = learningCase.bar { bars.append(Bar(text: "mean ≤ \(bar)", isMet: mean <= bar)) }
    if let bar = learningCase.barOfEach {
      let text = String(format: "each < %g %%", 100 * bar)
      bars.append(Bar(text: text, isMet: results.allSatisfy { $0.value < bar }))
    }
    if let bar = learningCase.barOfRatio, let ratio = ratio(to: .linear, in: all) {
      bars.append(Bar(text: "ratio ≤ \(bar)", isMet: ratio <= bar))
    }
    return bars
  }
}
