public import Planning

/// What the compiler of a target made of a plan's C.
public struct TargetProfile: Sendable, Hashable {
  /// One function of the generated C, as it stands in the object: what the compiler inlined is in its callers.
  public struct Function: Sendable, Hashable {
    public let name: String
    /// Whether it is one of those that a user calls.
    public let isPublic: Bool
    public let bytes: Int
    /// The stack of the function alone; nil where the compiler does not report it.
    public let stack: Int?
    /// The stack of the deepest chain of calls from here; nil where the compiler reports no calls.
    public let deepestStack: Int?
  }

  public let target: String
  public let core: String
  /// As the compiler gives it.
  public let compiler: String
  public let optimisation: String
  public let kernels: Layout.Kernels

  /// sizeof the network's struct.
  public let structBytes: Int
  /// Bytes of each constant table, as declared. The object can have fewer: compilers turn tiny tables into code.
  public let tables: [String: Int]
  /// Constants with a name of the generated C that are no tables of the plan.
  public let unplanned: [String: Int]

  /// Bytes of code of the generated C.
  public let codeBytes: Int
  /// Bytes of constants in its object: the tables, and what the compiler added.
  public let constantBytes: Int
  public let functions: [Function]
  /// Functions outside the generated C that the deepest chains call; their stack is not in them.
  public let unknownCallees: [String]
  /// What linking a program with the network showed; nil where it could not be linked.
  public let image: Image?
  /// The linker's complaint where it could not.
  public let linkFailure: String?

  /// What only a linked program shows.
  public struct Image: Sendable, Hashable {
    /// Functions of the compiler's library that the network needs, such as a 64-bit division.
    public let helpers: [String: Int]
    /// Bytes of constants that the machine keeps in RAM, because it cannot read flash as data.
    public let constantBytesInRAM: Int

    public var helperBytes: Int { helpers.values.reduce(0, +) }
  }

  /// Code, constants and library functions, in bytes.
  public var flashBytes: Int { codeBytes + constantBytes + (image?.helperBytes ?? 0) }
  /// The struct, and the constants of a machine that keeps them in RAM. The stack is not among them.
  public var ramBytes: Int { structBytes + (image?.constantBytesInRAM ?? 0) }
  /// The stack of the deepest chain of calls from a function that a user calls; nil where the compiler reports none.
  public var deepestStack: Int? { functions.filter(\.isPublic).compactMap(\.deepestStack).max() }
  /// The largest stack of one function.
  public var largestFrame: Int? { functions.compactMap(\.stack).max() }
}
