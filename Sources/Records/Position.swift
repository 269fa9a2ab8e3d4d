/// A row's place in the pipeline's total order: event time, then source, then ordinal within the source.
///
/// Assigned once, at the source, and unique: two rows never share one.
public struct Position: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// Event time in microseconds since 1970 UTC.
  public let time: Int64
  /// The source's number in the upper 16 bits, the row's ordinal there in the lower 48.
  public let tag: UInt64

  @inlinable
  public init(time: Int64, tag: UInt64) {
    self.time = time
    self.tag = tag
  }

  /// - Parameters:
  ///   - source: the number of the source among the pipeline's sources.
  ///   - ordinal: how many rows that source had before this one; below 2^48.
  @inlinable
  public init(time: Int64, source: UInt16, ordinal: UInt64) {
    self.init(time: time, tag: UInt64(source) &<< 48 | ordinal & 0xFFFF_FFFF_FFFF)
  }

  @inlinable public var source: UInt16 { UInt16(truncatingIfNeeded: tag &>> 48) }
  @inlinable public var ordinal: UInt64 { tag & 0xFFFF_FFFF_FFFF }

  @inlinable
  public static func < (left: Position, right: Position) -> Bool {
    left.time < right.time || (left.time == right.time && left.tag < right.tag)
  }

  /// The greatest position below this one.
  package var predecessor: Position {
    tag > 0 ? Position(time: time, tag: tag - 1) : time > .min ? Position(time: time - 1, tag: .max) : self
  }

  /// The position behind this one by so much of the tag, or the last of its time.
  package func advanced(by offset: UInt64) -> Position {
    let (sum, overflows) = tag.addingReportingOverflow(offset)
    return Position(time: time, tag: overflows ? .max : sum)
  }

  /// The greatest position of a time.
  package static func last(ofTime time: Int64) -> Position { Position(time: time, tag: .max) }

  /// Before every row: the watermark of a channel that has promised nothing yet.
  public static let first = Position(time: .min, tag: 0)
  /// After every row: the watermark of a channel that has ended.
  public static let last = Position(time: .max, tag: .max)
}

extension Position: CustomStringConvertible {
  public var description: String { "(time \(time) us, source \(source), ordinal \(ordinal))" }
}
