package import WindowStage

/// Which rows of a key are in the window of a feature: by the definition, from the rows' times alone.
package struct WindowRows {
  /// Of the key's rows up to the one that is explained, in their order.
  private let times: [Int64]
  private let retention: Int64

  /// - Parameters:
  ///   - times: event times; at least one, the last that of the row itself.
  ///   - retention: of the stage.
  package init(times: [Int64], retention: Int64) {
    self.times = times
    self.retention = retention
  }

  private var now: Int64 { times[times.count - 1] }

  /// The rows between the feature's edges.
  package func range(of aggregate: WindowAggregate) -> Range<Int> {
    let end =
      switch aggregate.newer {
      case .age(0): times.count
      case .age(let age): first(youngerThan: age, by: aggregate.resolution)
      case .beforeThisRow: times.count - 1
      }
    let kept = first(youngerThan: retention)
    let start =
      switch (aggregate.halfLife, aggregate.older) {
      case (let halfLife?, _): first(youngerThan: Self.lifetime(halfLife, behind: aggregate.newerAge))
      case (_, .age(let age)): max(kept, first(youngerThan: age, by: aggregate.resolution))
      case (_, .rows(let rows)): max(kept, end - rows)
      case (_, .unbounded): kept
      }
    return min(start, end)..<end
  }

  /// Where the window begins and ends, as far as times say it.
  package func edges(of aggregate: WindowAggregate) -> WindowEdges {
    let end: WindowEdges.Edge? =
      switch aggregate.newer {
      case .age(let age) where age > 0 && aggregate.resolution != nil:
        start(ofCell: aggregate.resolution, age).flatMap { .init($0, before: 0, isIncluded: false) }
      // An age of a whole time and a microsecond is how a window leaves out the end itself.
      case .age(let age):
        age % Self.second == 1
          ? .init(now, before: age - 1, isIncluded: false) : .init(now, before: age, isIncluded: true)
      case .beforeThisRow: nil
      }
    let oldest: WindowEdges.Edge?
    switch (aggregate.halfLife, aggregate.older) {
    case (let halfLife?, _):
      oldest = .init(now, before: Self.lifetime(halfLife, behind: aggregate.newerAge), isIncluded: false)
    case (_, .age(let age)) where aggregate.resolution != nil:
      oldest = start(ofCell: aggregate.resolution, age).flatMap { .init($0, before: 0, isIncluded: true) }
    case (_, .age(let age)):
      oldest =
        age % Self.second == 1
        ? .init(now, before: age - 1, isIncluded: true) : .init(now, before: age, isIncluded: false)
    case (_, .rows):
      let range = range(of: aggregate)
      oldest = range.isEmpty ? nil : .init(times[range.lowerBound], before: 0, isIncluded: true)
    case (_, .unbounded): oldest = .init(now, before: retention, isIncluded: false)
    }
    return WindowEdges(from: oldest, to: end)
  }

  private static var second: Int64 { 1_000_000 }

  /// A row weighs nothing from this age on.
  private static func lifetime(_ halfLife: Int64, behind age: Int64) -> Int64 {
    Int64(clamping: Int128(halfLife) * 64 + Int128(age))
  }

  /// The first row that is less than so many microseconds old, or, where the window is made of cells of a length, the first
  /// that is not before the cell of that age.
  private func first(youngerThan age: Int64, by resolution: Int64? = nil) -> Int {
    if resolution != nil {
      guard let start = start(ofCell: resolution, age) else { return 0 }
      return times.firstIndex { $0 >= start } ?? times.count
    }
    return times.firstIndex { Int128(now) - Int128($0) < Int128(age) } ?? times.count
  }

  /// Where the cell begins that has this age; nil before all time.
  private func start(ofCell resolution: Int64?, _ age: Int64) -> Int64? {
    guard let resolution else { return nil }
    let time = Int128(now) - Int128(age)
    let rest = time % Int128(resolution)
    return Int64(exactly: time - (rest < 0 ? rest + Int128(resolution) : rest))
  }
}

/// Where a window begins and ends in event time.
package struct WindowEdges: Hashable, Sendable {
  package struct Edge: Hashable, Sendable {
    /// Microseconds since 1970 UTC.
    package let time: Int64
    /// Whether a row of that very time is in the window.
    package let isIncluded: Bool

    init?(_ time: Int64, before age: Int64, isIncluded: Bool) {
      let (edge, isBeyond) = time.subtractingReportingOverflow(age)
      if isBeyond { return nil }
      self.time = edge
      self.isIncluded = isIncluded
    }
  }

  /// nil: no time says it, for there are no rows, or no beginning.
  package let from: Edge?
  /// nil: the row before this one is the last.
  package let to: Edge?
}

extension WindowAggregate {
  fileprivate var halfLife: Int64? {
    switch function {
    case .decayedSum(let halfLife), .decayedMean(let halfLife), .decayedCount(let halfLife): halfLife
    default: nil
    }
  }

  fileprivate var newerAge: Int64 { if case .age(let age) = newer { age } else { 0 } }

  var decisive: FeatureTrace.Decisive {
    switch function {
    case .first: .oldest
    case .last, .timeSinceLast, .speed: .newest
    default: .all
    }
  }

  /// Whether a row without a value takes part: those that look at the oldest or the newest row do so whatever it holds.
  var takesNulls: Bool {
    switch function {
    case .first, .last, .timeSinceLast, .speed, .sequence: true
    default: inputs.isEmpty
    }
  }
}

extension WindowEdges {
  /// Of a window that emits: its end is not in it.
  init(from start: Int64?, until end: Int64?) {
    from = start.flatMap { Edge($0, before: 0, isIncluded: true) }
    to = end.flatMap { Edge($0, before: 0, isIncluded: false) }
  }
}
