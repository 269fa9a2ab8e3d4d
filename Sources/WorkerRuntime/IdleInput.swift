internal import SourceStage

/// How far an input has come that nothing comes from: it goes on with the clock, `timeout` behind.
///
/// It goes on from the greatest event time that was read. Before the first it knows no time, unless the plan says one.
struct IdleInput {
  /// Nanoseconds.
  private let timeout: Int64
  private let start: IdlePlan.Start?
  /// When the silence began, in nanoseconds of the monotonic clock, and the event time then.
  private var since: (now: Int64, time: Int64)?
  /// When the next promise is due, in nanoseconds of the monotonic clock; nil while the input is not known to be silent.
  private(set) var due: Int64?

  init(_ plan: IdlePlan) {
    timeout = plan.timeout * 1000
    start = plan.start
  }

  /// Nanoseconds from one promise to the next: each is a record of the journal.
  private var interval: Int64 { max(timeout / 4, 1_000_000) }

  /// Something has come.
  mutating func end() { (since, due) = (nil, nil) }

  /// Nothing has come.
  ///
  /// - Parameters:
  ///   - now: nanoseconds of the monotonic clock.
  ///   - latest: the greatest event time so far; nil before the first.
  ///   - wallTime: microseconds since 1970.
  /// - Returns: the event time to promise; nil where that is not due.
  mutating func promise(now: Int64, latest: Int64?, wallTime: Int64) -> Int64? {
    guard let latest else {
      switch start {
      case nil: return nil
      case .now: return wallTime
      case .at(let time): return time
      }
    }
    guard let since, let due else {
      self.since = (now, latest)
      self.due = now + timeout + interval
      return nil
    }
    guard now >= due else { return nil }
    self.due = now + interval
    let (time, overflows) = since.time.addingReportingOverflow((now - since.now - timeout) / 1000)
    return overflows || time <= latest ? nil : time
  }
}
