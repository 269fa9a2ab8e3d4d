package import Records

/// The rows of a CSV file as JSON objects with the header's names, for a client that feeds them to a live source: every value is
/// a text, for only the source knows the types.
package struct ReplayRows: ~Copyable {
  private let path: String
  private let timeName: String?
  private var input = InputBuffer()
  /// `"NAME":` of each field.
  private var names: [[UInt8]] = []
  private var timeField = -1
  private var line = 1
  private var unescaped: [UInt8] = []
  private var hasEnded = false

  package enum Step: Hashable, Sendable {
    /// The object has been written; its event time in microseconds.
    case row(time: Int64)
    case needsInput
    case finished
  }

  /// Why a file cannot be replayed.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// - Parameter timeName: the column that holds the event time; nil: the first whose first value is a timestamp.
  package init(path: String, timeName: String?) {
    self.path = path
    self.timeName = timeName
  }

  package mutating func supply(_ bytes: Span<UInt8>) { input.append(bytes) }

  package mutating func endInput() {
    hasEnded = true
    input.endLine()
  }

  /// Writes the next row's object, without its closing brace, for the caller may have more to say.
  package mutating func next(into text: inout TextBuffer) throws(Failure) -> Step {
    while true {
      let bytes = input.bytes
      guard let end = CSVText.endOfRecord(bytes.span, from: input.at) else {
        if hasEnded && input.count == 0 { return .finished }
        guard !hasEnded else { throw failure("a quoted field is not closed") }
        return .needsInput
      }
      let start = input.at
      input.at = end + 1
      defer { line += 1 }
      let record = CSVText.trimmed(bytes.span.extracting(start..<end))
      if record.isEmpty { continue }
      if names.isEmpty {
        try readHeader(record)
        continue
      }
      return .row(time: try write(record, into: &text))
    }
  }

  private mutating func readHeader(_ record: Span<UInt8>) throws(Failure) {
    var at = CSVText.hasByteOrderMark(record) ? 3 : 0
    repeat {
      let field = CSVText.field(record, from: at, into: &unescaped)
      var name: [UInt8] = []
      if field.isEscaped { name = unescaped } else { for index in field.content { name.append(record[index]) } }
      let plain = CSVText.spaceless(name)
      if let timeName, plain.lowercased() == timeName.lowercased() { timeField = names.count }
      var text = TextBuffer()
      text.append(json: plain)
      text.append(":")
      names.append([])
      for index in text.bytes.indices { names[names.count - 1].append(text.bytes[index]) }
      at = field.end + 1
    } while at <= record.count
    if let timeName, timeField < 0 { throw failure("there is no column '\(timeName)'; name another with --time") }
  }

  private mutating func write(_ record: Span<UInt8>, into text: inout TextBuffer) throws(Failure) -> Int64 {
    var time: Int64?
    var place = 0
    var at = 0
    repeat {
      guard place < names.count else { throw failure("more fields than the header has") }
      let field = CSVText.field(record, from: at, into: &unescaped)
      text.append(place == 0 ? "{" : ",")
      let name = names[place]
      text.append(name.span)
      let isTime = timeField == place || (timeField < 0 && time == nil)
      let found: Int64?
      if field.isEscaped {
        found = Self.write(unescaped.span, isTime: isTime, into: &text)
      } else {
        found = Self.write(record.extracting(field.content), isTime: isTime, into: &text)
      }
      if let found {
        time = found
        timeField = place
      }
      place += 1
      at = field.end + 1
    } while at <= record.count
    guard let time else { throw failure("no event time can be read; name its column with --time") }
    return time
  }

  /// Writes a value; gives the time that it is, where it may be that of the row.
  private static func write(_ value: Span<UInt8>, isTime: Bool, into text: inout TextBuffer) -> Int64? {
    if value.isEmpty { text.append("null") } else { text.append(json: value) }
    return isTime ? Timestamp.parse(value) : nil
  }

  private func failure(_ problem: String) -> Failure { Failure(description: "'\(path)' line \(line): \(problem)") }
}
