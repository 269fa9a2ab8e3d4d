internal import Records

/// Values of one type to look others up among: by their stable hash in a table, in constant time.
struct ValueSet: Sendable {
  /// `string`, `int64`, `decimal`, `timestamp` or `bool`.
  let type: ColumnType
  /// The bits of the values, ascending, each once; empty for strings.
  let words: [Int64]
  /// Strings, ascending by their bytes, each once: the i-th is from `starts[i]` to the next.
  let bytes: [UInt8]
  let starts: [Int]
  /// Open addressing: at a place the index of a value and one more, or 0; a power of two of places, half of them free.
  private let table: [UInt32]
  private let fingerprint: UInt64

  /// - Parameter words: bits of values of `type`, no string.
  init(_ type: ColumnType, words: [Int64]) {
    self.type = type
    self.words = Set(words).sorted()
    bytes = []
    starts = [0]
    table = Self.table(self.words.map { StableHash.of($0) })
    fingerprint = self.words.reduce(1) { StableHash.of(Int64(bitPattern: $0) ^ $1) }
  }

  init(strings: [[UInt8]]) {
    type = .string
    words = []
    var (bytes, starts): ([UInt8], [Int]) = ([], [0])
    var last: [UInt8]?
    for string in strings.sorted(by: { $0.lexicographicallyPrecedes($1) }) where string != last {
      bytes += string
      starts.append(bytes.count)
      last = string
    }
    table = Self.table(
      zip(starts, starts.dropFirst()).map { StableHash.of(bytes.span.extracting($0..<$1)) }
    )
    fingerprint = StableHash.of(bytes.span) ^ UInt64(starts.count)
    (self.bytes, self.starts) = (bytes, starts)
  }

  private static func table(_ hashes: [UInt64]) -> [UInt32] {
    var size = 4
    while size < hashes.count * 2 { size *= 2 }
    var table = Array(repeating: UInt32(0), count: size)
    for (index, hash) in hashes.enumerated() {
      var place = Int(truncatingIfNeeded: hash) & (size - 1)
      while table[place] != 0 { place = (place + 1) & (size - 1) }
      table[place] = UInt32(index + 1)
    }
    return table
  }

  var count: Int { type == .string ? starts.count - 1 : words.count }

  /// Bytes that it takes.
  var size: Int { (words.count + starts.count) * 8 + bytes.count + table.count * 4 }

  func contains(_ word: Int64) -> Bool { index(of: word) != nil }
  func contains(_ text: Span<UInt8>) -> Bool { index(of: text) != nil }

  /// Which of the values, in their order, one is.
  @inline(__always)
  func index(of word: Int64) -> Int? {
    var place = Int(truncatingIfNeeded: StableHash.of(word)) & (table.count - 1)
    while table[place] != 0 {
      let index = Int(table[place]) - 1
      if words[index] == word { return index }
      place = (place + 1) & (table.count - 1)
    }
    return nil
  }

  @inline(__always)
  func index(of text: Span<UInt8>) -> Int? {
    var place = Int(truncatingIfNeeded: StableHash.of(text)) & (table.count - 1)
    while table[place] != 0 {
      let index = Int(table[place]) - 1
      let (start, end) = (starts[index], starts[index + 1])
      if end - start == text.count, TextSearch.starts(bytes.span.extracting(start..<end), text) { return index }
      place = (place + 1) & (table.count - 1)
    }
    return nil
  }
}

extension ValueSet: Hashable {
  static func == (left: ValueSet, right: ValueSet) -> Bool {
    left.fingerprint == right.fingerprint && left.type == right.type && left.words == right.words
      && left.starts == right.starts && left.bytes == right.bytes
  }

  func hash(into hasher: inout Hasher) { hasher.combine(fingerprint) }
}

extension ValueSet {
  func encode(into writer: inout ByteWriter) {
    writer.write(type.description)
    writer.write(words) { $1.write($0) }
    writer.write(zip(starts, starts.dropFirst()).map { Array(bytes[$0..<$1]) }) { $1.write($0) }
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    guard let type = ColumnType(spelling: try reader.read()), type != .float64 else {
      throw reader.malformed("the type of a list")
    }
    let words = try reader.read { (reader) throws(MalformedBytes) in try reader.read(Int64.self) }
    let strings = try reader.read { (reader) throws(MalformedBytes) in try reader.read([UInt8].self) }
    guard type == .string ? words.isEmpty : strings.isEmpty else { throw reader.malformed("a list of one type") }
    if type == .string { self.init(strings: strings) } else { self.init(type, words: words) }
  }
}
