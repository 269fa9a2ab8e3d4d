package import Records

/// When the windows of a stage close. Each then leaves one row, in place of all those that it held.
package struct WindowEmission: Hashable, Sendable {
  /// Which rows of a key are one window; microseconds all.
  package enum Extent: Hashable, Sendable {
    /// Those of [k step + offset - length, k step + offset) for each whole k; a row is in several where the step is shorter
    /// than the length.
    case hopping(length: Int64, step: Int64, offset: Int64)
    /// Those of which none is `gap` or more after the one before; what is `longest` or more after the first begins another.
    case session(gap: Int64, longest: Int64)
  }

  package let extent: Extent
  /// The number of the source that the positions of its rows name: above those of all sources, and above those of the stages
  /// that it reads.
  package var source: UInt16
  /// Bits of an ordinal that the ways of its rows take.
  package var pathBits: Int

  package init(_ extent: Extent, source: UInt16 = Self.firstSource, pathBits: Int = 0) {
    self.extent = extent
    self.source = source
    self.pathBits = pathBits
  }

  /// The first number that is not a source's.
  package static let firstSource: UInt16 = 0x8000
  /// The name and the type of what it adds to the key, before the features: the window is [start, end).
  package static let fields = [Field("window_start", .timestamp), Field("window_end", .timestamp)]
  /// Microseconds of a window at most: ten years.
  package static let longest: Int64 = 3660 * 86_400_000_000
  private static let mostPathBits = 16

  /// Where all rows of a window that ends at `end` have come, whatever sent them: what it leaves has the last positions of its
  /// last microsecond.
  func lastPosition(ofEnd end: Int64) -> Position {
    Position(time: end &- 1, source: source, ordinal: 0xFFFF_FFFF_FFFF)
  }

  /// The position of the row that is number `rank` of those that the windows of a key group leave at `end`.
  func position(end: Int64, group: Int, rank: Int) -> Position {
    Position(time: end &- 1, source: source, ordinal: UInt64(group) << 40 | UInt64(rank) << UInt64(pathBits))
  }

  func check() throws(WindowPlanError) {
    let isRight =
      switch extent {
      case .hopping(let length, let step, let offset):
        1...Self.longest ~= length && 1...length ~= step && 0..<step ~= offset
      case .session(let gap, let longest): 1...Self.longest ~= longest && 1...longest ~= gap
      }
    guard isRight, source >= Self.firstSource, 0...Self.mostPathBits ~= pathBits else {
      throw WindowPlanError("the windows have no lengths that can be; see the reference")
    }
  }
}

extension WindowEmission.Extent {
  /// How long a window may be.
  package var length: Int64 {
    switch self {
    case .hopping(let length, _, _): length
    case .session(_, let longest): longest
    }
  }

  /// The same where all are of one length.
  package var fixedLength: Int64? { if case .hopping(let length, _, _) = self { length } else { nil } }

  /// The end of the first window that a row of time `time` is in, if the key has no other rows; `.max` beyond all time.
  func firstEnd(after time: Int64) -> Int64 {
    switch self {
    case .hopping(_, let step, let offset):
      let passed = Int128(time) - Int128(offset)
      var whole = passed / Int128(step)
      if whole * Int128(step) > passed { whole -= 1 }
      return Int64(clamping: (whole + 1) * Int128(step) + Int128(offset))
    case .session(let gap, _): return Int64(clamping: Int128(time) + Int128(gap))
    }
  }

  /// The end of a key's window whose rows are of these times.
  func end(oldest: Int64, newest: Int64, after end: Int64) -> Int64 {
    switch self {
    case .hopping: end
    case .session(let gap, let longest):
      Int64(clamping: min(Int128(newest) + Int128(gap), Int128(oldest) + Int128(longest)))
    }
  }

  /// The start of a window.
  func start(end: Int64, oldest: Int64) -> Int64 {
    switch self {
    case .hopping(let length, _, _): Int64(clamping: Int128(end) - Int128(length))
    case .session: oldest
    }
  }

  /// The end of the next window that holds the newest row too; nil where there is none.
  func nextEnd(after end: Int64, newest: Int64) -> Int64? {
    guard case .hopping(let length, let step, _) = self else { return nil }
    let next = Int128(end) + Int128(step)
    return next < Int128(Int64.max) && Int128(newest) >= next - Int128(length) ? Int64(next) : nil
  }

  /// Whether a key with rows of these times may wait for `end`.
  func isPossible(end: Int64, oldest: Int64, newest: Int64) -> Bool {
    switch self {
    case .hopping(let length, _, _):
      newest < end && (end == .max || firstEnd(after: end - 1) == end) && Int128(newest) >= Int128(end) - Int128(length)
    case .session: end == self.end(oldest: oldest, newest: newest, after: end)
    }
  }
}

extension WindowEmission {
  func encode(into writer: inout ByteWriter) {
    switch extent {
    case .hopping(let length, let step, let offset):
      writer.write(UInt8(0))
      writer.write(length)
      writer.write(step)
      writer.write(offset)
    case .session(let gap, let longest):
      writer.write(UInt8(1))
      writer.write(gap)
      writer.write(longest)
    }
    writer.write(source)
    writer.write(UInt8(pathBits))
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    let extent: Extent =
      switch try reader.read(UInt8.self) {
      case 0: .hopping(length: try reader.read(), step: try reader.read(), offset: try reader.read())
      case 1: .session(gap: try reader.read(), longest: try reader.read())
      default: throw reader.malformed("an extent of windows")
      }
    self.init(extent, source: try reader.read(), pathBits: Int(try reader.read(UInt8.self)))
  }
}
