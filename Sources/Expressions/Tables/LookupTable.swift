package import Records

/// A table of a pipeline, whose values expressions look up by a key.
package struct LookupTable: Sendable {
  /// All columns, that of the key among them.
  package let schema: Schema
  /// The number of the column that holds the keys.
  package let key: Int
  /// The number of the column that says from when on a row holds; nil where a row holds at any time.
  package let validFrom: Int?
  let keys: TableKeys
  /// The values of each column of the schema.
  let columns: [TableColumn]

  /// Rows with the key, and where there are times the time, of a row before them.
  package struct RepeatedKeys: Error {
    /// By their numbers: each with the first of its kind.
    package let rows: [(row: Int, first: Int)]
  }

  /// - Parameters:
  ///   - columns: the values of each column of `schema`, all of one number.
  ///   - key: a column that is not nullable, of any type but `float64`.
  ///   - validFrom: a timestamp column that is not nullable.
  package init(
    _ schema: Schema,
    columns: [[TableValue]],
    key: Int,
    validFrom: Int?
  ) throws(RepeatedKeys) {
    (self.schema, self.key, self.validFrom) = (schema, key, validFrom)
    let (keys, times) = (columns[key], validFrom.map { columns[$0] })
    func precedes(_ left: Int, _ right: Int) -> Bool? {
      keys[left].precedes(keys[right]) ?? times.flatMap { $0[left].precedes($0[right]) }
    }
    let order = keys.indices.sorted { precedes($0, $1) ?? ($0 < $1) }
    var repeated: [(row: Int, first: Int)] = []
    var first = order.first ?? 0
    for (before, row) in zip(order, order.dropFirst()) {
      if precedes(before, row) == nil { repeated.append((row, first)) } else { first = row }
    }
    guard repeated.isEmpty else { throw RepeatedKeys(rows: repeated.sorted { $0.row < $1.row }) }
    self.keys = TableKeys(
      ValueSet(schema.fields[key].type, keys),
      times.map { times in
        let starts = order.indices.filter { $0 == 0 || keys[order[$0 - 1]] != keys[order[$0]] }
        return TableKeys.Versions(starts: starts + [order.count], times: order.map { times[$0].word })
      }
    )
    self.columns = zip(schema.fields, columns).map { field, values in
      TableColumn(field.type, order.map { values[$0] })
    }
  }

  /// Without rows: what stands in for one that cannot be read, so that what looks values up in it can be checked.
  package init(empty schema: Schema, key: Int, validFrom: Int?) {
    (self.schema, self.key, self.validFrom) = (schema, key, validFrom)
    keys = TableKeys(
      ValueSet(schema.fields[key].type, []),
      validFrom == nil ? nil : TableKeys.Versions(starts: [0], times: [])
    )
    columns = schema.fields.map { TableColumn($0.type, []) }
  }

  package var rowCount: Int { keys.rowCount }
  /// Different keys.
  package var keyCount: Int { keys.keys.count }
  /// Bytes that it takes where all its columns are looked up.
  package var size: Int { columns.reduce(keys.size) { $0 + $1.size } }
}

extension TableValue {
  /// Whether it comes before another value of its column; nil where they are the same.
  fileprivate func precedes(_ other: TableValue) -> Bool? {
    switch (self, other) {
    case (.word(let left), .word(let right)): left == right ? nil : left < right
    case (.text(let left), .text(let right)): left == right ? nil : left.lexicographicallyPrecedes(right)
    default: nil
    }
  }

  fileprivate var word: Int64 { if case .word(let word) = self { word } else { 0 } }
}

extension ValueSet {
  fileprivate init(_ type: ColumnType, _ values: [TableValue]) {
    if type == .string {
      self.init(strings: values.compactMap { if case .text(let bytes) = $0 { bytes } else { nil } })
    } else {
      self.init(type, words: values.map(\.word))
    }
  }
}
