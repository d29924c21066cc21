public import Planning
public import Toolchains

extension Layout.Kernels {
  /// The fastest kernels that a target can run.
  public init(of target: Target) {
    switch target.kernels {
    case .portable: self = .portable
    case .armv7em: self = .armv7em
    }
  }
}
