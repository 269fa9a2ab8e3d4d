internal import Expressions
internal import Records
internal import SourceStage

/// A column of a source: what its rows get, and how it is read.
struct DeclaredColumn {
  var field: Field
  var reading: ColumnReading
}

/// The columns that a schema in a file of its own declares, in its order.
struct ImportedSchema {
  /// How the file calls what it describes, for messages.
  let name: String
  var columns: [Column] = []

  struct Column {
    let name: String
    /// nil where it is no column that Sluice knows.
    let column: DeclaredColumn?
    /// Why it is none.
    let problem: String
  }
}

extension PipelineCompiler {
  /// Reads `columns` of a source: types by name, or with a schema from a file, which of its columns the rows get. Nil where
  /// one is wrong: what follows from it would be no mistake of its own.
  ///
  /// - Parameter imported: the columns of the file that `schema` names.
  func compileShape(
    _ columns: YAMLValue?,
    _ imported: ImportedSchema?,
    _ owner: String,
    at schemaPlace: Place?
  ) -> RecordShape? {
    var declared: [DeclaredColumn?] = []
    if let imported, columns == nil {
      declared = imported.columns.map { known($0, imported, at: schemaPlace ?? .commandLine, isNamed: false) }
    } else if let imported, case .sequence(let names)? = columns?.content {
      declared = names.map { chosen($0, imported) }
    } else {
      guard case .mapping(let pairs)? = columns?.content else {
        if let columns {
          diagnostics.report(
            "`columns` of \(owner) is \(columns.kind)",
            at: columns.place,
            remedy: "write lines of `name: type`"
          )
        }
        return nil
      }
      declared = pairs.map { key, value in compileColumn(key, value, imported) }
    }
    let whole = declared.compactMap(\.self)
    guard whole.count == declared.count, !whole.isEmpty else {
      if declared.isEmpty, let columns {
        diagnostics.report(
          "`columns` of \(owner) names no column",
          at: columns.place,
          remedy: "write lines of `name: type`"
        )
      }
      return nil
    }
    if let twice = whole.indices.first(where: { index in
      whole[..<index].contains { $0.field.name == whole[index].field.name }
    }) {
      diagnostics.report(
        "`columns` of \(owner) names '\(whole[twice].field.name)' twice",
        at: columns?.place ?? .commandLine,
        remedy: "name it once"
      )
      return nil
    }
    return RecordShape(Schema(whole.map(\.field)), whole.map(\.reading))
  }

  /// The column of a schema file that a list names.
  private func chosen(_ value: YAMLValue, _ imported: ImportedSchema) -> DeclaredColumn? {
    guard case .scalar(let name) = value.content, !name.isEmpty else {
      diagnostics.report("a column of the schema is \(value.kind)", at: value.place, remedy: "write its name")
      return nil
    }
    return column(YAMLKey(name: name, place: value.place), of: imported)
  }

  /// A column that a schema file has to have, and that rows can get.
  func column(_ key: YAMLKey, of imported: ImportedSchema) -> DeclaredColumn? {
    if let column = imported.columns.first(where: { $0.name == key.name }) {
      return known(column, imported, at: key.place, isNamed: true)
    }
    let names = imported.columns.map(\.name)
    let nearest = NearestName.of(key.name, among: names)
    diagnostics.report(
      "\(imported.name) has no column '\(key.name)'",
      at: key.place,
      remedy: nearest.map { "did you mean '\($0)'?" } ?? "its columns are: \(names.joined(separator: ", "))"
    )
    return nil
  }

  /// - Parameter isNamed: whether the file names it, and does not just take all.
  private func known(
    _ column: ImportedSchema.Column,
    _ imported: ImportedSchema,
    at place: Place,
    isNamed: Bool
  ) -> DeclaredColumn? {
    if let known = column.column { return known }
    let known = imported.columns.filter { $0.column != nil }.prefix(3).map(\.name)
    let others = known.isEmpty ? "a, b" : known.joined(separator: ", ") + ", ..."
    diagnostics.report(
      "\(imported.name): \(column.problem)",
      at: place,
      remedy: !isNamed ? "take the columns without it: `columns: [\(others)]`" : "take it out of `columns`"
    )
    return nil
  }

