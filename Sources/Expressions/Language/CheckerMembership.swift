internal import Records

extension Checker {
  /// `value in (a, b, c)`: constants of the value's own type become a set, anything else is compared one by one.
  mutating func membership(
    _ value: Syntax,
    _ members: [Syntax],
    isNegated: Bool
  ) throws(ExpressionError) -> Int {
    let value = try operand(value)
    var found: Int?
    var steps: [Int] = []
    for member in members {
      let side = try operand(member)
      let equal = try compare(.equal, value, side)
      found = found.map { emit(.or, $0, equal) } ?? equal
      if case .text(let text, let range) = member, type(of: value.step) == .timestamp {
        steps.append(try timestamp(text, range))
      } else {
        steps.append(side.step)
      }
    }
    var result = found ?? emit(.literal(0, .bool))
    if members.count > 2, let set = constants(steps, type(of: value.step)) {
      result = emit(.isMember(set), value.step)
    }
    return isNegated ? emit(.not, result) : result
  }

  /// The values of constant steps as a set; nil where one is not constant or of another kind.
  private func constants(_ steps: [Int], _ type: ColumnType) -> ValueSet? {
    var strings: [[UInt8]] = []
    var words: [Int64] = []
    for step in steps {
      switch operation(of: step) {
      case .text(let bytes) where type == .string: strings.append(bytes)
      case .literal(let bits, let own) where own == type && type != .float64: words.append(bits)
      case .literal(let bits, let own):
        guard let places = type.places, let ownPlaces = own.places else { return nil }
        // What cannot be written with the value's places equals no value.
        let unit = DecimalText.powerOfTen(abs(places - ownPlaces))
        if ownPlaces > places {
          if bits % unit == 0 { words.append(bits / unit) }
        } else {
          let (scaled, overflow) = bits.multipliedReportingOverflow(by: unit)
          if !overflow { words.append(scaled) }
        }
      default: return nil
      }
    }
    return type == .string ? ValueSet(strings: strings) : ValueSet(type, words: words)
  }

  /// `value in name`
  mutating func membership(_ value: Syntax, _ list: String, _ nameRange: Range<Int>) throws(ExpressionError) -> Int {
    names.reads?.add(list: list)
    guard let values = names.lists[list] else {
      let known = names.lists.keys.sorted()
      let remedy =
        NearestName.of(list, among: known).map { "did you mean `\($0)`?" }
        ?? (known.isEmpty
          ? "declare it under `lists:`, or write values: `in (1, 2, 3)`"
          : "the lists are: \(known.joined(separator: ", "))")
      throw ExpressionError("there is no list `\(list)`", at: nameRange, remedy: remedy)
    }
    let step = try check(value)
    let type = type(of: step)
    guard type != .float64 else {
      throw ExpressionError(
        "float64 is looked up in the list `\(list)`",
        at: value.range,
        remedy: "make it exact: round(x, 2) is a decimal with two places"
      )
    }
    switch values.set(of: type) {
    case .success(let set): return emit(.isMember(set), step)
    case .failure(let failure):
      throw ExpressionError(
        "`\(failure.text)` in the list `\(list)` is no \(type)",
        at: nameRange,
        remedy: "look up a value of the list's type, or correct the list"
      )
    }
  }
}
