import Records
import TestSupport
import Testing

/// Streams at random for features of every type.
enum NaiveStream {
  /// What a stream is made of.
  struct Shape: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let keys: Int64
    /// One row in so many belongs to key 0, whatever the others do; 0: none.
    var hotKey = 0
    /// Times go on by 0 to `step` microseconds; small steps make ties, and rows exactly on edges.
    let step: Int64
    /// One row in so many comes after a gap longer than any window; 0: none.
    var gaps = 0
    var textKeys = false
    var nulls = false
    /// Whether there are floats at the ends of what there is, negative zeros, and places that are none.
    var extremes = false
    /// How many values a column has, of which some come often: few make runs of equal ones.
    var values: Int64 = 1000
  }

  static let shapes = [
    Shape(testDescription: "few keys, ties and rows on the edges", keys: 3, step: 1, values: 5),
    Shape(testDescription: "many rows of one moment", keys: 2, step: 0),
    Shape(testDescription: "one hot key, nulls", keys: 50, hotKey: 2, step: 2, nulls: true),
    Shape(testDescription: "keys seen once", keys: 1_000_000_000, step: 1),
    Shape(testDescription: "gaps longer than any window", keys: 4, step: 2, gaps: 20, nulls: true, values: 8),
    Shape(testDescription: "text keys and nulls", keys: 20, step: 2, textKeys: true, nulls: true, values: 3),
    Shape(testDescription: "text keys seen once", keys: 1_000_000_000, step: 1, textKeys: true),
    Shape(testDescription: "one key, long steps", keys: 1, step: 12, gaps: 50, values: 20),
    Shape(testDescription: "extremes", keys: 3, step: 2, gaps: 50, extremes: true, values: 6),
  ]

  /// Of a stream whose keys are numbers and whose values are there.
  static let fields = [
    Field("key", .int64), Field("amount", .decimal(scale: 2)), Field("label", .int64), Field("flag", .bool),
    Field("large", .int64), Field("word", .string), Field("ratio", .float64), Field("seen", .timestamp),
    Field("latitude", .float64), Field("longitude", .decimal(scale: 6)),
  ]
  static let latitude = 8
  static let longitude = 9

  static func schema(_ shape: Shape) -> Schema {
    Schema(
      fields.enumerated().map { index, field in
        if index == 0 { return Field("key", shape.textKeys ? .string : .int64) }
        // `label` is never null, so that not all columns are alike.
        return Field(field.name, field.type, nullable: shape.nulls && field.name != "label")
      }
    )
  }

  static func rows(_ shape: Shape, count: Int, _ random: inout SeededRandom) -> [Row] {
    var time = Int64.random(in: -1000...1000, using: &random)
    let fields = schema(shape).fields
    return (0..<count).map { ordinal in
      time += shape.gaps > 0 && random.chance(oneIn: shape.gaps) ? 200 : .random(in: 0...shape.step, using: &random)
      let isHot = shape.hotKey > 0 && random.chance(oneIn: shape.hotKey)
      let key = isHot ? 0 : Int64.random(in: 0..<shape.keys, using: &random)
      var values = [shape.textKeys ? text(key) : .int(key)]
      for field in fields.dropFirst() {
        let value = value(of: field, shape, &random)
        values.append(field.isNullable && random.chance(oneIn: 3) ? .null : value)
      }
      return Row(time: time, ordinal: UInt64(ordinal), values: values)
    }
  }

  /// Texts of many lengths, some of which share their beginnings.
  private static func text(_ number: Int64) -> Value {
    .text(String(repeating: "k", count: Int(number % 40)) + "\(number)")
  }

  private static let floats: [Double] = [
    -0.0, 0, .greatestFiniteMagnitude, -1e308, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
  ]

  private static func value(of field: Field, _ shape: Shape, _ random: inout SeededRandom) -> Value {
    // The lower of two: small numbers come more often.
    let number = min(Int64.random(in: 0..<shape.values, using: &random), .random(in: 0..<shape.values, using: &random))
    switch field.name {
    case "amount": return .int(number * 4999 % 100_000 - 30_000)
    case "label": return .int(random.chance(oneIn: 4) ? 1 : 0)
    case "flag": return .bool(random.chance(oneIn: 2))
    case "large": return .int([.min, .max, 0, 1][Int(number % 4)])
    case "word": return random.chance(oneIn: 9) ? .text("") : text(number)
    case "ratio" where shape.extremes && random.chance(oneIn: 3):
      return .float(floats[Int(number % 6)])
    case "latitude" where shape.extremes && random.chance(oneIn: 5):
      return .float([90, -90, 90.5, 1e300][Int(number % 4)])
    case "ratio": return .float(Double(number) / 7 - 3)
    case "seen": return .int(1_522_540_800_000_000 + number)
    case "latitude": return .float(Double(number % 160) - 79.5)
    default: return .int((number % 350) * 1_000_000 - 174_500_000)
    }
  }
}
