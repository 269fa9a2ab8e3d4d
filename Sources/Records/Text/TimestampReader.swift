/// Reads points in time as `Timestamp.parse` does, and remembers the last date: rows mostly come in the order of their
/// times, many of a day.
public struct TimestampReader: Sendable {
  /// The ten bytes of that date; zeros, which are none, before the first.
  @usableFromInline var head: UInt64 = 0
  @usableFromInline var tail: UInt16 = 0
  /// Its start.
  @usableFromInline var date: Int64 = 0

  package init() {}

  @inlinable
  @inline(__always)
  public mutating func parse(_ text: Span<UInt8>) -> Int64? {
    guard text.count >= 10 else { return nil }
    var head: UInt64 = 0
    for index in 0..<8 { head |= UInt64(text[index]) &<< UInt64(index &* 8) }
    let tail = UInt16(text[8]) | UInt16(text[9]) &<< 8
    if head != self.head || tail != self.tail {
      guard let date = Timestamp.date(text) else { return nil }
      (self.head, self.tail, self.date) = (head, tail, date)
    }
    return Timestamp.time(text, of: date)
  }
}
