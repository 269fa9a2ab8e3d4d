internal import Records

/// Makes values of the texts of records, as the columns' readings have it: those that are not written the plain way, and
/// those that are put together of several.
struct ColumnValues {
  let shape: RecordShape
  private var plain: [UInt8] = []
  /// The columns that are put together, in their order, with the texts of the record so far.
  private var combined: [Combined] = []

  private struct Combined {
    let column: Int
    /// The texts that the record has had; those missing are nil, and an empty one too.
    var parts: [[UInt8]?]
  }

  init(_ shape: RecordShape) {
    self.shape = shape
    combined = shape.readings.enumerated().filter { $0.element.inputs.count > 1 }.map { column, reading in
      Combined(column: column, parts: Array(repeating: nil, count: reading.inputs.count))
    }
  }

  /// Whether there is something to be done when a record ends.
  var hasCombined: Bool { !combined.isEmpty }

  func isCombined(_ column: Int) -> Bool { shape.readings[column].inputs.count > 1 }

  /// Forgets the texts of the record before.
  mutating func beginRecord() {
    for index in combined.indices {
      for part in combined[index].parts.indices { combined[index].parts[part] = nil }
    }
  }

  /// Stores the text of a target, or keeps it for its column.
  ///
  /// - Parameter isGiven: whether an empty text is a value.
  mutating func store(
    _ text: Span<UInt8>,
    isGiven: Bool = false,
    _ target: RecordShape.Target,
    into rows: inout ColumnScratch,
    row: Int
  ) -> RowProblem? {
    guard shape.readings[target.column].inputs.count > 1 else {
      return store(text, isGiven: isGiven, column: target.column, into: &rows, row: row)
    }
    let value = ColumnReading.value(of: text, isUnquoted: shape.readings[target.column].isUnquoted)
    guard let index = combined.firstIndex(where: { $0.column == target.column }), !value.isEmpty,
      !shape.readings[target.column].isNull(value)
    else { return nil }
    combined[index].parts[target.part] = value.indices.map { value[$0] }
    return nil
  }

  /// Puts the columns together whose texts are there.
  mutating func endRecord(into rows: inout ColumnScratch, row: Int) -> RowProblem? {
    for index in combined.indices {
      let column = combined[index].column
      let given = combined[index].parts.compactMap(\.self)
      if given.count == combined[index].parts.count {
        let text = Array(given.joined(separator: [TimePattern.boundary]))
        if let problem = store(text.span, isGiven: false, column: column, into: &rows, row: row) { return problem }
      } else if given.isEmpty {
        if let problem = storeMissing("missing", column, into: &rows, row: row) { return problem }
      } else {
        let missing = shape.readings[column].inputs[combined[index].parts.firstIndex { $0 == nil } ?? 0]
        return .field(column: column, reason: "\(missing.description) is missing or empty, a part of the column")
      }
    }
    return nil
  }

  /// Stores that a column has no value, where it may have none.
  func storeMissing(_ word: String, _ column: Int, into rows: inout ColumnScratch, row: Int) -> RowProblem? {
    let field = shape.schema.fields[column]
    guard field.isNullable else { return .field(column: column, reason: FieldText.missing(word, field.type)) }
    rows.storeNull(column: column + RecordLayout.columnsBefore, row: row)
    return nil
  }

  private mutating func store(
    _ text: Span<UInt8>,
    isGiven: Bool,
    column: Int,
    into rows: inout ColumnScratch,
    row: Int
  ) -> RowProblem? {
    let reading = shape.readings[column]
    let type = shape.schema.fields[column].type
    let value = ColumnReading.value(of: text, isUnquoted: reading.isUnquoted)
    let target = column + RecordLayout.columnsBefore
    if reading.isNull(value) || value.isEmpty && !(type == .string && (isGiven || !text.isEmpty)) {
      return storeMissing("empty", column, into: &rows, row: row)
    }
    let isStored: Bool
    switch reading.format {
    case .plain: isStored = FieldText.store(value, type, into: &rows, column: target, row: row)
    case .number where type == .int64:
      let number = NumberText.whole(FieldText.spaceless(value))
      if let number { rows.store(number, column: target, row: row) }
      isStored = number != nil
    case .number: isStored = FieldText.store(value, type, into: &rows, column: target, row: row)
    case .money:
      isStored =
        NumberText.writePlain(money: FieldText.spaceless(value), into: &plain)
        && FieldText.store(plain.span, type, into: &rows, column: target, row: row)
    case .words(let yes, let no):
      let word = FieldText.spaceless(value)
      let truth =
        yes.contains { FieldText.equals($0, word) } ? true : no.contains { FieldText.equals($0, word) } ? false : nil
      if let truth { rows.store(truth, column: target, row: row) }
      isStored = truth != nil
    case .steps, .pattern:
      let time = reading.time(ofValue: value)
      if let time { rows.store(time, column: target, row: row) }
      isStored = time != nil
    }
    return isStored ? nil : .field(column: column, reason: reading.reason(type, value))
  }
}

