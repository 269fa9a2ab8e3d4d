internal import Records

/// How far the clocks of a zone are ahead of UTC, and when that changes. Carried in the plan, so that results depend
/// on no machine's database of zones.
package struct TimeZoneRules: Hashable, Sendable {
  /// When a new offset begins, in microseconds since 1970 UTC; ascending.
  let starts: [Int64]
  /// In microseconds: the first holds before all `starts`, each other from one of them on.
  let offsets: [Int64]

  /// No offset, ever.
  package static let utc = TimeZoneRules(starts: [], offsets: [0])

  /// A stretch of time with one offset.
  struct Period {
    let start: Int64
    let end: Int64
    let offset: Int64

    /// Holds no time.
    static let none = Period(start: .max, end: .min, offset: 0)

    @inline(__always)
    func contains(_ time: Int64) -> Bool { start <= time && time < end }
  }

  init(starts: [Int64], offsets: [Int64]) {
    precondition(offsets.count == starts.count + 1)
    self.starts = starts
    self.offsets = offsets
  }

  func period(of time: Int64) -> Period {
    var (low, high) = (0, starts.count)
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= time { low = middle + 1 } else { high = middle }
    }
    return Period(
      start: low == 0 ? .min : starts[low - 1],
      end: low == starts.count ? .max : starts[low],
      offset: offsets[low]
    )
  }

  /// No clock is further from UTC; bounds what comes in as bytes.
  private static let largestOffset: Int64 = 26 * 3_600_000_000

  func encode(into writer: inout ByteWriter) {
    writer.write(starts) { $1.write($0) }
    writer.write(offsets) { $1.write($0) }
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    let starts = try reader.read { (reader) throws(MalformedBytes) in try reader.read(Int64.self) }
    let offsets = try reader.read { (reader) throws(MalformedBytes) in try reader.read(Int64.self) }
    guard offsets.count == starts.count + 1, zip(starts, starts.dropFirst()).allSatisfy({ $0 < $1 }),
      offsets.allSatisfy({ -Self.largestOffset...Self.largestOffset ~= $0 })
    else { throw reader.malformed("the rules of a time zone") }
    self.init(starts: starts, offsets: offsets)
  }
}
