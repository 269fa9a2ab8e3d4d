internal import Dataflow
internal import Records

/// Ends and barriers by event time, on which several sources can agree: records of one say nothing of places in another.
extension RecordSource where Reader: ~Copyable {
  /// The greatest event time of the rows up to `place` that may have left.
  var time: Int64 { holding == nil ? settled?.latest ?? latest : letsAllGo ? latest : floor }

  /// Of the record read last.
  var eventTime: Int64 { reader.time &+ plan.delay }

  /// Of a record that has this time; nil where that is none that a row may have.
  func eventTime(_ time: Int64?) -> Int64? {
    guard let time, rules.times.contains(time) else { return nil }
    return time &+ plan.delay
  }

  var latestTime: Int64? { latest == plan.leastTime ? nil : latest }

  mutating func stop(behind time: Int64) {
    stopTime = time
    goBack(behind: time)
    findBoundTime()
  }

  mutating func cut(_ number: UInt64, behind time: Int64) {
    checkpointTime = (number, time)
    goBack(behind: time)
    findBoundTime()
  }

  private mutating func findBoundTime() { boundTime = boundOfCuts }

  /// A record with an event time above this one is behind all that is to leave before a barrier or the end.
  var boundOfCuts: Int64 {
    let (bound, overflows) = min(stopTime ?? .max, checkpointTime?.time ?? .max)
      .addingReportingOverflow(plan.outOfOrder)
    return overflows ? .max : bound
  }

  /// The event time of the next record where all workers see it, whoever reads the record.
  var plainTime: Int64? {
    guard let plain = reader.plainRecord(input.bytes.span, from: input.at), plain.next - input.at <= plan.longestLine
    else { return nil }
    return eventTime(plain.time)
  }

  /// The next record's time is above the bound: the stream is cut, or ends, before it.
  ///
  /// - Returns: whether it ends.
  mutating func takeBound(before time: Int64, now: Int64) -> Bool {
    if time <= boundOfCuts {
      awaitRecord(time, now: now)
      return false
    }
    if let due = checkpointTime, due.time <= stopTime ?? .max {
      takeCheckpoint(due)
      return false
    }
    isStopped = true
    return true
  }

  private mutating func takeCheckpoint(_ due: (number: UInt64, time: Int64)) {
    barrier = .checkpoint(due.number)
    barrierTime = due.time
    checkpointTime = nil
    findBoundTime()
    settle()
  }

  /// Sees to times that no record comes to: all that there is has been read.
  ///
  /// - Returns: whether there is more to be done.
  mutating func endsForTime() -> Bool {
    // Behind a promise there is nothing that belongs before the barrier, or the end.
    if let due = checkpointTime, hasEnded || isStopped || latest > boundOfCuts {
      takeCheckpoint(due)
      return true
    }
    guard stopTime != nil, !hasEnded, !isStopped, isLive, latest > boundOfCuts || lastPromise == nil else {
      return false
    }
    isStopped = true
    return true
  }

  /// Nobody knows when the next message of such an input comes.
  private var isLive: Bool { if case .messages = plan.input { true } else { false } }

  /// What a live source that is to end has to promise first: what comes behind all that it has read, and is of before that end, is
  /// late. nil where nothing is to be promised, as where no source has come to any row.
  var lastPromise: Int64? {
    guard let stopTime, stopTime > SourcePlan.firstTime, !hasEnded, !isStopped, isLive else { return nil }
    let (bound, overflows) = stopTime.addingReportingOverflow(plan.outOfOrder)
    return overflows || bound == .max ? nil : bound + 1
  }
}
