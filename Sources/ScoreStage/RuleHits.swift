internal import Expressions
internal import Records

/// Which rules hold for each row of a batch, a bit for each; used again from batch to batch.
struct RuleHits {
  private var predicates: [Predicate]
  /// Words of a row.
  private let stride: Int
  /// Bit i of a row: rule i holds.
  private var words: [UInt64] = []

  init(_ rules: [Rule]) {
    predicates = rules.map { Predicate($0.condition) }
    stride = (rules.count + 63) / 64
  }

  mutating func find(_ columns: [ColumnView], rows: Int) {
    words.removeAll(keepingCapacity: true)
    words.append(contentsOf: repeatElement(0, count: rows * stride))
    for index in predicates.indices {
      let (word, bit) = (index / 64, 1 << UInt64(index % 64) as UInt64)
      switch predicates[index].select(columns: columns, rows: rows) {
      case .range(let range): for row in range { words[row * stride + word] |= bit }
      case .rows(let selected): for row in selected { words[Int(row) * stride + word] |= bit }
      }
    }
  }

  /// Gives `body` the rules that hold for a row, in their order, until it says that it has enough.
  @inline(__always)
  func forEach(in row: Int, _ body: (Int) -> Bool) {
    for word in 0..<stride {
      var rest = words[row * stride + word]
      while rest != 0 {
        guard body(word * 64 + rest.trailingZeroBitCount) else { return }
        rest &= rest - 1
      }
    }
  }
}
