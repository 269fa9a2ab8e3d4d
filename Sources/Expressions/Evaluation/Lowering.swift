internal import Records

extension Program {
  /// The step for an operation over operands in the given registers, of the given types.
  mutating func step(
    _ operation: Operation,
    _ operands: [(register: Int32, type: ColumnType)],
    result: ColumnType,
    target: Int32
  ) -> Step {
    let type = operands.first?.type ?? .int64
    let isFloat = type == .float64
    var registers = operands.map(\.register)
    var bits: Int64 = 0
    let code: Step.Code
    switch operation {
    case .column(let index):
      (code, bits) = (result == .string ? .loadText : result == .bool ? .loadBool : .loadWord, Int64(index))
    case .literal, .text, .null: preconditionFailure("a constant takes no step")
    case .rescale(let scale): (code, bits) = (.scaleUp, DecimalText.powerOfTen(scale - (type.places ?? 0)))
    case .round(let scale): (code, bits) = Self.rounding(type, scale)
    case .toFloat: (code, bits) = isFloat ? (.copy, 0) : (.wordToFloat, Self.unit(type))
    case .toInteger: (code, bits) = isFloat ? (.truncateFloat, 0) : (.divideWord, Self.unit(type))
    case .floor: (code, bits) = isFloat ? (.floorFloat, 0) : (.floorWord, Self.unit(type))
    case .ceiling: (code, bits) = isFloat ? (.ceilFloat, 0) : (.ceilWord, Self.unit(type))
    case .nearest: (code, bits) = isFloat ? (.nearestFloat, 0) : (.roundWord, Self.unit(type))
    case .negate: code = isFloat ? .negateFloat : .negateWord
    case .absolute: code = isFloat ? .absoluteFloat : .absoluteWord
    case .sign: code = isFloat ? .signFloat : .signWord
    case .add: code = isFloat ? .addFloat : .addWord
    case .subtract: code = isFloat ? .subtractFloat : .subtractWord
    case .multiply: code = isFloat ? .multiplyFloat : .multiplyWord
    case .divide: code = .divideFloat
    case .remainder: code = .remainderWord
    case .minimum: code = isFloat ? .minimumFloat : .minimumWord
    case .maximum: code = isFloat ? .maximumFloat : .maximumWord
    case .squareRoot: code = .squareRoot
    case .exponential: code = .exponential
    case .logarithm: code = .logarithm
    case .power: code = .power
    case .haversine: code = .haversine
    case .compare(let comparison):
      (code, bits) = Self.comparing(comparison, type, operands[1].type)
      // What is greater is less the other way round.
      if Self.isSwapped(comparison, code) { registers.swapAt(0, 1) }
    case .and: code = .and
    case .or: code = .or
    case .not: code = .not
    case .isNull: code = .isNull
    case .choose: code = .choose
    case .coalesce: code = .coalesce
    case .isMember(let set):
      (code, bits) = (type == .string ? .isMemberText : .isMemberWord, Int64(tables.sets.index(adding: set)))
    case .find(let keys):
      let index = Int64(tables.keys.index(adding: keys))
      switch (type, operands.count) {
      case (.string, 1): (code, bits) = (.findText, index)
      case (.string, _): (code, bits) = (.findTextAt, index)
      case (_, 1): (code, bits) = (.findWord, index)
      default: (code, bits) = (.findWordAt, index)
      }
    case .fetch(let column):
      (code, bits) = (result == .string ? .fetchText : .fetchWord, Int64(tables.columns.index(adding: column)))
    case .matches(let pattern): (code, bits) = (.matches, Int64(tables.patterns.index(adding: pattern)))
    case .part(let part):
      switch part {
      case .year: code = .year
      case .month: code = .month
      case .day: code = .day
      case .hour: code = .hour
      case .minute: code = .minute
      case .weekday: code = .weekday
      }
    case .local(let rules): (code, bits) = (.local, Int64(tables.zones.index(adding: rules)))
    case .secondsBetween: code = .secondsBetween
    case .lower: code = .lower
    case .upper: code = .upper
    case .trim: code = .trim
    case .length: code = .length
    case .contains: code = .contains
    case .startsWith: code = .startsWith
    case .endsWith: code = .endsWith
    case .concatenate: code = .concatenate
    case .substring: code = .substring
    case .hash: code = type == .string ? .hashText : isFloat ? .hashFloat : .hashWord
    case .hashNext:
      let next = operands[1].type
      code = next == .string ? .hashNextText : next == .float64 ? .hashNextFloat : .hashNextWord
    case .bucket: code = .bucket
    }
    func register(_ place: Int) -> Int32 { place < registers.count ? registers[place] : 0 }
    return Step(
      code: code,
      target: target,
      a: register(0),
      b: register(1),
      c: register(2),
      d: register(3),
      bits: bits
    )
  }

  /// 10^places of an exact number; 1 for what has none.
  private static func unit(_ type: ColumnType) -> Int64 { DecimalText.powerOfTen(type.places ?? 0) }

  private static func rounding(_ type: ColumnType, _ scale: Int) -> (Step.Code, Int64) {
    guard let places = type.places else { return (.roundFloat, DecimalText.powerOfTen(scale)) }
    return places <= scale
      ? (.scaleUp, DecimalText.powerOfTen(scale - places)) : (.roundDown, DecimalText.powerOfTen(places - scale))
  }

  private static func comparing(_ comparison: Comparison, _ left: ColumnType, _ right: ColumnType) -> (Step.Code, Int64)
  {
    if left == .string {
      switch comparison {
      case .equal: return (.equalText, 1)
      case .notEqual: return (.equalText, 0)
      default: return (.compareText, Int64(comparison.rawValue))
      }
    }
    if let places = left.places, let others = right.places, places != others {
      // By what power of ten the side with fewer places is multiplied, and the comparison.
      let isLeft = places < others
      let exponent = Int64(isLeft ? others - places : places - others)
      return (isLeft ? .compareScaledLeft : .compareScaledRight, exponent << 8 | Int64(comparison.rawValue))
    }
    let isFloat = left == .float64
    switch comparison {
    case .equal: return (isFloat ? .equalFloat : .equalWord, 0)
    case .notEqual: return (isFloat ? .notEqualFloat : .notEqualWord, 0)
    case .less, .greater: return (isFloat ? .lessFloat : .lessWord, 0)
    case .lessOrEqual, .greaterOrEqual: return (isFloat ? .lessOrEqualFloat : .lessOrEqualWord, 0)
    }
  }

  private static func isSwapped(_ comparison: Comparison, _ code: Step.Code) -> Bool {
    guard comparison == .greater || comparison == .greaterOrEqual else { return false }
    switch code {
    case .lessWord, .lessFloat, .lessOrEqualWord, .lessOrEqualFloat: return true
    default: return false
    }
  }
}

extension Array where Element: Equatable {
  fileprivate mutating func index(adding element: Element) -> Int {
    if let index = firstIndex(of: element) { return index }
    append(element)
    return count - 1
  }
}
