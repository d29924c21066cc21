import Diagnostics

/// Takes the fields of one JSON object by name and type, and says which are unknown, missing or of another type.
struct ObjectReader {
  /// How many objects an array may hold: the rules compare every projection with every population.
  static let maximumObjects = 4096

  let location: Finding.Location
  private let members: [JSONValue.Member]
  private let file: String?
  private let path: JSONPath
  private let sink: FindingSink

  /// nil, with a finding, unless the value is an object.
  init?(_ value: JSONValue, file: String?, path: JSONPath, fields: [String], sink: FindingSink) {
    location = value.position.location(file: file, path: path)
    self.file = file
    self.path = path
    self.sink = sink
    guard case .object(let members) = value.kind else {
      sink.add(Finding("description.type", at: location, "expected an object, but found \(value.kindName)"))
      return nil
    }
    self.members = members
    for member in members where !fields.contains(member.name) {
      let place = member.position.location(file: file, path: path.member(member.name))
      sink.add(
        Finding(
          "description.field.unknown", at: place, "unknown field \(Quoted.text(member.name))",
          help: Nearest.help(for: member.name, among: fields)))
    }
  }

  /// Whether there is such a field, whatever it holds.
  func has(_ name: String) -> Bool { members.contains { $0.name == name } }

  func string(_ name: String, required: Bool = true) -> Located<String>? {
    take(name, "a string", required: required) { if case .string(let text) = $0.kind { text } else { nil } }
  }

  func bool(_ name: String, required: Bool = true) -> Located<Bool>? {
    take(name, "true or false", required: required) { if case .bool(let value) = $0.kind { value } else { nil } }
  }

  func number(_ name: String, required: Bool = true) -> Located<Double>? {
    take(name, "a number", required: required) { if case .number(let number) = $0.kind { number } else { nil } }
  }

  /// Whole numbers of at most 2⁵³, which a double holds exactly.
  func integer(_ name: String, required: Bool = true) -> Located<Int>? {
    take(name, "a whole number", required: required) { value in
      guard case .number(let number) = value.kind, let integer = Int(exactly: number), integer.magnitude <= 1 << 53
      else { return nil }
      return integer
    }
  }

  /// Numbers nested `depth` deep.
  func numbers(_ name: String, depth: Int, required: Bool = true) -> Located<NetworkDescription.Numbers>? {
    let expected = depth == 1 ? "an array of numbers" : "rows of numbers, all of one length"
    return take(name, expected, required: required) { NetworkDescription.Numbers($0, depth: depth) }
  }

  /// The name of a tensor, or numbers nested `depth` deep.
  func array(_ name: String, depth: Int, required: Bool = true) -> Located<NetworkDescription.Array>? {
    let expected = "the name of a tensor or " + (depth == 1 ? "an array of numbers" : "rows of numbers of one length")
    return take(name, expected, required: required) { value in
      if case .string(let tensor) = value.kind { return .tensor(tensor) }
      return NetworkDescription.Numbers(value, depth: depth).map { .inline($0) }
    }
  }

  /// A number, or an array as `array` reads it.
  func values(_ name: String, required: Bool = true) -> Located<NetworkDescription.Values>? {
    let expected = "a number, an array of numbers or the name of a tensor"
    return take(name, expected, required: required) { value in
      switch value.kind {
      case .number(let number): .common(number)
      case .string(let tensor): .each(.tensor(tensor))
      default: NetworkDescription.Numbers(value, depth: 1).map { .each(.inline($0)) }
      }
    }
  }

  func object(_ name: String, fields: [String], required: Bool = true) -> ObjectReader? {
    guard let value = take(name, "an object", required: required, { $0 })?.value else { return nil }
    return ObjectReader(value, file: file, path: path.member(name), fields: fields, sink: sink)
  }

  /// The readers of the objects in an array, those that are none left out.
  func objects(_ name: String, fields: [String]) -> Located<[ObjectReader]>? {
    let elements = take(name, "an array of objects", required: true) {
      if case .array(let elements) = $0.kind { elements } else { nil }
    }
    guard let elements else { return nil }
    guard elements.value.count <= Self.maximumObjects else {
      let message = "expected at most \(Self.maximumObjects) elements, but found \(elements.value.count)"
      sink.add(Finding("description.limit", at: elements.location, message))
      return nil
    }
    let readers = elements.value.enumerated().compactMap { index, value in
      ObjectReader(value, file: file, path: path.member(name).element(index), fields: fields, sink: sink)
    }
    return Located(readers, at: elements.location)
  }

  /// A finding about a field.
  func report(_ id: String, at location: Finding.Location, _ message: String) {
    sink.add(Finding(id, at: location, message))
  }

  /// The value itself, whatever it is.
  func value(_ name: String, required: Bool = true) -> JSONValue? {
    take(name, "a value", required: required) { $0 }?.value
  }

  private func take<Value>(
    _ name: String, _ expected: String, required: Bool, _ convert: (JSONValue) -> Value?
  ) -> Located<Value>? {
    guard let member = members.first(where: { $0.name == name }) else {
      if required {
        let message = "the field \(Quoted.text(name)) is missing: expected \(expected)"
        sink.add(Finding("description.field.missing", at: location.member(name), message))
      }
      return nil
    }
    let place = member.value.position.location(file: file, path: path.member(name))
    guard let value = convert(member.value) else {
      sink.add(Finding("description.type", at: place, "expected \(expected), but found \(describe(member.value))"))
      return nil
    }
    return Located(value, at: place)
  }

  private func describe(_ value: JSONValue) -> String {
    switch value.kind {
    case .number(let number): "\(number)"
    case .string(let text): Quoted.text(text)
    case .array: "another array"
    default: value.kindName
    }
  }
}

/// Gathers findings from readers that are values.
final class FindingSink {
  private(set) var findings: [Finding] = []
  func add(_ finding: Finding) { findings.append(finding) }
}

extension NetworkDescription.Numbers {
  /// nil unless the value is numbers nested exactly `depth` (1 or 2) deep, with rows of one length.
  init?(_ value: JSONValue, depth: Int) {
    guard case .array(let elements) = value.kind else { return nil }
    if depth == 1 {
      var values: [Double] = []
      for element in elements {
        guard case .number(let number) = element.kind else { return nil }
        values.append(number)
      }
      self.init(shape: [elements.count], values: values)
    } else {
      var rows: [[Double]] = []
      for element in elements {
        guard let row = Self(element, depth: 1), row.values.count == rows.first?.count ?? row.values.count else {
          return nil
        }
        rows.append(row.values)
      }
      self.init(shape: [rows.count, rows.first?.count ?? 0], values: rows.flatMap { $0 })
    }
  }
}
