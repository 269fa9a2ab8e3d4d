internal import Expressions
internal import Records
internal import SourceStage

/// What the mapping of a column says beside its type.
struct ReadingKeys {
  private let compiler: PipelineCompiler
  private let column: PlacedText?
  private let occurrence: PlacedText?
  private let from: [PlacedText]?
  private let format: PlacedText?
  private let step: PlacedText?
  private let since: PlacedText?
  private let yes: [PlacedText]?
  private let no: [PlacedText]?
  private let nulls: [PlacedText]?
  private let unquote: PlacedText?
  private let least: PlacedText?
  private let greatest: PlacedText?
  private let allowed: [PlacedText]?
  private let longest: PlacedText?

  init(_ reader: inout MappingReader, _ compiler: PipelineCompiler) {
    self.compiler = compiler
    column = reader.optionalText("column")
    occurrence = reader.optionalText("occurrence")
    from = reader.optionalTexts("from")
    format = reader.optionalText("format")
    step = reader.optionalText("step")
    since = reader.optionalText("since")
    yes = reader.optionalTexts("true")
    no = reader.optionalTexts("false")
    nulls = reader.optional("null").map { compiler.words($0) }
    unquote = reader.optionalText("unquote")
    least = reader.optionalText("min")
    greatest = reader.optionalText("max")
    allowed = reader.optionalTexts("one_of")
    longest = reader.optionalText("max_length")
  }

  /// How the column is read; nil where something is wrong, which is reported.
  func reading(
    _ base: ColumnReading,
    _ field: Field,
    _ key: YAMLKey,
    at place: Place,
    isImported: Bool,
    _ imported: ImportedSchema?
  ) -> ColumnReading? {
    var reading = base
    if !isImported, let column { reading.inputs = [InputColumn(column.text)] }
    guard readInputs(&reading, imported, at: place), readFormat(&reading, field, at: place) else { return nil }
    if let unquote {
      guard let isUnquoted = compiler.word(unquote, "unquote", ["true": true, "false": false]) else { return nil }
      reading.isUnquoted = isUnquoted
    }
    if let nulls {
      guard field.isNullable else {
        return report(
          "column '\(key.name)' has words for null and is not nullable",
          at: nulls.first?.place ?? place,
          remedy: "declare it as \(field.type)?"
        )
      }
      reading.nulls = nulls.map(\.text)
    }
    guard readRules(&reading, field, key) else { return nil }
    if reading.suits(field) { return reading }
    return report(
      "column '\(key.name)' cannot be read so",
      at: place,
      remedy: "its `format`, `true`, `false` and `from` have to go with its type, \(field.type)"
    )
  }

  private func report<T>(_ message: String, at place: Place, remedy: String) -> T? {
    compiler.diagnostics.report(message, at: place, remedy: remedy)
    return nil
  }

  private func fails(_ message: String, at place: Place, remedy: String) -> Bool {
    compiler.diagnostics.report(message, at: place, remedy: remedy)
    return false
  }

  // MARK: Where it stands

  private func readInputs(_ reading: inout ColumnReading, _ imported: ImportedSchema?, at place: Place) -> Bool {
    if let occurrence {
      guard let number = Int(occurrence.text), 1...1000 ~= number else {
        return fails(
          "`occurrence` is '\(occurrence.text)'",
          at: occurrence.place,
          remedy: "count the columns of that name from 1"
        )
      }
      reading.inputs = reading.inputs.map { InputColumn($0.name, occurrence: number, field: $0.field) }
    }
    guard let from else { return true }
    if column != nil || occurrence != nil {
      return fails("a column has both `from` and `column`", at: place, remedy: "name all its parts after `from`")
    }
    let inputs = from.map { part in
      guard let imported else { return InputColumn(part.text) as InputColumn? }
      return compiler.column(YAMLKey(name: part.text, place: part.place), of: imported)?.reading.inputs[0]
    }
    guard inputs.allSatisfy({ $0 != nil }) else { return false }
    reading.inputs = inputs.compactMap(\.self)
    guard from.count == 1 || format != nil else {
      return fails(
        "a column of several parts has no `format`",
        at: from[0].place,
        remedy: "say what they make together: format: 'YYYY-MM-DD HH:MM'"
      )
    }
    return true
  }

  // MARK: What it looks like

  private func readFormat(_ reading: inout ColumnReading, _ field: Field, at place: Place) -> Bool {
    if step != nil || since != nil { return readSteps(&reading, field, at: place) }
    if yes != nil || no != nil { return readWords(&reading, field, at: place) }
    guard let format else { return true }
    switch field.type {
    case .timestamp: return readTime(&reading, format)
    case .bool:
      guard format.text == "yes_no" else {
        return fails(
          "'\(format.text)' is no format of a bool",
          at: format.place,
          remedy: "use yes_no, or list the words: true: [Fraud], false: [Legit]"
        )
      }
      reading.format = .words(true: ["yes", "y"], false: ["no", "n"])
    case .int64, .decimal, .float64:
      let formats: KeyValuePairs<String, ValueFormat> = ["money": .money, "number": .number]
      guard let found = compiler.word(format, "format", formats) else { return false }
      reading.format = found
    case .string:
      return fails("a string has no `format`", at: format.place, remedy: "remove it, or declare another type")
    }
    return true
  }

  private func readTime(_ reading: inout ColumnReading, _ format: PlacedText) -> Bool {
    let units: [(String, Int64)] = [
      ("unix_seconds", 1_000_000), ("unix_milliseconds", 1000), ("unix_microseconds", 1),
    ]
    if let unit = units.first(where: { $0.0 == format.text }) {
      reading.format = .steps(microseconds: unit.1, since: 0)
      return true
    }
    do throws(TimePattern.Mistake) {
      reading.format = .pattern(try TimePattern(format.text))
      return true
    } catch {
      return fails(
        "`format` is '\(format.text)': \(error.message)",
        at: format.place,
        remedy: "use unix_seconds, unix_milliseconds, unix_microseconds, or a layout such as 'YYYY/MM/DD HH:MM'"
      )
    }
  }

