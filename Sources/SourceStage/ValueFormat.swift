internal import Records

/// What the text of a value looks like, where it is not the plain way to write its type.
package enum ValueFormat: Hashable, Sendable {
  case plain
  /// A number however it is written: `1.72792e+05` and `12.0` are whole numbers too.
  case number
  /// An amount with a currency sign, commas between thousands, its sign in front or around it: `-$1,234.50`, `($12.00)`.
  case money
  /// Words for true and false, in lower case; case means nothing.
  case words(true: [String], false: [String])
  /// A number of steps from a moment on, both in microseconds.
  case steps(microseconds: Int64, since: Int64)
  /// A date and a time in a layout of their own.
  case pattern(TimePattern)

  static func suits(_ words: [String]) -> Bool { !words.isEmpty && words.allSatisfy { $0 == $0.lowercased() } }

  func suits(_ type: ColumnType) -> Bool {
    switch (self, type) {
    case (.plain, _), (.number, .int64), (.number, .decimal), (.number, .float64), (.pattern, .timestamp): true
    case (.money, .decimal), (.money, .float64), (.money, .int64): true
    case (.words(let yes, let no), .bool): Self.suits(yes) && Self.suits(no) && Set(yes).isDisjoint(with: no)
    case (.steps(let length, let since), .timestamp): length > 0 && TimeRange.all.contains(since)
    default: false
    }
  }

  func encode(into writer: inout ByteWriter) {
    switch self {
    case .plain: writer.write(UInt8(0))
    case .number: writer.write(UInt8(1))
    case .money: writer.write(UInt8(2))
    case .words(let yes, let no):
      writer.write(UInt8(3))
      writer.write(yes) { $1.write($0) }
      writer.write(no) { $1.write($0) }
    case .steps(let length, let since):
      writer.write(UInt8(4))
      writer.write(length)
      writer.write(since)
    case .pattern(let pattern):
      writer.write(UInt8(5))
      writer.write(pattern.text)
    }
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    switch try reader.read(UInt8.self) {
    case 0: self = .plain
    case 1: self = .number
    case 2: self = .money
    case 3:
      let yes = try reader.read { (reader) throws(MalformedBytes) in try reader.read(String.self) }
      self = .words(
        true: yes,
        false: try reader.read { (reader) throws(MalformedBytes) in try reader.read(String.self) }
      )
    case 4: self = .steps(microseconds: try reader.read(), since: try reader.read())
    case 5:
      do throws(TimePattern.Mistake) { self = .pattern(try TimePattern(try Self.text(&reader))) } catch {
        throw reader.malformed("a layout of times")
      }
    default: throw reader.malformed("a way to write a value")
    }
  }

  private static func text(_ reader: inout ByteReader) throws(TimePattern.Mistake) -> String {
    // What is no text is no layout either.
    (try? reader.read(String.self)) ?? ""
  }
}

/// The moments that have a date: years 1 to 9999, in microseconds since 1970 UTC.
enum TimeRange {
  static var all: Range<Int64> { -62_135_596_800_000_000..<253_402_300_800_000_000 }
}
