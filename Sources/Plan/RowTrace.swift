package import Dataflow
package import Records
internal import SourceStage
internal import WindowStage

/// A row that is followed through a run: its source lets it go alone, once the stages have done all that comes before it, and
/// all sources end behind it; each worker tells when it came, and when it was done with.
package struct RowTrace: Hashable, Sendable {
  /// The least that a copy of it can have.
  package let position: Position
  /// Bits of it that tell copies apart.
  package let wayBits: Int
  /// How long its source waits before it lets it go, in nanoseconds; of one that a window left, all sources before they let
  /// time pass.
  package let rest: Int64

  package static let mostRest: Int64 = 60_000_000_000

  /// - Parameter position: that of any copy of it.
  package init(_ position: Position, wayBits: Int, rest: Int64) {
    precondition(0...SourcePlan.mostPathBits ~= wayBits && 0...Self.mostRest ~= rest)
    self.position = Position(time: position.time, tag: position.tag & ~(1 << UInt64(wayBits) - 1))
    self.wayBits = wayBits
    self.rest = rest
  }

  /// Whether a window left it, and no source.
  package var isEmitted: Bool { position.source >= WindowEmission.firstSource }

  /// A source that has come so far, and no further, has nothing of it; nor have those behind, whatever way a copy takes. What
  /// windows leave that end together comes with it.
  package var before: Position {
    if isEmitted {
      return Position(time: position.time, source: WindowEmission.firstSource - 1, ordinal: .max)
    }
    let step = UInt64(1) << UInt64(wayBits)
    if position.tag >= step { return Position(time: position.time, tag: position.tag - step) }
    return position.time > .min ? Position(time: position.time - 1, tag: .max - step) : .first
  }

  /// Whoever has come so far has all of it.
  package var last: Position {
    isEmitted
      ? Position(time: position.time, source: position.source, ordinal: .max)
      : Position(time: position.time, tag: position.tag | (1 << UInt64(wayBits) - 1))
  }
}

extension RowTrace {
  func encode(into writer: inout ByteWriter) {
    writer.write(position.time)
    writer.write(position.tag)
    writer.write(UInt8(wayBits))
    writer.write(rest)
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    let position = Position(time: try reader.read(), tag: try reader.read())
    let (wayBits, rest) = (Int(try reader.read(UInt8.self)), try reader.read(Int64.self))
    guard wayBits <= SourcePlan.mostPathBits, 0...Self.mostRest ~= rest else {
      throw reader.malformed("a row to follow")
    }
    self.init(position, wayBits: wayBits, rest: rest)
  }
}

/// When a worker had to do with a row that is followed, in nanoseconds of its machine's monotonic clock.
package struct RowTimes: Hashable, Sendable {
  /// It was there, and the word of all channels that nothing more stands before it; of a source, that it was let go.
  package var came: Int64
  /// The step began that took it.
  package var taken: Int64
  /// That step was done: what it left was handed on, or written.
  package var done: Int64
  /// The last step ended that took rows before it; 0 where there was none.
  package var before: Int64

  package init(came: Int64, taken: Int64, done: Int64, before: Int64) {
    self.came = came
    self.taken = taken
    self.done = done
    self.before = before
  }

  private static let names = ["row_came", "row_taken", "row_done", "row_before"]

  /// As they travel in a worker's report.
  package var figures: [Figure] { zip(Self.names, [came, taken, done, before]).map { Figure($0, Double($1)) } }

  /// nil where a report has none.
  package init?(_ figures: [Figure]) {
    let values = Self.names.compactMap { name in
      figures.first { $0.name == name }.flatMap { Int64(exactly: $0.value.rounded()) }
    }
    guard values.count == Self.names.count else { return nil }
    self.init(came: values[0], taken: values[1], done: values[2], before: values[3])
  }
}
