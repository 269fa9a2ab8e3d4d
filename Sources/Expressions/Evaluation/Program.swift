internal import Records

/// Expressions over one schema as one list of steps, in which nothing is computed twice.
struct Program: Sendable {
  /// A register whose value does not change.
  struct Constant: Sendable {
    let register: Int32
    let bits: Int64
    let isNull: Bool
  }

  /// What an expression gives.
  struct Result: Sendable {
    let register: Int32
    let type: ColumnType
  }

  private(set) var steps: [Step] = []
  private(set) var constants: [Constant] = []
  private(set) var results: [Result] = []
  private(set) var registerCount = 0
  /// What steps look at besides registers, each once.
  var tables = Tables()

  struct Tables: Sendable {
    /// Constant texts, one after the other: the i-th is from `textStarts[i]` to the next.
    private(set) var texts: [UInt8] = []
    private(set) var textStarts = [0]
    var sets: [ValueSet] = []
    var keys: [TableKeys] = []
    var columns: [TableColumn] = []
    var patterns: [Pattern] = []
    var zones: [TimeZoneRules] = []

    mutating func add(text: [UInt8]) -> Int {
      texts += text
      textStarts.append(texts.count)
      return textStarts.count - 2
    }
  }

  /// - Parameter chainedAfter: the columns of the first expression's schema, where each expression is a column of those
  ///   behind it; nil where all have one schema.
  init(_ expressions: [Expression], chainedAfter inputs: Int? = nil) {
    var merged = MergedInstructions()
    for expression in expressions { merged.add(expression, chainedAfter: inputs) }
    var lastUse = Array(repeating: -1, count: merged.instructions.count)
    for (index, instruction) in merged.instructions.enumerated() {
      for operand in instruction.operands { lastUse[operand] = index }
    }
    for result in merged.results { lastUse[result] = .max }

    var registers = Array(repeating: Int32(0), count: merged.instructions.count)
    var free: [Int32] = []
    for (index, instruction) in merged.instructions.enumerated() {
      if let constant = constant(instruction.operation) {
        registers[index] = newRegister()
        constants.append(Constant(register: registers[index], bits: constant.bits, isNull: constant.isNull))
        continue
      }
      // The target is chosen before the operands become free: it must be none of them.
      registers[index] = free.popLast() ?? newRegister()
      let operands = instruction.operands.map { (registers[$0], merged.instructions[$0].result.type) }
      steps.append(
        step(instruction.operation, operands, result: instruction.result.type, target: registers[index])
      )
      for operand in Set(instruction.operands)
      where lastUse[operand] == index && !merged.instructions[operand].operation.isConstant {
        free.append(registers[operand])
      }
    }
    results = merged.results.map { Result(register: registers[$0], type: merged.instructions[$0].result.type) }
  }

  private mutating func newRegister() -> Int32 {
    registerCount += 1
    return Int32(registerCount - 1)
  }

  private mutating func constant(_ operation: Operation) -> (bits: Int64, isNull: Bool)? {
    switch operation {
    case .literal(let bits, _): (bits, false)
    case .text(let bytes): (TextReference(constant: tables.add(text: bytes)).bits, false)
    case .null: (0, true)
    default: nil
    }
  }
}

/// The instructions of several expressions without those that are the same.
private struct MergedInstructions {
  private(set) var instructions: [Instruction] = []
  private(set) var results: [Int] = []
  private var known: [Instruction: Int] = [:]

  mutating func add(_ expression: Expression, chainedAfter inputs: Int?) {
    var places: [Int] = []
    for instruction in expression.instructions {
      if case .column(let index) = instruction.operation, let inputs, index >= inputs {
        places.append(results[index - inputs])
        continue
      }
      let moved = Instruction(
        operation: instruction.operation,
        operands: instruction.operands.map { places[$0] },
        result: instruction.result
      )
      if let same = known[moved] {
        places.append(same)
      } else {
        known[moved] = instructions.count
        places.append(instructions.count)
        instructions.append(moved)
      }
    }
    results.append(places[places.count - 1])
  }
}

extension Operation {
  /// Whether it gives the same value for every row of every batch.
  var isConstant: Bool {
    switch self {
    case .literal, .text, .null: true
    default: false
    }
  }
}