extension ColumnReading {
  /// The text within its own quotes, where they are none of it.
  @_lifetime(copy text)
  static func value(of text: Span<UInt8>, isUnquoted: Bool) -> Span<UInt8> {
    guard isUnquoted else { return text }
    let inner = FieldText.spaceless(text)
    guard inner.count >= 2, inner[0] == 0x27 || inner[0] == CSVText.quote, inner[inner.count - 1] == inner[0] else {
      return text
    }
    return inner.extracting(1..<inner.count - 1)
  }

  /// Whether a text stands for no value.
  func isNull(_ value: Span<UInt8>) -> Bool {
    if nulls.isEmpty { return false }
    let word = FieldText.spaceless(value)
    return nulls.contains { FieldText.isSame($0, word) }
  }

  /// The time that the text of a record means, for whoever looks at it before the record is read.
  func time(of text: Span<UInt8>) -> Int64? {
    let value = Self.value(of: text, isUnquoted: isUnquoted)
    return isNull(value) ? nil : time(ofValue: value)
  }

  fileprivate func time(ofValue value: Span<UInt8>) -> Int64? {
    let text = FieldText.spaceless(value)
    switch format {
    case .steps(let length, let since): return Self.steps(text, length: length, since: since)
    case .pattern(let pattern): return pattern.parse(text)
    default: return Timestamp.parse(text)
    }
  }

  /// A number of steps behind a moment, to the microsecond.
  private static func steps(_ text: Span<UInt8>, length: Int64, since: Int64) -> Int64? {
    let distance: Int128
    if let steps = NumberText.whole(text) {
      distance = Int128(steps) * Int128(length)
    } else if let millionths = DecimalText.parse(text, scale: 6) {
      // To the nearest microsecond, half to even.
      let product = Int128(millionths) * Int128(length)
      let (quotient, rest) = product.quotientAndRemainder(dividingBy: 1_000_000)
      let half = rest.magnitude * 2
      let isAway = half > 1_000_000 || half == 1_000_000 && quotient % 2 != 0
      distance = quotient + (isAway ? product.signum() : 0)
    } else {
      return nil
    }
    guard let time = Int64(exactly: distance + Int128(since)), TimeRange.all.contains(time) else { return nil }
    return time
  }

  /// Why a text is no value of the column.
  fileprivate func reason(_ type: ColumnType, _ value: Span<UInt8>) -> String {
    let shown = FieldText.shown(value)
    switch format {
    case .plain: return FieldText.reason(type, value)
    case .number: return "'\(shown)' is no \(type == .int64 ? "whole number of 64 bits" : "number that fits \(type)")"
    case .money: return "'\(shown)' is no amount that fits \(type)"
    case .words(let yes, let no): return "'\(shown)' is none of \((yes + no).joined(separator: ", "))"
    case .steps: return "'\(shown)' is no number of steps that leads to a date"
    case .pattern(let pattern):
      let text = shown.replacing("\0", with: " ")
      return "'\(text)' is no time written as \(pattern.text)"
    }
  }
}

extension FieldText {
  /// Whether a text is a lower-case word, whatever its own case.
  static func equals(_ lowercase: String, _ text: Span<UInt8>) -> Bool {
    guard lowercase.utf8.count == text.count else {
      return String(decoding: text.indices.map { text[$0] }, as: UTF8.self).lowercased() == lowercase
    }
    for (index, byte) in lowercase.utf8.enumerated() {
      let other = text[index]
      if (other &- 0x41 < 26 ? other | 0x20 : other) != byte {
        return other >= 0x80 && String(decoding: text.indices.map { text[$0] }, as: UTF8.self).lowercased() == lowercase
      }
    }
    return true
  }

  static func isSame(_ word: String, _ text: Span<UInt8>) -> Bool {
    guard word.utf8.count == text.count else { return false }
    for (index, byte) in word.utf8.enumerated() where text[index] != byte { return false }
    return true
  }
}
