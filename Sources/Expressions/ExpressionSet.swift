package import Records

/// Several expressions that are evaluated together: what they have in common is computed once.
package struct ExpressionSet: Sendable {
  package let expressions: [Expression]
  let program: Program

  /// - Parameter expressions: all over one schema.
  package init(_ expressions: [Expression]) {
    self.expressions = expressions
    program = Program(expressions)
  }

  /// - Parameter expressions: each over the columns of `input` and those that the expressions before it give, in their
  ///   order.
  package init(chained expressions: [Expression], over input: Schema) {
    self.expressions = expressions
    program = Program(expressions, chainedAfter: input.fields.count)
  }

  /// Steps that are run for each batch; for those who want to know what it costs.
  package var stepCount: Int { program.steps.count }
}

/// Evaluates a set of expressions over the rows of a batch, some hundreds at a time. Allocates nothing once it has
/// seen a batch, except for texts that are longer than any before.
package struct SetEvaluator: ~Copyable {
  /// Rows at once.
  package static let mostRows = Lanes.mostRows

  private let program: Program
  private var machine: Machine

  package init(_ set: ExpressionSet) {
    program = set.program
    machine = Machine(set.program)
  }

  /// Evaluates all expressions over some rows; the results are there until the next time.
  ///
  /// - Parameters:
  ///   - columns: those of the schema, in its order.
  ///   - rows: at most `mostRows` of theirs.
  package mutating func evaluate(columns: [ColumnView], rows: Range<Int>) {
    machine.run(program, columns, rows: rows)
  }

  /// The rows that were evaluated.
  var rowCount: Int { machine.lanes.rows }

  /// Whether an expression gave no value for a row.
  ///
  /// - Parameters:
  ///   - expression: by its place in the set.
  ///   - row: from 0, the first row of those that were evaluated.
  package func isNull(_ expression: Int, row: Int) -> Bool {
    machine.lanes.isNull(program.results[expression].register, row)
  }

  /// The bits of a value that is not null: of an `int64`, `timestamp` or (scaled) `decimal` the value itself, of a
  /// `float64` its pattern, of a `bool` 0 or 1.
  package func bits(_ expression: Int, row: Int) -> Int64 {
    machine.lanes.values(program.results[expression].register)[row]
  }

  package func float(_ expression: Int, row: Int) -> Double {
    Double(bitPattern: UInt64(bitPattern: bits(expression, row: row)))
  }

  /// Whether a condition is true: a null is not.
  package func holds(_ expression: Int, row: Int) -> Bool {
    bits(expression, row: row) != 0 && !isNull(expression, row: row)
  }

  /// Marks the rows for which each condition holds.
  ///
  /// - Parameters:
  ///   - words: `wordsPerRow` for each row, the lowest bit of the first for the first expression; set where it holds,
  ///     and otherwise left alone.
  ///   - start: where those of the first row begin.
  func markHolding(in words: inout MutableSpan<UInt64>, from start: Int, wordsPerRow: Int) {
    for index in program.results.indices {
      let register = program.results[index].register
      let values = machine.lanes.values(register)
      let shift = UInt64(index & 63)
      var place = start + index >> 6
      if machine.lanes.hasNulls(register) {
        let nulls = machine.lanes.nulls(register)
        for row in values.indices {
          words[place] |= (nulls[row] != 0 ? 0 : UInt64(bitPattern: values[row])) &<< shift
          place &+= wordsPerRow
        }
      } else {
        for row in values.indices {
          words[place] |= UInt64(bitPattern: values[row]) &<< shift
          place &+= wordsPerRow
        }
      }
    }
  }

  /// Copies the values of an expression into rows from `first` on.
  func store(_ expression: Int, into scratch: inout ColumnScratch, column: Int, columns: [ColumnView], first: Int) {
    let result = program.results[expression]
    let lanes = machine.lanes.values(result.register)
    switch result.type {
    case .string:
      machine.texts(result.register, program, columns, first: first) { row, text in
        scratch.store(text, column: column, row: first &+ row)
      } onNull: { row in
        scratch.storeNull(column: column, row: first &+ row)
      }
      return
    case .bool: for row in lanes.indices { scratch.store(lanes[row] != 0, column: column, row: first &+ row) }
    default: for row in lanes.indices { scratch.store(lanes[row], column: column, row: first &+ row) }
    }
    guard machine.lanes.hasNulls(result.register) else { return }
    let nulls = machine.lanes.nulls(result.register)
    for row in nulls.indices where nulls[row] != 0 { scratch.storeNull(column: column, row: first &+ row) }
  }
}
