internal import Records

/// Checks rows that have been read against the rules of their columns.
struct RowRules {
  fileprivate struct Check {
    let column: Int
    let type: ColumnType
    let rules: ColumnRules
    /// What a number may be.
    let ints: ClosedRange<Int64>
    let floats: ClosedRange<Double>
    let allowedInts: [Int64]
    let allowedTexts: [[UInt8]]
  }

  /// The bounds of whole numbers, decimals and times, which most rules are.
  private struct Bounds {
    let column: Int
    let range: ClosedRange<Int64>
    let check: Int
  }

  private let checks: [Check]
  private let bounds: [Bounds]
  /// The other checks.
  private let others: [Int]
  /// What an event time may be, for whoever looks at one before its row is read.
  let times: ClosedRange<Int64>

  var isEmpty: Bool { checks.isEmpty }

  init(_ shape: RecordShape, timeColumn: Int) {
    let checks = shape.readings.enumerated().filter { !$0.element.rules.isEmpty }.map { column, reading in
      Check(reading.rules, column, shape.schema.fields[column].type)
    }
    times = checks.first { $0.column == timeColumn }?.ints ?? .min ... .max
    self.checks = checks
    bounds = checks.indices.compactMap { index in
      let range = checks[index].ints
      let isBounded = range != .min ... .max
      return isBounded ? Bounds(column: checks[index].column, range: range, check: index) : nil
    }
    others = checks.indices.filter {
      checks[$0].type == .float64 || !checks[$0].rules.allowed.isEmpty || checks[$0].type == .string
    }
  }

  /// The first rule that the row breaks; nil where it keeps all of them.
  func problem(in rows: borrowing ColumnScratch, row: Int) -> RowProblem? {
    for bound in bounds {
      let column = bound.column + RecordLayout.columnsBefore
      if !bound.range.contains(rows.int64(column: column, row: row)), !rows.isNull(column: column, row: row) {
        return .field(column: bound.column, reason: checks[bound.check].reason(rows, row))
      }
    }
    for index in others {
      let check = checks[index]
      let column = check.column + RecordLayout.columnsBefore
      if rows.isNull(column: column, row: row) { continue }
      let isFine: Bool
      switch check.type {
      case .int64, .timestamp, .decimal: isFine = check.allowedInts.contains(rows.int64(column: column, row: row))
      case .float64:
        let value = rows.float64(column: column, row: row)
        isFine =
          check.floats.contains(value) && (check.rules.allowed.isEmpty || check.rules.allowed.contains(.float(value)))
      case .string: isFine = check.admits(rows.text(column: column, row: row))
      case .bool: isFine = true
      }
      if !isFine { return .field(column: check.column, reason: check.reason(rows, row)) }
    }
    return nil
  }
}

extension RowRules.Check {
  fileprivate init(_ rules: ColumnRules, _ column: Int, _ type: ColumnType) {
    self.column = column
    self.type = type
    self.rules = rules
    var ints = Int64.min...Int64.max
    var floats = -Double.infinity...Double.infinity
    // Where the bounds contradict each other, nothing is between them, but a range has to hold something.
    if case .int(let least)? = rules.least { ints = least...Int64.max }
    if case .int(let greatest)? = rules.greatest { ints = min(ints.lowerBound, greatest)...greatest }
    if case .float(let least)? = rules.least { floats = least...Double.infinity }
    if case .float(let greatest)? = rules.greatest { floats = min(floats.lowerBound, greatest)...greatest }
    self.ints = ints
    self.floats = floats
    allowedInts = rules.allowed.compactMap { if case .int(let value) = $0 { value } else { nil } }
    allowedTexts = rules.allowed.compactMap { if case .text(let value) = $0 { Array(value.utf8) } else { nil } }
  }

  fileprivate func admits(_ text: Span<UInt8>) -> Bool {
    if let longest = rules.longest, Self.characters(text) > longest { return false }
    return allowedTexts.isEmpty || allowedTexts.contains { Self.equal($0, text) }
  }

  private static func equal(_ bytes: [UInt8], _ text: Span<UInt8>) -> Bool {
    guard bytes.count == text.count else { return false }
    for index in text.indices where bytes[index] != text[index] { return false }
    return true
  }

  /// Unicode code points: bytes but those that go on with one.
  private static func characters(_ text: Span<UInt8>) -> Int {
    var count = 0
    for index in text.indices where text[index] & 0xC0 != 0x80 { count += 1 }
    return count
  }

  /// Why the value is refused.
  fileprivate func reason(_ rows: borrowing ColumnScratch, _ row: Int) -> String {
    let place = column + RecordLayout.columnsBefore
    if type == .string {
      let text = rows.text(column: place, row: row)
      if let longest = rules.longest, Self.characters(text) > longest {
        return "\(Self.characters(text)) characters where the column's `max_length` is \(longest)"
      }
      return "'\(FieldText.shown(text))' is none of the column's `one_of`: \(allowedText)"
    }
    let value: ColumnRules.Value =
      type == .float64
      ? .float(rows.float64(column: place, row: row)) : .int(rows.int64(column: place, row: row))
    if let least = rules.least, Self.isLess(value, least) {
      return "\(text(value)) is less than the column's `min`, \(text(least))"
    }
    if let greatest = rules.greatest, Self.isLess(greatest, value) {
      return "\(text(value)) is greater than the column's `max`, \(text(greatest))"
    }
    return "\(text(value)) is none of the column's `one_of`: \(allowedText)"
  }

  private var allowedText: String {
    rules.allowed.prefix(12).map { text($0) }.joined(separator: ", ") + (rules.allowed.count > 12 ? ", ..." : "")
  }

  private static func isLess(_ left: ColumnRules.Value, _ right: ColumnRules.Value) -> Bool {
    switch (left, right) {
    case (.int(let left), .int(let right)): left < right
    case (.float(let left), .float(let right)): left < right
    default: false
    }
  }

  private func text(_ value: ColumnRules.Value) -> String {
    var text = TextBuffer(capacity: 64)
    switch (value, type) {
    case (.text(let value), _): return value
    case (.float(let value), _): text.append(float: value)
    case (.int(let value), .decimal(let scale)): text.append(decimal: value, scale: scale)
    case (.int(let value), .timestamp): text.append(timestamp: value, separator: CSVText.space)
    case (.int(let value), _): text.append(integer: value)
    }
    return String(decoding: text.bytes.indices.map { text.bytes[$0] }, as: UTF8.self)
  }
}
