import Expressions
import Records
import TestSupport

/// The judge of tables: rows in any order, searched from end to end.
struct NaiveTable {
  let fields: [Field]
  let key: Int
  let validFrom: Int?
  var rows: [[Value]]

  /// The value of a column in the row that holds for a key, at a time.
  func value(_ column: String, _ key: Value, at time: Value?) -> Value {
    let index = fields.firstIndex { $0.name == column } ?? 0
    if key == .null || time == .null { return .null }
    var best: [Value]?
    for row in rows where row[self.key] == key {
      guard let validFrom, case .int(let from) = row[validFrom], case .int(let time)? = time else {
        best = row
        continue
      }
      if from > time { continue }
      if case .int(let other)? = best?[validFrom], other > from { continue }
      best = row
    }
    return best?[index] ?? .null
  }

  /// The same, to be looked up in.
  func compiled() throws -> LookupTable {
    let columns = fields.indices.map { index in rows.map { Self.bits($0[index]) } }
    return try LookupTable(Schema(fields), columns: columns, key: key, validFrom: validFrom)
  }

  static func bits(_ value: Value) -> TableValue {
    switch value {
    case .null: .null
    case .int(let value): .word(value)
    case .float(let value): .word(Int64(bitPattern: value.bitPattern))
    case .bool(let value): .word(value ? 1 : 0)
    case .text(let value): .text(Array(value.utf8))
    }
  }

  /// Rows at random, with keys and times among few, and no two rows of one key that hold from one time on.
  ///
  /// - Parameters:
  ///   - keys: what a key may be.
  static func random(keys: [Value], _ keyType: ColumnType, isVersioned: Bool, _ random: inout SeededRandom)
    -> NaiveTable
  {
    var fields =
      [Field("k", keyType)]
      + Schema.ofEveryType.fields.enumerated().map {
        Field("c\($0)", $1.type, nullable: $1.isNullable)
      }
    if isVersioned { fields.append(Field("since", .timestamp)) }
    var seen: Set<[Value]> = []
    var rows: [[Value]] = []
    for _ in 0..<Int.random(in: 0...30, using: &random) {
      guard let key = keys.randomElement(using: &random) else { break }
      let time = Value.int(.random(in: -20...20, using: &random))
      guard seen.insert(isVersioned ? [key, time] : [key]).inserted else { continue }
      var row = fields.map { Value.random(of: $0, &random) }
      row[0] = key
      if isVersioned { row[fields.count - 1] = time }
      rows.append(row)
    }
    return NaiveTable(fields: fields, key: 0, validFrom: isVersioned ? fields.count - 1 : nil, rows: rows)
  }
}
