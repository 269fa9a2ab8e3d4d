package import Records

/// Schemas and rows at random, with the values that go wrong first.
extension Schema {
  private static let types: [ColumnType] = [
    .int64, .float64, .bool, .timestamp, .decimal(scale: 0), .decimal(scale: 2), .decimal(scale: 18), .string,
  ]

  /// A column of every type, once nullable and once not.
  package static let ofEveryType = Schema(
    types.flatMap { [Field("\($0)", $0), Field("\($0)?", $0, nullable: true)] }
  )

  /// Up to `most` columns of any type.
  package static func random(upTo most: Int, _ random: inout SeededRandom) -> Schema {
    Schema(
      (0..<Int.random(in: 1...most, using: &random)).map {
        Field("c\($0)", types.randomElement(using: &random) ?? .int64, nullable: random.chance(oneIn: 2))
      }
    )
  }
}

extension Value {
  private static let integers: [Int64] = [0, 1, -1, .min, .max, 1_522_540_800_000_000]
  private static let floats: [Double] = [
    0, -0.0, 1.5, .nan, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
  ]
  private static let texts = [
    "", "a", "Z\u{FC}rich", "\u{1F40C}", "\"quoted\",\n", String(repeating: "long ", count: 30),
  ]

  /// A value for `field`.
  package static func random(of field: Field, _ random: inout SeededRandom) -> Value {
    if field.isNullable, random.chance(oneIn: 3) { return .null }
    let isEdge = random.chance(oneIn: 3)
    switch field.type {
    case .int64, .timestamp, .decimal:
      return .int((isEdge ? integers.randomElement(using: &random) : nil) ?? .random(in: .min ... .max, using: &random))
    case .float64:
      return .float((isEdge ? floats.randomElement(using: &random) : nil) ?? .random(in: -1...1, using: &random))
    case .bool: return .bool(random.chance(oneIn: 2))
    case .string: return .text((isEdge ? texts.randomElement(using: &random) : nil) ?? "\(random.next() % 1000)")
    }
  }
}

extension Row {
  /// `count` rows of `schema` in the order of their positions.
  package static func random(_ schema: Schema, count: Int, _ random: inout SeededRandom) -> [Row] {
    var time = Int64.random(in: -1000...1000, using: &random)
    return (0..<count).map { ordinal in
      time += .random(in: 0...3, using: &random)
      return Row(time: time, ordinal: UInt64(ordinal), values: schema.fields.map { .random(of: $0, &random) })
    }
  }
}

extension Span where Element == UInt8 {
  /// A copy.
  package var array: [UInt8] { indices.map { self[$0] } }
}
