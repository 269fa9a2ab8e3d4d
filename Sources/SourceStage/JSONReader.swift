internal import Records

/// Reads JSON objects, one a line, into columns by the names of their members. Numbers may stand in quotes; members that the
/// schema does not name are passed over.
struct JSONReader: RecordReader, ~Copyable {
  private let schema: Schema
  private let timeColumn: Int
  private let clockOffset: Int64
  private var members: [Member]
  /// What is read from members that are not plain, of which each has a part.
  private let targets: [Target]
  private var values: ColumnValues
  /// Bit c: the record has had a value of column c.
  private var seen: [Bool]
  private var unescaped: [UInt8] = []
  private(set) var time: Int64 = 0
  private(set) var arrival: Int64?

  /// The members of one name.
  private struct Member {
    /// In lower case, with its quotes: `"tx_amount"`.
    let name: [UInt8]
    /// The one column that it is the plain value of; -1 where `targets` say more.
    let column: Int
    let targets: Range<Int>
    /// How many the record has had.
    var count = 0
  }

  private struct Target {
    let target: RecordShape.Target
    let occurrence: Int?
  }

  var lineBreaks: Int { 0 }
  var readsArrivals: Bool { true }

  /// The member that says when a row was scheduled to arrive: nanoseconds since 1970 UTC.
  private static let arrivalName = Array("\"sluice_scheduled_at\"".utf8)
  private static let deepestNesting = 64

  /// - Parameter clockOffset: nanoseconds from this machine's monotonic clock to the time since 1970.
  init(_ plan: SourcePlan, clockOffset: Int64) {
    schema = plan.schema
    timeColumn = plan.timeColumn
    self.clockOffset = clockOffset
    values = ColumnValues(plan.shape)
    seen = Array(repeating: false, count: plan.schema.fields.count)
    var names: [(name: String, targets: [Target])] = []
    for (input, targets) in plan.shape.inputs {
      let name = input.name.lowercased()
      let more = targets.map { Target(target: $0, occurrence: input.occurrence) }
      if let known = names.firstIndex(where: { $0.name == name }) {
        names[known].targets += more
      } else {
        names.append((name, more))
      }
    }
    var targets: [Target] = []
    members = names.map { name, own in
      let isPlain = own.count == 1 && own[0].occurrence == nil && plan.shape.readings[own[0].target.column].isPlain
      targets += own
      return Member(
        name: Array("\"\(name)\"".utf8),
        column: isPlain ? own[0].target.column : -1,
        targets: targets.count - own.count..<targets.count
      )
    }
    self.targets = targets
  }

  mutating func begin(_ header: CSVHeader) {}

  func endOfRecord(_ bytes: Span<UInt8>, from start: Int) -> Int? { CSVText.endOfLine(bytes, from: start) }

  func plainRecord(_ bytes: Span<UInt8>, from start: Int) -> (next: Int, time: Int64?)? { nil }

  mutating func read(
    _ bytes: Span<UInt8>,
    from start: Int,
    into rows: inout ColumnScratch,
    row: Int
  ) -> ReadOutcome {
    guard let end = CSVText.endOfLine(bytes, from: start) else { return .incomplete }
    var cursor = JSONCursor(bytes, from: start, to: end)
    cursor.skipSpace()
    if cursor.isAtEnd { return .blank(next: end + 1) }
    arrival = nil
    for column in seen.indices { seen[column] = false }
    for member in members.indices { members[member].count = 0 }
    if values.hasCombined { values.beginRecord() }
    guard cursor.take(UInt8(ascii: "{")) else { return .problem(.json("it is no object", at: cursor.at - start)) }
    cursor.skipSpace()
    var expected = 0
    if !cursor.take(UInt8(ascii: "}")) {
      repeat {
        cursor.skipSpace()
        guard let name = cursor.takeText() else { return .problem(.json("a name is due", at: cursor.at - start)) }
        cursor.skipSpace()
        guard cursor.take(UInt8(ascii: ":")) else { return .problem(.json("a `:` is due", at: cursor.at - start)) }
        cursor.skipSpace()
        let nameBytes = bytes.extracting(name)
        let member = member(nameBytes, expected: expected)
        let isArrival = member == nil && Self.matches(nameBytes, Self.arrivalName)
        guard let value = cursor.takeValue(deepest: Self.deepestNesting) else {
          return .problem(.json("a value is due", at: cursor.at - start))
        }
        if let member {
          expected = member + 1
          if let problem = store(bytes.extracting(value), member, into: &rows, row: row) { return .problem(problem) }
        } else if isArrival, let wall = FieldText.integer(bytes.extracting(value)) {
          arrival = wall &- clockOffset
        }
        cursor.skipSpace()
      } while cursor.take(UInt8(ascii: ","))
      guard cursor.take(UInt8(ascii: "}")) else {
        return .problem(.json("`,` or `}` is due", at: cursor.at - start))
      }
    }
    cursor.skipSpace()
    guard cursor.isAtEnd else { return .problem(.json("something stands behind it", at: cursor.at - start)) }
    if values.hasCombined {
      if let problem = values.endRecord(into: &rows, row: row) { return .problem(problem) }
      time = rows.int64(column: timeColumn + RecordLayout.columnsBefore, row: row)
    }
    for column in seen.indices where !seen[column] && !values.isCombined(column) {
      if let problem = values.storeMissing("missing", column, into: &rows, row: row) { return .problem(problem) }
    }
    return .row(next: end + 1)
  }

