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
