internal import Expressions
internal import Records
internal import SourceStage

/// Tables of a pipeline, for `lookup`.
extension PipelineCompiler {
  private static let largestTable = 64 << 20
  /// Wrong lines of one file beyond these are only counted.
  private static let mostMistakes = 20

  /// Reads `tables` of the file: from CSV files, by a key.
  func compileTables(_ value: YAMLValue?) {
    let remedy = "write each table as `name:` with `csv`, `key` and `columns` below it"
    for (key, value) in namedEntries(value, "tables", thing: "table", remedy: remedy) {
      if let table = table(key.name, value) {
        names.names.tables[key.name] = table
      } else {
        names.names.wrongTables.insert(key.name)
      }
    }
  }

  /// A table, without rows where those are wrong; nil where not even its columns are known.
  private func table(_ name: String, _ value: YAMLValue) -> LookupTable? {
    let owner = "table '\(name)'"
    guard var reader = MappingReader(value, owner, diagnostics) else { return nil }
    let csv = reader.requiredText("csv", remedy: "name the file: `csv: tables/\(name).csv`")
    let keyText = reader.requiredText("key", remedy: "name the column that `lookup` is given: `key: merchant_id`")
    let fromText = reader.optionalText("valid_from")
    let columns = reader.required("columns", remedy: "list the columns with their types: `category: string`")
    reader.finish()
    let hasLabels = columns.map { reportLabels($0, owner) } ?? false
    guard let shape = columns.flatMap({ compileShape($0, nil, owner, at: nil) }), !hasLabels else { return nil }
    let key = keyText.flatMap { keyColumn($0, shape.schema, owner) }
    let from = fromText.map { fromColumn($0, key, shape.schema, owner) }
    guard let csv, let key else { return nil }
    if case .some(.none) = from { return nil }
    let declared = DeclaredTable(
      name: name,
      path: csv,
      columns: columns,
      shape: shape,
      key: key,
      validFrom: from.flatMap { $0 }
    )
    return rows(of: declared) ?? LookupTable(empty: shape.schema, key: key, validFrom: declared.validFrom)
  }

  private func keyColumn(_ text: PlacedText, _ schema: Schema, _ owner: String) -> Int? {
    guard let key = column(text, schema) else { return nil }
    let field = schema.fields[key]
    if field.type == .float64 {
      diagnostics.report(
        "the key '\(text.text)' of \(owner) is float64",
        at: text.place,
        remedy: "declare it as something exact: string, int64 or decimal(places)"
      )
      return nil
    }
    if field.isNullable {
      diagnostics.report(
        "the key '\(text.text)' of \(owner) may be empty",
        at: text.place,
        remedy: "declare the column without `?`"
      )
      return nil
    }
    return key
  }

  private func fromColumn(_ text: PlacedText, _ key: Int?, _ schema: Schema, _ owner: String) -> Int? {
    guard let from = column(text, schema) else { return nil }
    let field = schema.fields[from]
    guard field.type == .timestamp, !field.isNullable else {
      diagnostics.report(
        "`valid_from` of \(owner) is '\(text.text)', which is \(field.spelling)",
        at: text.place,
        remedy: "declare it as `\(text.text): timestamp`"
      )
      return nil
    }
    guard from != key else {
      diagnostics.report(
        "`valid_from` of \(owner) is its key",
        at: text.place,
        remedy: "name the column that says from when on a row holds"
      )
      return nil
    }
    return from
  }

  /// Reports columns that are declared as labels: a table has no row to be known after.
  private func reportLabels(_ columns: YAMLValue, _ owner: String) -> Bool {
    guard case .mapping(let pairs) = columns.content else { return false }
    var hasAny = false
    for (key, value) in pairs {
      guard case .mapping(let details) = value.content,
        let label = details.first(where: { $0.key.name == "known_after" })
      else { continue }
      hasAny = true
      diagnostics.report(
        "column '\(key.name)' of \(owner) has `known_after`, which is for columns of a source",
        at: label.key.place,
        remedy: "remove it; `valid_from` says from when on a row is known"
      )
    }
    return hasAny
  }

