/// What stands under a name in an HDF5 file.
public indirect enum HDF5Object: Sendable, Hashable {
  /// Objects by name, in the order of their names.
  case group([String: HDF5Object])
  case numbers(Numbers)
  case strings(Strings)
  /// Something that is there but is not read.
  case obstacle(Obstacle)

  /// A dataset of numbers. Integers beyond 2⁵³ are rounded.
  public struct Numbers: Sendable, Hashable {
    /// Empty for a single number.
    public var shape: [Int]
    /// Row major.
    public var values: [Double]
    /// Whether the file has integers.
    public var areIntegers: Bool
    /// Numbers that code has made.
    public init(shape: [Int], values: [Double], areIntegers: Bool = false) {
      self.shape = shape
      self.values = values
      self.areIntegers = areIntegers
    }
  }

  /// A dataset of strings.
  public struct Strings: Sendable, Hashable {
    /// Empty for a single string.
    public var shape: [Int]
    /// Row major. What is not UTF-8 is repaired.
    public var values: [String]
    /// Strings that code has made.
    public init(shape: [Int], values: [String]) {
      self.shape = shape
      self.values = values
    }
  }

  /// Why an object is not read.
  public struct Obstacle: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
      /// A link to a path, in this file or in another.
      case softLink = "soft-link"
      case externalLink = "external-link"
      /// A dataset whose bytes are in another file.
      case externalData = "external-data"
      case virtual
      /// A group within itself.
      case cycle
      /// Compressed by a filter that libhdf5 lacks here.
      case filter
      /// Elements that are neither numbers nor strings, or no group and no dataset.
      case type
      case rank
      /// A dataset without any extent.
      case empty
      case damaged
    }
    public var kind: Kind
    /// More about it, from the file; may be empty.
    public var detail: String
    public init(_ kind: Kind, detail: String = "") {
      self.kind = kind
      self.detail = detail
    }
  }
}

extension HDF5Object.Obstacle {
  /// What a message says of it: "… is".
  public var described: String {
    switch kind {
    case .softLink: "a soft link, which is not followed"
    case .externalLink: "a link to another file, which is not followed"
    case .externalData: "a dataset whose bytes are in another file, which is not read"
    case .virtual: "a virtual dataset, whose bytes are elsewhere"
    case .cycle: "a group that contains itself"
    case .filter: "compressed by a filter that is not available here (\(Self.clean(detail)))"
    case .type: "of a type that is neither number, string nor group"
    case .rank: "an array of more than 8 dimensions"
    case .empty: "a dataset without a value"
    case .damaged: "damaged"
    }
  }

  private static func clean(_ text: String) -> String {
    String(text.filter { $0.isLetter || $0.isNumber || $0 == " " })
  }
}
