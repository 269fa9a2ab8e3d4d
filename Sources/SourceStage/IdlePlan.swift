internal import Records

/// How a live source goes on while nothing comes to it.
package struct IdlePlan: Hashable, Sendable {
  /// Microseconds of silence after which its event time goes on with the clock, so much behind it.
  package let timeout: Int64
  /// Its event time before its first row; nil: it waits for that.
  package let start: Start?

  package enum Start: Hashable, Sendable {
    /// The time of the day when it first starts.
    case now
    case at(Int64)
  }

  /// A millisecond to a day.
  package static let timeouts: ClosedRange<Int64> = 1000...86_400_000_000

  /// - Parameter timeout: one of `timeouts`.
  package init(timeout: Int64, start: Start? = nil) {
    precondition(Self.timeouts.contains(timeout))
    self.timeout = timeout
    self.start = start
  }

  func encode(into writer: inout ByteWriter) {
    writer.write(timeout)
    switch start {
    case nil: writer.write(UInt8(0))
    case .now: writer.write(UInt8(1))
    case .at(let time):
      writer.write(UInt8(2))
      writer.write(time)
    }
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    timeout = try reader.read()
    guard Self.timeouts.contains(timeout) else { throw reader.malformed("an idle timeout") }
    switch try reader.read(UInt8.self) {
    case 0: start = nil
    case 1: start = .now
    case 2: start = .at(try reader.read())
    default: throw reader.malformed("a start")
    }
  }
}
