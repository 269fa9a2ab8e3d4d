internal import Records

/// The values of one column of a table, by the numbers of its rows.
struct TableColumn: Sendable {
  let type: ColumnType
  /// The bits of each row's value, 0 where it has none; of a string, where its bytes end: they begin where those of the
  /// row before end.
  let words: [Int64]
  /// The strings, one after the other.
  let bytes: [UInt8]
  /// For each row, 1 where it has no value; empty where every row has one.
  let nulls: [UInt8]
  private let fingerprint: UInt64

  init(_ type: ColumnType, _ values: [TableValue]) {
    var (words, bytes): ([Int64], [UInt8]) = ([], [])
    words.reserveCapacity(values.count)
    for value in values {
      if case .text(let text) = value { bytes += text }
      if case .word(let word) = value, type != .string { words.append(word) } else { words.append(Int64(bytes.count)) }
    }
    self.init(type, words: words, bytes: bytes, nulls: values.contains(.null) ? values.map { $0 == .null ? 1 : 0 } : [])
  }

  /// - Parameters:
  ///   - words: of strings, ascending from 0 on and up to the number of bytes.
  ///   - nulls: as many as words, or none.
  private init(_ type: ColumnType, words: [Int64], bytes: [UInt8], nulls: [UInt8]) {
    (self.type, self.words, self.bytes, self.nulls) = (type, words, bytes, nulls)
    let hash = words.reduce(StableHash.of(bytes.span)) { StableHash.of(Int64(bitPattern: $0) ^ $1) }
    fingerprint = hash ^ StableHash.of(nulls.span)
  }

  /// Whether a table has such a row, and the row a value.
  @inline(__always)
  func hasValue(_ row: Int64) -> Bool {
    guard UInt64(bitPattern: row) < UInt64(words.count) else { return false }
    return nulls.isEmpty || nulls[Int(row)] == 0
  }

  /// The string of a row that has one.
  @_lifetime(borrow self)
  func text(_ row: Int) -> Span<UInt8> {
    bytes.span.extracting((row == 0 ? 0 : Int(words[row - 1]))..<Int(words[row]))
  }

  /// Bytes that it takes.
  var size: Int { words.count * 8 + bytes.count + nulls.count }
}

/// A value of a table as it was read.
package enum TableValue: Hashable, Sendable {
  case null
  /// The bits of an `int64`, `float64`, `bool`, `timestamp` or (scaled) `decimal`.
  case word(Int64)
  /// The UTF-8 bytes of a string.
  case text([UInt8])
}

extension TableColumn: Hashable {
  static func == (left: TableColumn, right: TableColumn) -> Bool {
    left.fingerprint == right.fingerprint && left.type == right.type && left.words == right.words
      && left.nulls == right.nulls && left.bytes == right.bytes
  }

  func hash(into hasher: inout Hasher) { hasher.combine(fingerprint) }
}

extension TableColumn {
  func encode(into writer: inout ByteWriter) {
    writer.write(type.description)
    writer.write(words) { $1.write($0) }
    writer.write(bytes)
    writer.write(nulls)
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    guard let type = ColumnType(spelling: try reader.read()) else { throw reader.malformed("the type of a column") }
    let words = try reader.read { (reader) throws(MalformedBytes) in try reader.read(Int64.self) }
    let bytes = try reader.read([UInt8].self)
    let nulls = try reader.read([UInt8].self)
    guard nulls.isEmpty || nulls.count == words.count, nulls.allSatisfy({ $0 <= 1 }) else {
      throw reader.malformed("which rows of a column have no value")
    }
    switch type {
    case .string:
      guard zip([0] + words, words).allSatisfy({ $0 <= $1 }), words.last ?? 0 == bytes.count else {
        throw reader.malformed("the ends of a column's strings")
      }
    // A truth is a bit: what is computed with it relies on that.
    case .bool: guard words.allSatisfy({ 0...1 ~= $0 }) else { throw reader.malformed("true or false") }
    default: break
    }
    guard type == .string || bytes.isEmpty else { throw reader.malformed("a column of one type") }
    self.init(type, words: words, bytes: bytes, nulls: nulls)
  }
}
