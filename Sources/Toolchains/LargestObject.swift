extension Target {
  /// The id of the finding for a program that its linker has no room for.
  public static let overflow = "build.overflow"

  /// The first of some objects (named, with their bytes) that is larger than C on this machine can have one.
  public func tooLarge(_ objects: [(what: String, bytes: Int)]) -> (what: String, bytes: Int)? {
    guard model.pointerBits < 64 else { return nil }
    return objects.first { $0.bytes >= 1 << (model.pointerBits - 1) }
  }

  /// The bytes by which a network of `structBytes` is too large for the RAM of this machine; nil where it fits.
  public func excess(of structBytes: Int) -> Int? {
    ramBytes.flatMap { structBytes > $0 ? structBytes - $0 : nil }
  }
}
