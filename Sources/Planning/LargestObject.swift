extension Memory {
  /// The struct and the tables, named, with their bytes: what a machine's pointers must be able to span.
  public var objects: [(what: String, bytes: Int)] {
    [("the struct", structBytes)] + flash.map { ("the table \($0.name)", $0.bytes) }
  }
}
