internal import Records

/// Evaluates one expression over batches, step by step, each over all rows.
package struct Evaluator {
  let instructions: [Instruction]
  private var registers: [Register]

  package init(_ expression: Expression) {
    instructions = expression.instructions
    registers = Array(repeating: Register(), count: instructions.count)
    for (step, instruction) in instructions.enumerated() {
      if case .text(let bytes) = instruction.operation { registers[step].text = .constant(bytes) }
    }
  }

  /// The result of the last evaluation.
  var result: Register { registers[registers.count - 1] }

  /// Evaluates the expression over the first `rows` rows of `columns`, which are those of its schema.
  mutating func evaluate(columns: [ColumnView], rows: Int) {
    for step in instructions.indices {
      // Taken out, so that the step may read the others while it is written.
      var register = Register()
      swap(&register, &registers[step])
      run(instructions[step], columns, rows, into: &register)
      swap(&register, &registers[step])
    }
  }

  private func run(_ instruction: Instruction, _ columns: [ColumnView], _ rows: Int, into result: inout Register) {
    let operands = instruction.operands
    switch instruction.operation {
    case .column(let index): load(columns[index], rows, into: &result)
    case .literal(let bits, _):
      // Filled once, for as many rows as the largest batch so far.
      if result.values.count < rows { result.values = Array(repeating: bits, count: rows) }
    case .text: break
    case .choose: choose(operands, instruction.result.type, rows, into: &result)
    case .coalesce: coalesce(operands, instruction.result.type, rows, into: &result)
    case .and: conjunction(operands, rows, into: &result)
    case .or: disjunction(operands, rows, into: &result)
    case .isNull:
      result.prepare(rows: rows)
      for row in 0..<rows { result.values[row] = registers[operands[0]].isNull(row) ? 1 : 0 }
    case .compare(let comparison): compare(comparison, operands, rows, into: &result)
    case .lower: lower(operands[0], rows, into: &result)
    case .length:
      // Unicode scalars: every byte but those that continue one.
      integers(operands[0], rows, into: &result) { register, row in
        register.withText(row) { text in
          var count: Int64 = 0
          for index in text.indices where text[index] & 0xC0 != 0x80 { count += 1 }
          return count
        }
      }
    case .contains: match(operands, rows, into: &result) { TextSearch.contains($0, $1) ? 1 : 0 }
    case .startsWith: match(operands, rows, into: &result) { TextSearch.starts($0, $1) ? 1 : 0 }
    case .endsWith: match(operands, rows, into: &result) { TextSearch.ends($0, $1) ? 1 : 0 }
    case .not: integers(operands[0], rows, into: &result) { $0.values[$1] ^ 1 }
    case .hour: integers(operands[0], rows, into: &result) { Timestamp.timeOfDay(of: $0.values[$1]) / 3_600_000_000 }
    case .weekday: integers(operands[0], rows, into: &result) { Timestamp.weekday(of: $0.values[$1]) }
    default: compute(instruction, rows, into: &result)
    }
  }

  func type(of step: Int) -> ColumnType { instructions[step].result.type }
  func register(_ step: Int) -> Register { registers[step] }

  // MARK: Loading and choosing

  private func load(_ column: ColumnView, _ rows: Int, into result: inout Register) {
    result.prepare(rows: rows)
    if column.type == .string {
      result.text = .column(column)
    } else {
      var target = result.values.mutableSpan
      if column.type == .bool {
        for row in 0..<rows { target[row] = column.bool(row) ? 1 : 0 }
      } else {
        for row in 0..<rows { target[row] = column.int64(row) }
      }
    }
    if column.hasNulls { result.markNulls(rows: rows) { column.isNull($0) } }
  }

  private func choose(_ operands: [Int], _ type: ColumnType, _ rows: Int, into result: inout Register) {
    let condition = registers[operands[0]]
    select(registers[operands[1]], registers[operands[2]], type, rows, into: &result) {
      condition.values[$0] != 0 && !condition.isNull($0)
    }
  }

  private func coalesce(_ operands: [Int], _ type: ColumnType, _ rows: Int, into result: inout Register) {
    let first = registers[operands[0]]
    select(first, registers[operands[1]], type, rows, into: &result) { !first.isNull($0) }
  }

  @inline(__always)
  private func select(
    _ left: Register,
    _ right: Register,
    _ type: ColumnType,
    _ rows: Int,
    into result: inout Register,
    _ takesLeft: (Int) -> Bool
  ) {
    result.prepare(rows: rows)
    if type == .string {
      result.writeTexts(rows: rows) { row, bytes in
        (takesLeft(row) ? left : right).withText(row) { text in
          for index in text.indices { bytes.append(text[index]) }
        }
      }
    } else {
      var target = result.values.mutableSpan
      for row in 0..<rows { target[row] = takesLeft(row) ? left.values[row] : right.values[row] }
    }
    if left.hasNulls || right.hasNulls {
      result.markNulls(rows: rows) { takesLeft($0) ? left.isNull($0) : right.isNull($0) }
    }
  }

  // MARK: Three-valued logic: a null is a truth that is not known

  private func conjunction(_ operands: [Int], _ rows: Int, into result: inout Register) {
    let (left, right) = (registers[operands[0]], registers[operands[1]])
    result.prepare(rows: rows)
    for row in 0..<rows { result.values[row] = left.values[row] & right.values[row] }
    guard left.hasNulls || right.hasNulls else { return }
    result.markNulls(rows: rows) { row in
      let isFalse = { (register: Register) in !register.isNull(row) && register.values[row] == 0 }
      return (left.isNull(row) || right.isNull(row)) && !isFalse(left) && !isFalse(right)
    }
    for row in 0..<rows where left.isNull(row) || right.isNull(row) { result.values[row] = 0 }
  }

  private func disjunction(_ operands: [Int], _ rows: Int, into result: inout Register) {
    let (left, right) = (registers[operands[0]], registers[operands[1]])
    result.prepare(rows: rows)
    for row in 0..<rows { result.values[row] = left.values[row] | right.values[row] }
    guard left.hasNulls || right.hasNulls else { return }
    let isTrue = { (register: Register, row: Int) in !register.isNull(row) && register.values[row] != 0 }
    result.markNulls(rows: rows) { row in
      (left.isNull(row) || right.isNull(row)) && !isTrue(left, row) && !isTrue(right, row)
    }
    for row in 0..<rows where left.isNull(row) || right.isNull(row) {
      result.values[row] = isTrue(left, row) || isTrue(right, row) ? 1 : 0
    }
  }

  // MARK: Shapes of steps

  /// A step over one operand, null where it is.
  @inline(__always)
  func integers(_ operand: Int, _ rows: Int, into result: inout Register, _ value: (Register, Int) -> Int64) {
    let source = registers[operand]
    result.prepare(rows: rows)
    if source.hasNulls { result.markNulls(rows: rows) { source.nulls[$0] } }
    var target = result.values.mutableSpan
    if source.hasNulls {
      for row in 0..<rows where !source.nulls[row] { target[row] = value(source, row) }
    } else {
      for row in 0..<rows { target[row] = value(source, row) }
    }
  }

  /// A step over two operands, null where either is.
  @inline(__always)
  func pairs(
    _ operands: [Int],
    _ rows: Int,
    into result: inout Register,
    _ value: (Register, Register, Int) -> Int64?
  ) {
    let (left, right) = (registers[operands[0]], registers[operands[1]])
    result.prepare(rows: rows)
    let mayBeNull = left.hasNulls || right.hasNulls
    if mayBeNull { result.markNulls(rows: rows) { left.isNull($0) || right.isNull($0) } }
    // Taken out, so that no write has to ask whether the memory is shared.
    var values: [Int64] = []
    swap(&values, &result.values)
    var target = values.mutableSpan
    for row in 0..<rows where !(mayBeNull && result.isNull(row)) {
      if let value = value(left, right, row) {
        target[row] = value
      } else {
        result.markNull(row, rows: rows)
      }
    }
    swap(&values, &result.values)
  }
}
