/// The extents of what online rules see of a network.
public struct OnlineSizes: Sendable, Hashable {
  /// n.
  public var units: Int
  /// How many numbers the state of a unit has: 1 for a leaky tanh unit.
  public var components: Int
  /// m, the columns of W.
  public var columns: Int
  public var outputs: Int
  /// D, the numbers of the whole state.
  public var states: Int { units * components }

  public init(units: Int, components: Int, columns: Int, outputs: Int) {
    (self.units, self.components, self.columns, self.outputs) = (units, components, columns, outputs)
  }
}

/// One step of a recurrent network as online rules see it, whatever its units are:
///
///     s^t = F(s^{t−1}, W â^t),      J^t = ∂s^t/∂s^{t−1},      M̄^t_{k,ij} = ∂s^t_k/∂W_ij|_{s^{t−1}} = d_k â_j
///     q^t = ∂L^t/∂s^t
///
/// M̄ is 0 unless k belongs to unit i. The state has D = c n numbers, component after component: number k belongs to unit
/// k mod n.
///
/// Source: Marschall, Cho and Savin, "A unified framework of online learning algorithms for training recurrent neural
/// networks", JMLR 21, 2020, section 3, where c = 1.
open class OnlineCell {
  public let sizes: OnlineSizes
  public let units: Int
  public let components: Int
  public let states: Int
  public let columns: Int
  public let outputs: Int
  /// â^t, m numbers.
  public let hat: Buffer
  /// s^t, D numbers, and a 1 behind them.
  public let state: Buffer
  /// s^{t−1}.
  public let previousState: Buffer
  /// d^t, D numbers.
  public let immediate: Buffer
  /// q^t, D numbers.
  public let signal: Buffer
  /// y*^t and y*^{t−1}; before the first step the first target.
  public let target: Buffer
  public let previousTarget: Buffer
  private lazy var jacobian = Buffer(states * states)
  private var jacobianIsCurrent = false

  public init(_ sizes: OnlineSizes) {
    self.sizes = sizes
    (units, components, states) = (sizes.units, sizes.components, sizes.states)
    (columns, outputs) = (sizes.columns, sizes.outputs)
    (hat, state, previousState) = (Buffer(columns), Buffer(states + 1), Buffer(states))
    state.base[states] = 1
    (immediate, signal) = (Buffer(states), Buffer(states))
    (target, previousTarget) = (Buffer(outputs), Buffer(outputs))
  }

  /// Fills Jᵀ of the present step, [from × to].
  open func fillTransposedJacobian(_ matrix: UnsafeMutablePointer<Double>) {}

  /// Fills the J, [to × from], that a rule which learns it starts with.
  open func fillInitialJacobian(_ matrix: UnsafeMutablePointer<Double>) {}

  /// Jᵀ, [from × to], formed once a step.
  public final var transposedJacobian: UnsafeMutablePointer<Double> {
    if !jacobianIsCurrent {
      fillTransposedJacobian(jacobian.base)
      jacobianIsCurrent = true
    }
    return jacobian.base
  }

  /// To be called when a step has been made: J is formed anew when it is next asked for.
  public final func forgetJacobian() { jacobianIsCurrent = false }

  /// Whether no weight influences the state at this step alone: M̄ = 0.
  final var isWithoutInfluence: Bool {
    Kernels.norm(hat.base, count: columns) == 0 || Kernels.norm(immediate.base, count: states) == 0
  }
}
