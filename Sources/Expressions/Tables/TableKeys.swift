internal import Records

/// Finds the row of a table that holds for a key, and where a key has several rows, at a time. Its rows are in the order
/// of their keys, and those of one key in the order of their times.
struct TableKeys: Sendable {
  /// Each key once.
  let keys: ValueSet
  /// Where the rows of the i-th key begin, and last the number of rows; nil where every key has one row.
  let versions: Versions?
  private let fingerprint: UInt64

  struct Versions: Hashable, Sendable {
    /// The rows of the i-th key are those from `starts[i]` to the next; each key has one at least.
    let starts: [Int]
    /// When each row begins to hold, in microseconds; ascending within a key, none twice.
    let times: [Int64]
  }

  init(_ keys: ValueSet, _ versions: Versions?) {
    (self.keys, self.versions) = (keys, versions)
    fingerprint = versions?.times.reduce(1) { StableHash.of(Int64(bitPattern: $0) ^ $1) } ?? 0
  }

  var type: ColumnType { keys.type }

  /// Rows of the table.
  var rowCount: Int { versions?.times.count ?? keys.count }

  /// Bytes that it takes.
  var size: Int { keys.size + (versions.map { ($0.starts.count + $0.times.count) * 8 } ?? 0) }
}

extension TableKeys.Versions {
  /// The row of a key that holds at a time: the last that began by then; below 0 where none did.
  @inline(__always)
  func row(ofKey key: Int, at time: Int64) -> Int64 {
    // The first row that begins later, by halves.
    var (low, high) = (starts[key], starts[key &+ 1])
    while low < high {
      let middle = (low &+ high) / 2
      if times[middle] <= time { low = middle &+ 1 } else { high = middle }
    }
    return low == starts[key] ? -1 : Int64(low &- 1)
  }
}

extension TableKeys: Hashable {
  static func == (left: TableKeys, right: TableKeys) -> Bool {
    left.fingerprint == right.fingerprint && left.keys == right.keys && left.versions == right.versions
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(keys)
    hasher.combine(fingerprint)
  }
}

extension TableKeys {
  func encode(into writer: inout ByteWriter) {
    keys.encode(into: &writer)
    writer.write(versions) { versions, writer in
      writer.write(zip(versions.starts, versions.starts.dropFirst()).map { UInt32($1 - $0) }) { $1.write($0) }
      writer.write(versions.times) { $1.write($0) }
    }
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    let keys = try ValueSet(from: &reader)
    let versions = try reader.readOptional { (reader) throws(MalformedBytes) in try Versions(from: &reader) }
    if let versions, versions.starts.count != keys.count + 1 { throw reader.malformed("the rows of every key") }
    self.init(keys, versions)
  }
}

extension TableKeys.Versions {
  fileprivate init(from reader: inout ByteReader) throws(MalformedBytes) {
    let counts = try reader.read { (reader) throws(MalformedBytes) in Int(try reader.read(UInt32.self)) }
    times = try reader.read { (reader) throws(MalformedBytes) in try reader.read(Int64.self) }
    var starts = [0]
    for count in counts {
      // Each is below 2^32 and there are fewer than 2^32, so no sum of them is too large.
      let (start, end) = (starts[starts.count - 1], starts[starts.count - 1] + count)
      guard count > 0, end <= times.count else { throw reader.malformed("how many rows a key has") }
      for row in start + 1..<end where times[row - 1] >= times[row] {
        throw reader.malformed("the times of a key's rows in their order")
      }
      starts.append(end)
    }
    guard starts.last == times.count else { throw reader.malformed("a key for every row") }
    self.starts = starts
  }
}