  private func readSteps(_ reading: inout ColumnReading, _ field: Field, at place: Place) -> Bool {
    guard field.type == .timestamp else {
      return fails(
        "only a timestamp has `step` and `since`",
        at: place,
        remedy: "declare it as timestamp, or remove them"
      )
    }
    guard let step, let since, format == nil else {
      return fails(
        format == nil ? "a time in steps has both `step` and `since`" : "a time in steps has no `format`",
        at: place,
        remedy: "write how long a step is and when the first began: step: 1h, since: '2017-01-01'"
      )
    }
    guard let length = DurationText.parse(step.text), length > 0 else {
      return fails("`step` is '\(step.text)'", at: step.place, remedy: DurationText.remedy)
    }
    let text = Array(since.text.utf8)
    guard let start = Timestamp.parse(text.span) else {
      return fails("`since` is '\(since.text)'", at: since.place, remedy: "write a time: '2017-01-01 00:00:00'")
    }
    reading.format = .steps(microseconds: length, since: start)
    return true
  }

  private func readWords(_ reading: inout ColumnReading, _ field: Field, at place: Place) -> Bool {
    guard field.type == .bool else {
      return fails("only a bool has `true` and `false`", at: place, remedy: "declare it as bool, or remove them")
    }
    guard let yes, let no, format == nil else {
      return fails(
        "a bool in words of its own has both `true` and `false`, and no `format`",
        at: place,
        remedy: "list the words: true: [Fraud], false: [Legit]"
      )
    }
    let (yesWords, noWords) = (yes.map { $0.text.lowercased() }, no.map { $0.text.lowercased() })
    if let both = yes.first(where: { noWords.contains($0.text.lowercased()) }) {
      return fails("'\(both.text)' is both true and false", at: both.place, remedy: "list it once; case means nothing")
    }
    reading.format = .words(true: yesWords, false: noWords)
    return true
  }

  // MARK: What it may be

  private func readRules(_ reading: inout ColumnReading, _ field: Field, _ key: YAMLKey) -> Bool {
    for (text, name) in [(least, "min"), (greatest, "max")] {
      guard let text else { continue }
      guard field.type != .string, field.type != .bool else {
        return fails(
          "a \(field.type) has no `\(name)`",
          at: text.place,
          remedy: "remove it, or list values: one_of: [a, b]"
        )
      }
      guard let value = value(text, name, field) else { return false }
      if name == "min" { reading.rules.least = value } else { reading.rules.greatest = value }
    }
    if let least, Self.isReversed(reading.rules) {
      return fails("no value of column '\(key.name)' is within `min` and `max`", at: least.place, remedy: "swap them")
    }
    if let allowed {
      guard field.type != .bool else {
        return fails("a bool has no `one_of`", at: allowed[0].place, remedy: "filter with the stage's `where`")
      }
      let values = allowed.compactMap { value($0, "one_of", field) }
      guard values.count == allowed.count else { return false }
      reading.rules.allowed = values
    }
    if let longest {
      guard field.type == .string, let count = Int(longest.text), count >= 0 else {
        return fails(
          field.type == .string ? "`max_length` is '\(longest.text)'" : "only a string has `max_length`",
          at: longest.place,
          remedy: field.type == .string ? "write a number of characters" : "remove it; `max` bounds numbers"
        )
      }
      reading.rules.longest = count
    }
    return true
  }

  private static func isReversed(_ rules: ColumnRules) -> Bool {
    switch (rules.least, rules.greatest) {
    case (.int(let least), .int(let greatest)): least > greatest
    case (.float(let least), .float(let greatest)): least > greatest
    default: false
    }
  }

  private func value(_ text: PlacedText, _ name: String, _ field: Field) -> ColumnRules.Value? {
    if let value = ColumnRules.Value(text.text, field.type) { return value }
    return report(
      "`\(name)` is '\(text.text)', which is no \(field.type)",
      at: text.place,
      remedy: "write a value of the column's type"
    )
  }
}

extension ColumnRules.Value {
  /// The value of a type that a text spells.
  init?(_ text: String, _ type: ColumnType) {
    let bytes = Array(text.utf8)
    switch type {
    case .int64:
      guard let value = Int64(text) else { return nil }
      self = .int(value)
    case .decimal(let scale):
      guard let value = DecimalText.parse(bytes.span, scale: scale) else { return nil }
      self = .int(value)
    case .timestamp:
      guard let value = Timestamp.parse(bytes.span) else { return nil }
      self = .int(value)
    case .float64:
      guard let value = FloatText.parse(bytes.span) else { return nil }
      self = .float(value)
    case .string: self = .text(text)
    case .bool: return nil
    }
  }
}

extension PipelineCompiler {
  /// A list of words, which may be empty ones.
  func words(_ value: YAMLValue) -> [PlacedText] {
    guard case .sequence(let values) = value.content else {
      diagnostics.report("`null` is \(value.kind)", at: value.place, remedy: "write a list: ['', NA, '?']")
      return []
    }
    return values.compactMap { value in
      guard case .scalar(let text) = value.content else {
        diagnostics.report("a word for null is \(value.kind)", at: value.place, remedy: "write a list: ['', NA, '?']")
        return nil
      }
      return PlacedText(text: text, place: value.place.advanced(by: value.textOffset))
    }
  }
}
