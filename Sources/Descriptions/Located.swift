public import Diagnostics

/// A value and where it stood.
public struct Located<Value> {
  /// The value as it was written.
  public var value: Value
  /// File, line, column and JSON path; for a description that code made only the path.
  public var location: Finding.Location

  /// The value that stood at the location.
  public init(_ value: Value, at location: Finding.Location) {
    self.value = value
    self.location = location
  }
}

extension Located: Sendable where Value: Sendable {}
extension Located: Equatable where Value: Equatable {}
extension Located: Hashable where Value: Hashable {}

extension Finding.Location {
  /// The place of the member `name` that this object lacks or that stands somewhere in it.
  public func member(_ name: String) -> Finding.Location {
    var place = self
    place.path = path.map { $0 + "." + name } ?? name
    return place
  }
}
