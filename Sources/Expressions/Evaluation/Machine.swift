internal import Records

/// Runs the steps of a program, each over all rows at hand.
struct Machine: ~Copyable {
  var lanes: Lanes
  var made = MadeTexts()
  /// A text in the making.
  var draft: [UInt8] = []

  init(_ program: Program) { lanes = Lanes(count: program.registerCount) }

  /// - Parameter rows: at most `Lanes.mostRows` of those that the columns hold.
  mutating func run(_ program: Program, _ columns: [ColumnView], rows: Range<Int>) {
    if lanes.begin(rows: rows.count) {
      for constant in program.constants {
        lanes.fill(constant.register, constant.bits, isNull: constant.isNull)
      }
    }
    made.removeAll()
    let input = Input(columns: columns, first: rows.lowerBound, tables: program.tables)
    for step in program.steps { run(step, input) }
  }

  /// What steps look at besides registers.
  struct Input {
    let columns: [ColumnView]
    /// The row of the columns that is the first in the registers.
    let first: Int
    let tables: Program.Tables
  }

  private mutating func run(_ step: Step, _ input: borrowing Input) {
    switch step.code {
    case .loadWord: loadWord(step, input)
    case .loadBool: loadBool(step, input)
    case .loadText: loadText(step, input)
    case .and: conjunction(step)
    case .or: disjunction(step)
    case .not: map(step) { $0 ^ 1 }
    case .isNull: testNull(step)
    case .choose: choose(step)
    case .coalesce: coalesce(step)
    case .equalWord: pairs(step) { $0 == $1 ? 1 : 0 }
    case .notEqualWord: pairs(step) { $0 != $1 ? 1 : 0 }
    case .lessWord: pairs(step) { $0 < $1 ? 1 : 0 }
    case .lessOrEqualWord: pairs(step) { $0 <= $1 ? 1 : 0 }
    case .equalFloat: floatTest(step) { $0 == $1 }
    case .notEqualFloat: floatTest(step) { $0 != $1 }
    case .lessFloat: floatTest(step) { $0 < $1 }
    case .lessOrEqualFloat: floatTest(step) { $0 <= $1 }
    case .addFloat: floats(step) { $0 + $1 }
    case .subtractFloat: floats(step) { $0 - $1 }
    case .multiplyFloat: floats(step) { $0 * $1 }
    case .divideFloat: floats(step) { $0 / $1 }
    case .wordToFloat: toFloat(step)
    case .copy: map(step) { $0 }
    case .scaleUp, .roundDown, .roundFloat, .divideWord, .truncateFloat, .floorWord, .ceilWord, .roundWord,
      .floorFloat, .ceilFloat, .nearestFloat:
      convert(step)
    case .compareScaledLeft, .compareScaledRight: compareScaled(step)
    case .year, .month, .day, .hour, .minute, .weekday, .local, .secondsBetween: time(step, input)
    case .equalText, .compareText, .isMemberText, .matches, .length, .contains, .startsWith, .endsWith, .hashText,
      .hashNextText:
      readText(step, input)
    case .lower, .upper, .trim, .concatenate, .substring: makeText(step, input)
    case .findWord, .findText, .findWordAt, .findTextAt: find(step, input)
    case .fetchWord, .fetchText: fetch(step, input)
    default: compute(step, input)
    }
  }

  // MARK: Loading

  private func loadWord(_ step: Step, _ input: borrowing Input) {
    var target = lanes.target(step.target)
    let first = input.first
    let column = input.columns[Int(step.bits)]
    let words = column.words(first..<first + target.count)
    for row in target.indices { target[row] = words[row] }
    loadNulls(step, column, first)
  }

  private func loadBool(_ step: Step, _ input: borrowing Input) {
    var target = lanes.target(step.target)
    let first = input.first
    let column = input.columns[Int(step.bits)]
    for row in target.indices { target[row] = column.bool(first &+ row) ? 1 : 0 }
    loadNulls(step, column, first)
  }

  private func loadText(_ step: Step, _ input: borrowing Input) {
    var target = lanes.target(step.target)
    let bits = TextReference(column: Int(step.bits)).bits
    for row in target.indices { target[row] = bits }
    loadNulls(step, input.columns[Int(step.bits)], input.first)
  }