  /// What a table's declaration says, where it is right.
  private struct DeclaredTable {
    let name: String
    let path: PlacedText
    let columns: YAMLValue?
    let shape: RecordShape
    let key: Int
    let validFrom: Int?
  }

  /// The table as its file has it; nil where that is wrong, which is reported.
  private func rows(of table: DeclaredTable) -> LookupTable? {
    let path = table.path
    guard let bytes = contents(of: path, as: "the table '\(table.name)'", atMost: Self.largestTable) else { return nil }
    guard bytes.count <= Self.largestTable else {
      diagnostics.report(
        "the table '\(table.name)' in '\(path.text)' is larger than 64 MB",
        at: path.place,
        remedy: "leave out the rows and columns that nothing looks up"
      )
      return nil
    }
    do throws(CSVHeader.Problem) {
      let csv = try WholeCSV(bytes, shape: table.shape, name: path.text)
      warnOfAbsentColumns(firstBytes: bytes, table.shape, table.columns, path: path.text)
      if csv.mistakes.isEmpty { return looked(up: csv, table) }
      report(
        csv.mistakes.map { mistake in
          let place = mistake.column.map { "column '\($0)': " } ?? ""
          return (mistake.line, place + mistake.reason, "correct the line, or say how the column is read")
        },
        in: table
      )
    } catch {
      diagnostics.report(error.message, at: path.place, remedy: error.remedy)
    }
    return nil
  }

  private func looked(up csv: borrowing WholeCSV, _ table: DeclaredTable) -> LookupTable? {
    let fields = table.shape.schema.fields
    let columns = fields.indices.map { index in
      let column = csv.column(index)
      return (0..<csv.rowCount).map { TableValue(column, $0) }
    }
    do throws(LookupTable.RepeatedKeys) {
      return try LookupTable(table.shape.schema, columns: columns, key: table.key, validFrom: table.validFrom)
    } catch {
      let lines = csv.lines
      report(
        error.rows.map { row, first in
          let key = columns[table.key][row].shown(fields[table.key].type)
          guard let from = table.validFrom else {
            return (
              lines[row], "the key \(key) is that of line \(lines[first]) too",
              "keep one row of each key, or name in `valid_from` the column that says from when on a row holds"
            )
          }
          let time = columns[from][row].shown(.timestamp)
          return (
            lines[row], "the key \(key) has a row from \(time) on in line \(lines[first]) too",
            "keep one row of each key and time"
          )
        },
        in: table
      )
      return nil
    }
  }

  /// Reports what is wrong in a table's file, each with the file and line.
  private func report(_ mistakes: [(line: Int, message: String, remedy: String)], in table: DeclaredTable) {
    let path = table.path
    for mistake in mistakes.prefix(Self.mostMistakes) {
      diagnostics.report("\(path.text):\(mistake.line): \(mistake.message)", at: path.place, remedy: mistake.remedy)
    }
    guard mistakes.count > Self.mostMistakes else { return }
    let more = mistakes.count - Self.mostMistakes
    diagnostics.report(
      "'\(path.text)' has \(more) more mistake\(more == 1 ? "" : "s")",
      at: path.place,
      remedy: "correct these first"
    )
  }
}

extension TableValue {
  fileprivate init(_ column: ColumnView, _ row: Int) {
    if column.isNull(row) {
      self = .null
    } else {
      switch column.type {
      case .string:
        let text = column.utf8(row)
        self = .text(text.indices.map { text[$0] })
      case .bool: self = .word(column.bool(row) ? 1 : 0)
      // A float64 by its bits.
      default: self = .word(column.int64(row))
      }
    }
  }

  /// As messages show it.
  fileprivate func shown(_ type: ColumnType) -> String {
    switch self {
    case .null: return "null"
    case .text(let bytes): return "'\(String(decoding: bytes, as: UTF8.self))'"
    case .word(let word):
      var text = TextBuffer(capacity: 32)
      switch type {
      case .decimal(let scale): text.append(decimal: word, scale: scale)
      case .timestamp: text.append(timestamp: word, separator: UInt8(ascii: " "))
      case .bool: return word != 0 ? "true" : "false"
      default: return "\(word)"
      }
      let bytes = text.bytes
      return String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }
  }
}
