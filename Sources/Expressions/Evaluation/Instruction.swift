internal import Records

/// One step of a compiled expression: an operation on the results of earlier steps.
struct Instruction: Hashable, Sendable {
  let operation: Operation
  /// The steps whose results it reads; each before it.
  let operands: [Int]
  let result: ValueType
}

/// The type of a step's result.
struct ValueType: Hashable, Sendable {
  let type: ColumnType
  let isNullable: Bool

  init(_ type: ColumnType, nullable: Bool = false) {
    self.type = type
    isNullable = nullable
  }
}

enum Comparison: UInt8, Hashable, Sendable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
}

/// What a step does. A result that does not fit its type, a quotient by zero among them, is null.
enum Operation: Hashable, Sendable {
  case column(Int)
  /// The bits of an `int64`, `float64`, `bool`, `timestamp` or (scaled) `decimal`.
  case literal(Int64, ColumnType)
  case text([UInt8])
  /// An `int64` or `decimal` with more places.
  case rescale(Int)
  case toFloat
  /// Towards zero.
  case toInteger
  case negate, absolute
  case add, subtract, multiply, divide, remainder
  case minimum, maximum
  case compare(Comparison)
  case and, or, not
  case isNull
  /// Operands: condition, value where it is true, value where it is not (or null).
  case choose
  /// The first operand, or where it is null the second.
  case coalesce
  case hour, weekday
  case lower, length, contains, startsWith, endsWith
}

extension Operation {
  /// The type of the result over operands of the given types; nil where the operation has none. Every compiled expression
  /// obeys this, those that come in as bytes too, so the evaluator need not look at types again.
  func result(_ operands: [ValueType], schema: Schema) -> ValueType? {
    let types = operands.map(\.type)
    let isNullable = operands.contains(where: \.isNullable)
    switch (self, types.count) {
    case (.column(let index), 0):
      guard schema.fields.indices.contains(index) else { return nil }
      return ValueType(schema.fields[index].type, nullable: schema.fields[index].isNullable)
    case (.literal(_, let type), 0): return type == .string ? nil : ValueType(type)
    case (.text, 0): return ValueType(.string)
    case (.rescale(let scale), 1):
      guard let old = types[0].places, 0...ColumnType.largestScale ~= scale, scale >= old else { return nil }
      return ValueType(.decimal(scale: scale), nullable: true)
    case (.toFloat, 1): return types[0].isNumber || types[0] == .bool ? ValueType(.float64, nullable: isNullable) : nil
    case (.toInteger, 1):
      return types[0].isNumber || types[0] == .bool
        ? ValueType(.int64, nullable: isNullable || types[0] == .float64) : nil
    case (.negate, 1), (.absolute, 1): return types[0].isNumber ? ValueType(types[0], nullable: true) : nil
    case (.add, 2), (.subtract, 2):
      return types[0] == types[1] && types[0].isNumber ? ValueType(types[0], nullable: true) : nil
    case (.multiply, 2):
      guard let left = types[0].places, let right = types[1].places else {
        return types == [.float64, .float64] ? ValueType(.float64, nullable: true) : nil
      }
      guard left + right <= ColumnType.largestScale else { return nil }
      let isInteger = types == [.int64, .int64]
      return ValueType(isInteger ? .int64 : .decimal(scale: left + right), nullable: true)
    case (.divide, 2): return types == [.float64, .float64] ? ValueType(.float64, nullable: true) : nil
    case (.remainder, 2): return types == [.int64, .int64] ? ValueType(.int64, nullable: true) : nil
    case (.minimum, 2), (.maximum, 2):
      return types[0] == types[1] && (types[0].isNumber || types[0] == .timestamp)
        ? ValueType(types[0], nullable: isNullable) : nil
    case (.compare, 2):
      let comparable = types[0] == types[1] || (types[0].places != nil && types[1].places != nil)
      return comparable ? ValueType(.bool, nullable: isNullable) : nil
    case (.and, 2), (.or, 2): return types == [.bool, .bool] ? ValueType(.bool, nullable: isNullable) : nil
    case (.not, 1): return types == [.bool] ? ValueType(.bool, nullable: isNullable) : nil
    case (.isNull, 1): return ValueType(.bool)
    case (.choose, 3):
      guard types[0] == .bool, types[1] == types[2] else { return nil }
      return ValueType(types[1], nullable: operands[1].isNullable || operands[2].isNullable)
    case (.coalesce, 2):
      return types[0] == types[1] ? ValueType(types[0], nullable: operands[1].isNullable) : nil
    case (.hour, 1), (.weekday, 1): return types == [.timestamp] ? ValueType(.int64, nullable: isNullable) : nil
    case (.lower, 1): return types == [.string] ? ValueType(.string, nullable: isNullable) : nil
    case (.length, 1): return types == [.string] ? ValueType(.int64, nullable: isNullable) : nil
    case (.contains, 2), (.startsWith, 2), (.endsWith, 2):
      return types == [.string, .string] ? ValueType(.bool, nullable: isNullable) : nil
    default: return nil
    }
  }
}

extension ColumnType {
  /// Decimal places of an exact number: 0 for an `int64`; nil for anything else.
  var places: Int? {
    switch self {
    case .int64: 0
    case .decimal(let scale): scale
    default: nil
    }
  }

  var isNumber: Bool { places != nil || self == .float64 }
}