  /// The members of a name, quotes included. Programs write members in one order, so the next one is tried first.
  private mutating func member(_ name: Span<UInt8>, expected: Int) -> Int? {
    if expected < members.count, Self.matches(name, members[expected].name) { return expected }
    if let member = members.indices.first(where: { Self.matches(name, members[$0].name) }) { return member }
    // Some programs escape whatever is not ASCII, and there case is no matter of one bit.
    for index in name.indices where name[index] >= 0x80 || name[index] == UInt8(ascii: "\\") {
      return unusualMember(name)
    }
    return nil
  }

  private mutating func unusualMember(_ name: Span<UInt8>) -> Int? {
    guard JSONText.unescape(name, into: &unescaped) else { return nil }
    let lowercase = Array(String(decoding: unescaped, as: UTF8.self).lowercased().utf8)
    return members.firstIndex { $0.name == lowercase }
  }

  /// Whether two names are the same but for the case of ASCII letters.
  private static func matches(_ name: Span<UInt8>, _ lowercase: [UInt8]) -> Bool {
    guard name.count == lowercase.count else { return false }
    for index in name.indices {
      let byte = name[index]
      let isUpper = byte &- 0x41 < 26
      if (isUpper ? byte | 0x20 : byte) != lowercase[index] { return false }
    }
    return true
  }

  private mutating func store(
    _ value: Span<UInt8>,
    _ member: Int,
    into rows: inout ColumnScratch,
    row: Int
  ) -> RowProblem? {
    members[member].count += 1
    let column = members[member].column
    guard column >= 0 else { return storeTargets(value, members[member], into: &rows, row: row) }
    let type = schema.fields[column].type
    let target = column + RecordLayout.columnsBefore
    if seen[column] { return .field(column: column, reason: "it stands there twice") }
    seen[column] = true
    let isText = value[0] == UInt8(ascii: "\"")
    if value[0] == UInt8(ascii: "n") { return values.storeMissing("null", column, into: &rows, row: row) }
    if Self.isNested(value) { return .field(column: column, reason: Self.nested) }
    if type == .timestamp && !isText { return .field(column: column, reason: FieldText.reason(type, value)) }
    let stored: Bool
    if isText {
      guard JSONText.unescape(value.extracting(1..<value.count - 1), into: &unescaped) else {
        return .field(column: column, reason: Self.badEscape)
      }
      // Held here as well, so that its bytes can be read while the rest of the reader changes.
      let unescaped = unescaped
      stored = FieldText.store(unescaped.span, type, into: &rows, column: target, row: row)
    } else {
      stored = FieldText.store(value, type, into: &rows, column: target, row: row)
    }
    guard stored else { return .field(column: column, reason: FieldText.reason(type, value)) }
    if column == timeColumn { time = rows.int64(column: target, row: row) }
    return nil
  }

  /// Stores a member whose columns say how it is written, or which of several it is.
  private mutating func storeTargets(
    _ value: Span<UInt8>,
    _ member: Member,
    into rows: inout ColumnScratch,
    row: Int
  ) -> RowProblem? {
    let isText = value[0] == UInt8(ascii: "\"")
    let isNull = value[0] == UInt8(ascii: "n")
    for index in member.targets {
      let target = targets[index].target
      guard targets[index].occurrence ?? member.count == member.count else { continue }
      if targets[index].occurrence == nil, member.count > 1 {
        return .field(column: target.column, reason: "it stands there twice")
      }
      if Self.isNested(value) { return .field(column: target.column, reason: Self.nested) }
      seen[target.column] = true
      if isNull {
        if values.isCombined(target.column) { continue }
        if let problem = values.storeMissing("null", target.column, into: &rows, row: row) { return problem }
        continue
      }
      if isText, !JSONText.unescape(value.extracting(1..<value.count - 1), into: &unescaped) {
        return .field(column: target.column, reason: Self.badEscape)
      }
      let unescaped = unescaped
      let text = isText ? unescaped.span : value
      if let problem = values.store(text, isGiven: isText, target, into: &rows, row: row) { return problem }
      if target.column == timeColumn, !values.isCombined(timeColumn) {
        time = rows.int64(column: timeColumn + RecordLayout.columnsBefore, row: row)
      }
    }
    return nil
  }

  private static let nested = "an object or a list where one value is due"
  private static let badEscape = "an escape that means nothing"

  private static func isNested(_ value: Span<UInt8>) -> Bool {
    value[0] == UInt8(ascii: "{") || value[0] == UInt8(ascii: "[")
  }
}
