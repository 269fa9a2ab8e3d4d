package import Records

/// Many conditions over the same rows, as rules are: all are evaluated together, and each row tells which hold.
package struct ConditionSet: ~Copyable {
  private var evaluator: SetEvaluator
  private let count: Int
  /// Those that `marks` gives.
  private var words: [UInt64] = []
  package let wordsPerRow: Int

  /// - Parameter conditions: of type `bool`, all over one schema.
  package init(_ conditions: [Expression]) { self.init(ExpressionSet(conditions)) }

  /// - Parameter conditions: of type `bool`.
  package init(_ conditions: ExpressionSet) {
    precondition(conditions.expressions.allSatisfy { $0.type == .bool })
    count = conditions.expressions.count
    wordsPerRow = max(1, (count + 63) / 64)
    evaluator = SetEvaluator(conditions)
  }

  /// Evaluates the conditions over the first `rows` rows of `columns`, which are those of their schema.
  package mutating func evaluate(columns: [ColumnView], rows: Int) {
    words.removeAll(keepingCapacity: true)
    words.append(contentsOf: repeatElement(0, count: rows * wordsPerRow))
    guard count > 0 else { return }
    // Taken out, so that it can be written while the evaluator is read.
    var words: [UInt64] = []
    swap(&words, &self.words)
    defer { swap(&words, &self.words) }
    var first = 0
    while first < rows {
      let part = first..<min(first + SetEvaluator.mostRows, rows)
      evaluator.evaluate(columns: columns, rows: part)
      var target = words.mutableSpan
      evaluator.markHolding(in: &target, from: first * wordsPerRow, wordsPerRow: wordsPerRow)
      first = part.upperBound
    }
  }

  /// Whether a condition holds for a row of the last evaluation: a null does not.
  package func holds(_ condition: Int, row: Int) -> Bool {
    words[row * wordsPerRow + condition >> 6] >> UInt64(condition & 63) & 1 != 0
  }

  /// `wordsPerRow` for each row of the last evaluation: bit i of them is set where condition i holds.
  package var marks: [UInt64] { words }

  /// Calls `body` with each condition that holds for a row, in their order.
  @inline(__always)
  package func forEachHolding(row: Int, _ body: (Int) -> Void) {
    for word in 0..<wordsPerRow {
      var rest = words[row * wordsPerRow + word]
      while rest != 0 {
        body(word << 6 + rest.trailingZeroBitCount)
        rest &= rest &- 1
      }
    }
  }

  /// The first condition that holds for a row.
  package func first(row: Int) -> Int? {
    for word in 0..<wordsPerRow where words[row * wordsPerRow + word] != 0 {
      return word << 6 + words[row * wordsPerRow + word].trailingZeroBitCount
    }
    return nil
  }
}
