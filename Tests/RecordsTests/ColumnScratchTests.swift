import Records
import TestSupport
import Testing

/// A scratch that is used again and again, with rows taken back, against an array.
@Suite struct ColumnScratchTests {
  @Test func nothingOfEarlierRowsIsLeft() {
    for seed in Seeds.range(200) {
      var random = SeededRandom(seed: seed)
      let schema = random.chance(oneIn: 4) ? .ofEveryType : Schema.random(upTo: 6, &random)
      var scratch = ColumnScratch(schema.fields, capacity: .random(in: 1...70, using: &random))
      for _ in 0..<4 {
        let rows = Row.random(schema, count: .random(in: 0...150, using: &random), &random)
        scratch.reset(rows: rows.count)
        for (place, row) in rows.enumerated() {
          if random.chance(oneIn: 4) {
            // Part of another row first.
            for column in 0..<Int.random(in: 0...schema.fields.count, using: &random) {
              Self.store(.random(of: schema.fields[column], &random), column, place, in: &scratch)
            }
            scratch.undo(row: place)
          }
          for (column, value) in row.values.enumerated() { Self.store(value, column, place, in: &scratch) }
        }
        for column in schema.fields.indices {
          let view = scratch.view(column, rows: rows.count)
          // As text, for a NaN is not itself.
          #expect("\(rows.indices.map(view.value))" == "\(rows.map { $0.values[column] })", "seed \(seed)")
        }
      }
    }
  }

  /// Nulls that come after the values of all rows leave those of other rows alone.
  @Test func nullsMayComeLast() {
    for seed in Seeds.range(100) {
      var random = SeededRandom(seed: seed)
      let schema = Schema(Schema.ofEveryType.fields.filter { $0.type != .string })
      let rows = Row.random(schema, count: .random(in: 1...150, using: &random), &random)
      var scratch = ColumnScratch(schema.fields, capacity: 1)
      scratch.reset(rows: rows.count)
      for isNull in [false, true] {
        for (place, row) in rows.enumerated() {
          for (column, value) in row.values.enumerated() where (value == .null) == isNull {
            Self.store(value, column, place, in: &scratch)
          }
        }
      }
      for column in schema.fields.indices {
        let view = scratch.view(column, rows: rows.count)
        #expect("\(rows.indices.map(view.value))" == "\(rows.map { $0.values[column] })", "seed \(seed)")
      }
    }
  }

  static func store(_ value: Value, _ column: Int, _ row: Int, in scratch: inout ColumnScratch) {
    switch value {
    case .null: scratch.storeNull(column: column, row: row)
    case .int(let value): scratch.store(value, column: column, row: row)
    case .float(let value): scratch.store(value, column: column, row: row)
    case .bool(let value): scratch.store(value, column: column, row: row)
    case .text(let value): scratch.store(Array(value.utf8).span, column: column, row: row)
    }
  }
}