  @inline(__always)
  private func loadNulls(_ step: Step, _ column: ColumnView, _ first: Int) {
    lanes.setHasNulls(step.target, false)
    guard column.hasNulls else { return }
    markNulls(step.target) { column.isNull(first &+ $0) }
  }

  // MARK: Shapes of steps

  /// A step over one operand, null where it is.
  @inline(__always)
  func map(_ step: Step, _ value: (Int64) -> Int64) {
    let source = lanes.values(step.a)
    var target = lanes.target(step.target)
    for row in target.indices { target[row] = value(source[row]) }
    passNulls(step.a, to: step.target)
  }

  /// A step over two operands, null where either is.
  @inline(__always)
  func pairs(_ step: Step, _ value: (Int64, Int64) -> Int64) {
    let (left, right) = (lanes.values(step.a), lanes.values(step.b))
    var target = lanes.target(step.target)
    for row in target.indices { target[row] = value(left[row], right[row]) }
    passNulls(step.a, step.b, to: step.target)
  }

  /// A step over one operand, null where it is or where there is no result.
  @inline(__always)
  func partialMap(_ step: Step, _ value: (Int64) -> (Int64, fails: Bool)) {
    let source = lanes.values(step.a)
    var target = lanes.target(step.target)
    var failures = 0
    for row in target.indices {
      let (result, fails) = value(source[row])
      target[row] = result
      failures |= fails ? 1 : 0
    }
    passNulls(step.a, to: step.target)
    if failures != 0 { markNulls(step.target) { value(source[$0]).fails } }
  }

  /// A step over two operands, null where either is or where there is no result.
  @inline(__always)
  func partialPairs(_ step: Step, _ value: (Int64, Int64) -> (Int64, fails: Bool)) {
    let (left, right) = (lanes.values(step.a), lanes.values(step.b))
    var target = lanes.target(step.target)
    var failures = 0
    for row in target.indices {
      let (result, fails) = value(left[row], right[row])
      target[row] = result
      failures |= fails ? 1 : 0
    }
    passNulls(step.a, step.b, to: step.target)
    if failures != 0 { markNulls(step.target) { value(left[$0], right[$0]).fails } }
  }

  // MARK: Nulls

  @inline(__always)
  func passNulls(_ a: Int32, to target: Int32) {
    let has = lanes.hasNulls(a)
    lanes.setHasNulls(target, has)
    guard has else { return }
    let source = lanes.nulls(a)
    var nulls = lanes.targetNulls(target)
    for row in nulls.indices { nulls[row] = source[row] }
  }

  @inline(__always)
  func passNulls(_ a: Int32, _ b: Int32, to target: Int32) {
    if lanes.hasNulls(a) || lanes.hasNulls(b) { joinNulls(a, b, to: target) } else { lanes.setHasNulls(target, false) }
  }

  private func joinNulls(_ a: Int32, _ b: Int32, to target: Int32) {
    guard lanes.hasNulls(a) else { return passNulls(b, to: target) }
    guard lanes.hasNulls(b) else { return passNulls(a, to: target) }
    let (left, right) = (lanes.nulls(a), lanes.nulls(b))
    var nulls = lanes.targetNulls(target)
    for row in nulls.indices { nulls[row] = left[row] | right[row] }
    lanes.setHasNulls(target, true)
  }

  /// Makes those rows null, besides those that are already, for which `isNull` says so.
  @inline(__always)
  func markNulls(_ register: Int32, _ isNull: (Int) -> Bool) {
    var nulls = lanes.targetNulls(register)
    if lanes.hasNulls(register) {
      for row in nulls.indices { nulls[row] |= isNull(row) ? 1 : 0 }
    } else {
      for row in nulls.indices { nulls[row] = isNull(row) ? 1 : 0 }
    }
    lanes.setHasNulls(register, true)
  }

  func markNull(_ register: Int32, _ row: Int) {
    var nulls = lanes.targetNulls(register)
    if !lanes.hasNulls(register) { for row in nulls.indices { nulls[row] = 0 } }
    nulls[row] = 1
    lanes.setHasNulls(register, true)
  }
}