  private func compileColumn(_ key: YAMLKey, _ value: YAMLValue, _ imported: ImportedSchema?) -> DeclaredColumn? {
    var base: DeclaredColumn?
    if let imported, !Self.isPutTogether(value) {
      // Another name for a column of the schema says which it is.
      guard let named = column(columnName(value).map { YAMLKey(name: $0, place: value.place) } ?? key, of: imported)
      else {
        return nil
      }
      base = DeclaredColumn(
        field: Field(key.name, named.field.type, nullable: named.field.isNullable),
        reading: named.reading
      )
    }
    switch value.content {
    case .scalar(let text):
      if text.isEmpty, let base { return base }
      guard !text.isEmpty else {
        diagnostics.report("column '\(key.name)' is nothing", at: key.place, remedy: "write its type after it")
        return nil
      }
      guard
        let (type, isNullable) = columnType(PlacedText(text: text, place: value.place.advanced(by: value.textOffset)))
      else { return nil }
      let field = Field(key.name, type, nullable: isNullable)
      guard let base else { return DeclaredColumn(field: field, reading: ColumnReading(key.name)) }
      return retyped(base, field, at: value.place)
    case .mapping: return compileColumn(key, details: value, base, imported)
    case .sequence:
      diagnostics.report(
        "column '\(key.name)' is a list",
        at: value.place,
        remedy: "write its type after it, or a mapping: {type: decimal(2), column: Amount}"
      )
      return nil
    }
  }

  /// Whether a column is put together of several, so that it is none of the schema's.
  private static func isPutTogether(_ value: YAMLValue) -> Bool {
    guard case .mapping(let pairs) = value.content else { return false }
    return pairs.contains { $0.key.name == "from" }
  }

  private func columnName(_ value: YAMLValue) -> String? {
    guard case .mapping(let pairs) = value.content,
      case .scalar(let name)? = pairs.first(where: { $0.key.name == "column" })?
        .value.content
    else { return nil }
    return name
  }

  private func compileColumn(
    _ key: YAMLKey,
    details: YAMLValue,
    _ base: DeclaredColumn?,
    _ imported: ImportedSchema?
  ) -> DeclaredColumn? {
    guard var reader = MappingReader(details, "column '\(key.name)'", diagnostics) else { return nil }
    let typeText =
      base == nil
      ? reader.requiredText("type", remedy: "say its type: `\(key.name): { type: decimal(2), column: Amount }`")
      : reader.optionalText("type")
    let keys = ReadingKeys(&reader, self)
    if let known = reader.optionalText("known_after") { labels.declare(key.name, known, diagnostics) }
    let optional = reader.optionalText("optional")
    reader.finish()
    let type = typeText.map { columnType($0) }
    if case .some(.none) = type { return nil }
    guard let (type, isNullable) = type?.flatMap({ $0 }) ?? base.map({ ($0.field.type, $0.field.isNullable) }) else {
      return nil
    }
    if let optional, word(optional, "optional", ["true": true, "false": false]) == true, !isNullable {
      diagnostics.report(
        "column '\(key.name)' may be missing and is not nullable",
        at: optional.place,
        remedy: "declare it as \(type)?"
      )
    }
    let field = Field(key.name, type, nullable: isNullable)
    var start = DeclaredColumn(field: field, reading: ColumnReading(key.name))
    if let base {
      guard let retyped = retyped(base, field, at: (typeText?.place ?? details.place)) else { return nil }
      start = retyped
    }
    guard let reading = keys.reading(start.reading, field, key, at: details.place, isImported: base != nil, imported)
    else {
      return nil
    }
    return DeclaredColumn(field: field, reading: reading)
  }

  /// A column of a schema file that rows get as another type: its rules are about values of the old one.
  private func retyped(_ column: DeclaredColumn, _ field: Field, at place: Place) -> DeclaredColumn? {
    if field.type == column.field.type, field.isNullable || !column.field.isNullable {
      return DeclaredColumn(field: field, reading: column.reading)
    }
    var reading = column.reading
    if field.type != column.field.type {
      reading.rules = ColumnRules()
      reading.format = .plain
    }
    if !field.isNullable { reading.nulls = [] }
    return DeclaredColumn(field: field, reading: reading)
  }

  private func columnType(_ text: PlacedText) -> (ColumnType, isNullable: Bool)? {
    let isNullable = text.text.hasSuffix("?")
    let spelling = isNullable ? String(text.text.dropLast()) : text.text
    if let type = ColumnType(spelling: spelling) { return (type, isNullable) }
    diagnostics.report(
      "'\(spelling)' is no type of a column",
      at: text.place,
      remedy: "use int64, float64, bool, timestamp, string or decimal(places), with `?` behind it where empty is fine"
    )
    return nil
  }
}
