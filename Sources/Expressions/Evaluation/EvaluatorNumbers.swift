internal import Records

extension Evaluator {
  /// Arithmetic and conversions.
  func compute(_ instruction: Instruction, _ rows: Int, into result: inout Register) {
    let operands = instruction.operands
    let isFloat = type(of: operands[0]) == .float64
    switch instruction.operation {
    case .rescale(let scale):
      let factor = DecimalText.powerOfTen(scale - (type(of: operands[0]).places ?? 0))
      exact(operands[0], rows, into: &result) { Self.checked($0.multipliedReportingOverflow(by: factor)) }
    case .toFloat:
      let unit = type(of: operands[0]).places.map { Double(DecimalText.powerOfTen($0)) } ?? 1
      guard !isFloat else { return integers(operands[0], rows, into: &result) { $0.values[$1] } }
      integers(operands[0], rows, into: &result) { Self.bits(Double($0.values[$1]) / unit) }
    case .toInteger:
      if isFloat {
        exact(operands[0], rows, into: &result) {
          Int64(exactly: Double(bitPattern: UInt64(bitPattern: $0)).rounded(.towardZero))
        }
      } else {
        let unit = type(of: operands[0]).places.map(DecimalText.powerOfTen) ?? 1
        integers(operands[0], rows, into: &result) { $0.values[$1] / unit }
      }
    case .negate:
      if isFloat {
        integers(operands[0], rows, into: &result) { $0.values[$1] ^ .min }
      } else {
        exact(operands[0], rows, into: &result) { Self.checked((0 as Int64).subtractingReportingOverflow($0)) }
      }
    case .absolute:
      if isFloat {
        integers(operands[0], rows, into: &result) { $0.values[$1] & .max }
      } else {
        exact(operands[0], rows, into: &result) { $0 == .min ? nil : Swift.abs($0) }
      }
    case .add:
      isFloat
        ? floats(operands, rows, into: &result) { $0 + $1 }
        : pairs(operands, rows, into: &result) {
          Self.checked($0.values[$2].addingReportingOverflow($1.values[$2]))
        }
    case .subtract:
      isFloat
        ? floats(operands, rows, into: &result) { $0 - $1 }
        : pairs(operands, rows, into: &result) {
          Self.checked($0.values[$2].subtractingReportingOverflow($1.values[$2]))
        }
    case .multiply:
      isFloat
        ? floats(operands, rows, into: &result) { $0 * $1 }
        : pairs(operands, rows, into: &result) {
          Self.checked($0.values[$2].multipliedReportingOverflow(by: $1.values[$2]))
        }
    case .divide: floats(operands, rows, into: &result) { $0 / $1 }
    case .remainder:
      pairs(operands, rows, into: &result) {
        Self.checked($0.values[$2].remainderReportingOverflow(dividingBy: $1.values[$2]))
      }
    case .minimum:
      pairs(operands, rows, into: &result) { left, right, row in
        let takesLeft = isFloat ? left.float(row) <= right.float(row) : left.values[row] <= right.values[row]
        return takesLeft ? left.values[row] : right.values[row]
      }
    case .maximum:
      pairs(operands, rows, into: &result) { left, right, row in
        let takesLeft = isFloat ? left.float(row) >= right.float(row) : left.values[row] >= right.values[row]
        return takesLeft ? left.values[row] : right.values[row]
      }
    default: preconditionFailure("\(instruction.operation) is no arithmetic")
    }
  }

  func compare(_ comparison: Comparison, _ operands: [Int], _ rows: Int, into result: inout Register) {
    let types = (type(of: operands[0]), type(of: operands[1]))
    if types.0 == .string {
      match(operands, rows, into: &result) {
        let order = TextSearch.order($0, $1)
        return comparison.truth(isLess: order < 0, isGreater: order > 0)
      }
    } else if types.0 == .float64 {
      pairs(operands, rows, into: &result) { left, right, row in
        let (left, right) = (left.float(row), right.float(row))
        return comparison.truth(isLess: left < right, isGreater: left > right)
      }
    } else if let left = types.0.places, let right = types.1.places, left != right {
      // Exact, whatever the places: the products of 64-bit numbers fit in 128.
      let factors = (
        Int128(DecimalText.powerOfTen(max(right - left, 0))), Int128(DecimalText.powerOfTen(max(left - right, 0)))
      )
      pairs(operands, rows, into: &result) { left, right, row in
        let (left, right) = (Int128(left.values[row]) &* factors.0, Int128(right.values[row]) &* factors.1)
        return comparison.truth(isLess: left < right, isGreater: left > right)
      }
    } else {
      pairs(operands, rows, into: &result) { left, right, row in
        let (left, right) = (left.values[row], right.values[row])
        return comparison.truth(isLess: left < right, isGreater: left > right)
      }
    }
  }

  /// A step over one exact number whose result may not fit.
  @inline(__always)
  private func exact(_ operand: Int, _ rows: Int, into result: inout Register, _ value: (Int64) -> Int64?) {
    let source = register(operand)
    result.prepare(rows: rows)
    if source.hasNulls { result.markNulls(rows: rows) { source.nulls[$0] } }
    for row in 0..<rows where !source.isNull(row) {
      if let value = value(source.values[row]) {
        result.values[row] = value
      } else {
        result.markNull(row, rows: rows)
      }
    }
  }

  /// A step over two floats; what is not finite is null, so that no result is without a number that JSON can show.
  @inline(__always)
  private func floats(_ operands: [Int], _ rows: Int, into result: inout Register, _ value: (Double, Double) -> Double)
  {
    pairs(operands, rows, into: &result) { left, right, row in
      let value = value(left.float(row), right.float(row))
      return value.isFinite ? Self.bits(value) : nil
    }
  }

  private static func bits(_ value: Double) -> Int64 { Int64(bitPattern: value.bitPattern) }

  private static func checked(_ result: (partialValue: Int64, overflow: Bool)) -> Int64? {
    result.overflow ? nil : result.partialValue
  }
}

extension Comparison {
  /// Whether it holds, as 1 or 0, by no branch: which side is the greater is not to be predicted.
  @inline(__always)
  func truth(isLess: Bool, isGreater: Bool) -> Int64 {
    let order: Int64 = 1 &+ (isGreater ? 1 : 0) &- (isLess ? 1 : 0)
    return outcomes &>> order & 1
  }

  /// A bit each for a left side that is less, equal and greater.
  private var outcomes: Int64 {
    switch self {
    case .equal: 0b010
    case .notEqual: 0b101
    case .less: 0b001
    case .lessOrEqual: 0b011
    case .greater: 0b100
    case .greaterOrEqual: 0b110
    }
  }
}
