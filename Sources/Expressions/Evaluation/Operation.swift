internal import Records

/// What a step does. A result that does not fit its type, a quotient by zero among them, is null.
enum Operation: Hashable, Sendable {
  case column(Int)
  /// The bits of an `int64`, `float64`, `bool`, `timestamp` or (scaled) `decimal`.
  case literal(Int64, ColumnType)
  case text([UInt8])
  /// No value, of the given type.
  case null(ColumnType)
  /// An `int64` or `decimal` with more places.
  case rescale(Int)
  /// The nearest number with so many places, half to even.
  case round(Int)
  case toFloat
  /// Towards zero.
  case toInteger
  /// Whole numbers: the greatest that is not above, the least that is not below, the nearest, half to even.
  case floor, ceiling, nearest
  case negate, absolute, sign
  case add, subtract, multiply, divide, remainder
  case minimum, maximum
  case squareRoot, exponential, logarithm
  /// Operands: a float and a whole exponent.
  case power
  /// Operands: latitude and longitude of two places, in degrees. Kilometres.
  case haversine
  case compare(Comparison)
  case and, or, not
  case isNull
  /// Operands: condition, value where it is true, value where it is not (or null).
  case choose
  /// The first operand, or where it is null the second.
  case coalesce
  case isMember(ValueSet)
  case matches(Pattern)
  /// Operands: a key, and where a key may have several rows the time as of which one is wanted. The number of the row.
  case find(TableKeys)
  /// Operand: the number of a row. The value there, null where there is no such row.
  case fetch(TableColumn)
  /// A part of a timestamp's date or time.
  case part(TimePart)
  /// The timestamp that a clock in the zone shows, taken for UTC.
  case local(TimeZoneRules)
  /// From the first to the second.
  case secondsBetween
  case lower, upper, trim, length, contains, startsWith, endsWith, concatenate
  /// Operands: the text, the first character from 1, how many.
  case substring
  /// The stable hash of a value.
  case hash
  /// Operands: the hash of the values before, one more value.
  case hashNext
  /// Operands: a hash, and how many buckets there are.
  case bucket
}

enum Comparison: UInt8, Hashable, Sendable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
}

enum TimePart: UInt8, Hashable, Sendable {
  case year, month, day, hour, minute, weekday
}

extension Operation {
  /// The type of the result over operands of the given types; nil where the operation has none. Every compiled
  /// expression obeys this, those that come in as bytes too, so that evaluation need not look at types again.
  func result(_ operands: [ValueType], schema: Schema) -> ValueType? {
    let isNullable = operands.contains(where: \.isNullable)
    switch (self, operands.count) {
    case (.column(let index), 0):
      guard schema.fields.indices.contains(index) else { return nil }
      return ValueType(schema.fields[index].type, nullable: schema.fields[index].isNullable)
    case (.literal(_, let type), 0): return type == .string ? nil : ValueType(type)
    case (.text, 0): return ValueType(.string)
    case (.null(let type), 0): return ValueType(type, nullable: true)
    case (_, 1): return result(operands[0].type, isNullable)
    case (_, 2): return result(operands[0], operands[1], isNullable)
    case (.choose, 3):
      guard operands[0].type == .bool, operands[1].type == operands[2].type else { return nil }
      return ValueType(operands[1].type, nullable: operands[1].isNullable || operands[2].isNullable)
    case (.substring, 3):
      return operands.map(\.type) == [.string, .int64, .int64] ? ValueType(.string, nullable: true) : nil
    case (.haversine, 4):
      return operands.allSatisfy { $0.type == .float64 } ? ValueType(.float64, nullable: true) : nil
    default: return nil
    }
  }

  private func result(_ type: ColumnType, _ isNullable: Bool) -> ValueType? {
    switch self {
    case .rescale(let scale):
      guard let old = type.places, 0...ColumnType.largestScale ~= scale, scale >= old else { return nil }
      return ValueType(.decimal(scale: scale), nullable: true)
    case .round(let scale):
      guard type.isNumber, 0...ColumnType.largestScale ~= scale else { return nil }
      return ValueType(.decimal(scale: scale), nullable: true)
    case .toFloat: return type.isNumber || type == .bool ? ValueType(.float64, nullable: isNullable) : nil
    case .toInteger, .floor, .ceiling, .nearest:
      guard type.isNumber || (type == .bool && self == .toInteger) else { return nil }
      return ValueType(.int64, nullable: isNullable || type == .float64)
    case .negate, .absolute: return type.isNumber ? ValueType(type, nullable: true) : nil
    case .sign: return type.isNumber ? ValueType(.int64, nullable: isNullable) : nil
    case .squareRoot, .exponential, .logarithm: return type == .float64 ? ValueType(.float64, nullable: true) : nil
    case .not: return type == .bool ? ValueType(.bool, nullable: isNullable) : nil
    case .isNull: return ValueType(.bool)
    case .isMember(let set): return set.type == type ? ValueType(.bool, nullable: isNullable) : nil
    case .find(let keys):
      return keys.versions == nil && keys.type == type ? ValueType(.int64, nullable: true) : nil
    case .fetch(let column): return type == .int64 ? ValueType(column.type, nullable: true) : nil
    case .matches: return type == .string ? ValueType(.bool, nullable: isNullable) : nil
    case .part: return type == .timestamp ? ValueType(.int64, nullable: isNullable) : nil
    case .local: return type == .timestamp ? ValueType(.timestamp, nullable: isNullable) : nil
    case .lower, .upper, .trim: return type == .string ? ValueType(.string, nullable: isNullable) : nil
    case .length: return type == .string ? ValueType(.int64, nullable: isNullable) : nil
    case .hash: return ValueType(.int64, nullable: isNullable)
    default: return nil
    }
  }

  private func result(_ left: ValueType, _ right: ValueType, _ isNullable: Bool) -> ValueType? {
    let types = (left.type, right.type)
    let isSame = types.0 == types.1
    switch self {
    case .add, .subtract: return isSame && types.0.isNumber ? ValueType(types.0, nullable: true) : nil
    case .multiply:
      guard let leftPlaces = types.0.places, let rightPlaces = types.1.places else {
        return isSame && types.0 == .float64 ? ValueType(.float64, nullable: true) : nil
      }
      guard leftPlaces + rightPlaces <= ColumnType.largestScale else { return nil }
      let isInteger = types == (.int64, .int64)
      return ValueType(isInteger ? .int64 : .decimal(scale: leftPlaces + rightPlaces), nullable: true)
    case .divide: return types == (.float64, .float64) ? ValueType(.float64, nullable: true) : nil
    case .remainder: return types == (.int64, .int64) ? ValueType(.int64, nullable: true) : nil
    case .minimum, .maximum:
      return isSame && (types.0.isNumber || types.0 == .timestamp) ? ValueType(types.0, nullable: isNullable) : nil
    case .find(let keys):
      let isFine = keys.versions != nil && types == (keys.type, .timestamp)
      return isFine ? ValueType(.int64, nullable: true) : nil
    case .power: return types == (.float64, .int64) ? ValueType(.float64, nullable: true) : nil
    case .compare:
      let isComparable = isSame || (types.0.places != nil && types.1.places != nil)
      return isComparable ? ValueType(.bool, nullable: isNullable) : nil
    case .and, .or: return types == (.bool, .bool) ? ValueType(.bool, nullable: isNullable) : nil
    case .coalesce: return isSame ? ValueType(types.0, nullable: right.isNullable) : nil
    case .secondsBetween: return types == (.timestamp, .timestamp) ? ValueType(.float64, nullable: true) : nil
    case .contains, .startsWith, .endsWith:
      return types == (.string, .string) ? ValueType(.bool, nullable: isNullable) : nil
    case .concatenate: return types == (.string, .string) ? ValueType(.string, nullable: true) : nil
    case .hashNext: return types.0 == .int64 ? ValueType(.int64, nullable: isNullable) : nil
    case .bucket: return types == (.int64, .int64) ? ValueType(.int64, nullable: true) : nil
    default: return nil
    }
  }
}
