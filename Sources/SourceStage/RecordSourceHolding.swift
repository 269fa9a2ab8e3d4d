internal import Dataflow
internal import Records

/// What a source keeps that holds rows until none can come any more that stands before them.
struct Holding {
  var rows = HeldRows()
  /// Places to read again from: of the last one up to which all rows have left, and of those behind it.
  private(set) var marks: [Standing] = []
  /// The next record to mark the place of.
  private var nextMark = 0
  /// What has been read before and is read again, for the rows that were held.
  private(set) var replay: Replay?
  /// All that is to leave before the end leaves.
  var isClosing = false
  /// The input has no more records, or no more are wanted: nothing comes behind what leaves.
  var isAtEnd = false

  struct Replay {
    /// The record before which it ends.
    let end: Int
    /// The greatest event time before it.
    let latest: Int64
    /// The cuts behind it.
    let cuts: Cuts?
  }

  /// Records from one mark to the next: so many are read again for nothing, at the most.
  private static let recordsBetweenMarks = 256

  /// The first place that may be needed again.
  var start: Standing? { marks.first }

  /// The least record before which there is something to be done, `other` being what others say of that.
  func nextPlace(_ other: Int) -> Int { min(nextMark, replay?.end ?? other) }

  /// What workers agree on where to end or cut the stream: one that has let go of all its rows goes on to the end.
  func place(_ records: Int) -> UInt64 { isClosing && isAtEnd ? .max : UInt64(max(records, replay?.end ?? 0)) }

  /// Marks the place before the next record where that is due.
  mutating func mark(_ standing: Standing) -> Bool {
    guard standing.records >= nextMark else { return false }
    marks.append(standing)
    nextMark = (standing.records / Self.recordsBetweenMarks + 1) * Self.recordsBetweenMarks
    return true
  }

  /// Forgets all marks but that of a place up to which all rows have left.
  mutating func restart(at standing: Standing) {
    if rows.count == 0, !marks.isEmpty { marks = [standing] }
  }

  /// Forgets marks before which all rows have left, but for the last one.
  mutating func forgetMarks() {
    let gone = marks.dropFirst().prefix { $0.latest <= rows.leftTime }.count
    if gone > 0 { marks.removeFirst(gone) }
  }

  /// Begins to read again.
  mutating func begin(_ replay: Replay, from record: Int, leftTime: Int64) {
    rows = HeldRows(leftTime: leftTime)
    (marks, nextMark) = ([], record)
    self.replay = replay
  }

  mutating func endReplay(before record: Int) -> Replay? {
    guard let replay, record >= replay.end else { return nil }
    self.replay = nil
    return replay
  }
}

/// Rows that may come out of order, by so much: they are held until the greatest event time is so far above theirs that whatever
/// comes before them would be late, and leave in the order of their positions.
///
/// They are kept in `rows`, among those that have left, until that is full.
extension RecordSource where Reader: ~Copyable {
  /// Rows before this time are late.
  var floor: Int64 {
    guard let leftTime = holding?.rows.leftTime else { return latest }
    if isReplaying { return leftTime }
    let (floor, overflows) = latest.subtractingReportingOverflow(plan.outOfOrder)
    return max(leftTime, overflows ? .min : floor)
  }

  /// Whether a row before the greatest time is late.
  func isLate(_ time: Int64) -> Bool { holding == nil || time < floor }

  /// Whether what is read has been read before, and was counted and reported then.
  var isReplaying: Bool { holding?.replay != nil }

  mutating func stepHolding(now: Int64, into effects: inout StageEffects) throws(StageFailure) -> SourceStep {
    if let pending, pending > now, !isStopping { return .waiting(until: pending) }
    pending = nil
    var isExhausted = false
    if holding?.rows.hasReady == false {
      if let failure { throw failure }
      let isReplay = isReplaying
      isExhausted = try readRows(now: now, into: &effects)
      leaveSides(into: &effects)
      holdRead(now: now, isReplay: isReplay)
      let time = releaseTime
      holding?.rows.release(through: time)
      holding?.forgetMarks()
    }
    let leaving = holding?.rows.take(atMost: plan.batchRows) ?? .range(0..<0)
    if leaving.count > 0 { leave(leaving, of: read, into: &effects) }
    if let rows = holding?.rows, rows.hasReady {
      effects.watermark = max(effects.watermark, position(rows.firstReady).predecessor)
      return .working
    }
    effects.watermark = max(effects.watermark, progress)
    if let barrier = barrier.take() {
      effects.barrier = barrier
      if let time = barrierTime.take() { effects.watermark = max(effects.watermark, .last(ofTime: time)) }
      return .working
    }
    if let pending { return .waiting(until: pending) }
    if leaving.count > 0 || failure != nil || !isExhausted { return .working }
    if endsForTime() { return .working }
    guard hasEnded || isStopped else { return .needsInput }
    if holding?.isClosing == true { return finish(&effects) }
    holding?.isClosing = true
    holding?.isAtEnd = stopTime == nil && (stopPlace.map { records < $0 } ?? true)
    return .working
  }

  /// Up to which time rows are to leave now.
  private var releaseTime: Int64 {
    if let barrierTime { return barrierTime }
    guard holding?.isClosing == true, barrier == nil else { return releaseFloor }
    return letsAllGo ? latest : min(stopTime ?? floor, latest)
  }

  /// Rows up to this time need not wait for others. A promise may be of a time behind the barrier or the end to come, rows are not.
  var releaseFloor: Int64 {
    holding == nil ? floor : min(floor, stopTime ?? .max, checkpointTime?.time ?? .max, barrierTime ?? .max)
  }

  /// Whether no row is held any more, for none comes behind.
  var letsAllGo: Bool { holding.map { $0.isClosing && ($0.isAtEnd || !plan.isResumable) } ?? false }

  /// Holds the rows that have been read, but those that had left before a restart.
  private mutating func holdRead(now: Int64, isReplay: Bool) {
    let leftTime = holding?.rows.leftTime ?? .min
    let hasArrivals = reader.readsArrivals || plan.speed != nil
    for row in left..<read {
      if !hasArrivals { rows.store(now, column: 2, row: row) }
      let time = rows.int64(column: 0, row: row)
      if isReplay, time <= leftTime { continue }
      holding?.rows.hold(row, time: time)
    }
    left = read
  }

  // MARK: Room

  /// Makes room for a batch, and finds out what is due.
  mutating func makeRoom(now: Int64) throws(StageFailure) {
    findDueTime(now: now)
    guard let held = holding?.rows.count else { return }
    // What was read of a record whose end had not come.
    if read < rows.capacity { rows.undo(row: read) }
    if held == 0 {
      (read, left) = (0, 0)
      rows.reset(rows: plan.batchRows * 2)
      return
    }
    guard read + plan.batchRows > rows.capacity || rows.longestText >= Self.mostText else { return }
    // So much more than is held that moving it costs each row a fixed part of its way.
    spareRows.reset(rows: (held + plan.batchRows) * 2)
    let kept = holding?.rows.renumber(places: read) ?? []
    spareRows.copy(kept, of: rows)
    swap(&rows, &spareRows)
    (read, left) = (kept.count, kept.count)
    guard rows.longestText < Self.mostText / 2, held < Self.mostHeld else {
      throw StageFailure(
        "'\(plan.inputName)' line \(line): \(held) rows are held, more than fit; lower the source's `out_of_order`"
      )
    }
  }

  /// Bytes of a column's texts, and rows, that the memory of one batch can hold.
  private static var mostText: Int { 1 << 29 }
  private static var mostHeld: Int { 1 << 30 }

  // MARK: Pace

  /// A paced source reads the records whose time has come, whoever's they are, and stops before the next.
  private mutating func findDueTime(now: Int64) {
    guard let speed = plan.speed, !isStopping, !isReplaying else {
      boundTime = isReplaying ? .max : boundOfCuts
      return
    }
    guard let pace else {
      boundTime = .min
      return
    }
    // Up to the end of this nanosecond.
    let passed = (Double(now &- pace.start) + 1) * speed / 1000
    let due = pace.firstTime.addingReportingOverflow(Int64(min(max(passed.rounded(.up), 0), 1e18)))
    boundTime = min(due.overflow ? .max : due.partialValue, boundOfCuts)
  }

  /// The next record's time has not come.
  mutating func awaitRecord(_ time: Int64, now: Int64) {
    guard let speed = plan.speed else { return }
    if let pace {
      pending = max(pace.arrival(of: time), now &+ 1)
    } else {
      pace = Pace(speed: speed, start: now, firstTime: max(latest, time))
    }
  }

  // MARK: Reading again

  /// Marks the place before the next record where that is due.
  mutating func mark() -> Bool {
    let standing = standing
    guard holding?.mark(standing) == true else { return false }
    findNextPlace()
    return true
  }

  /// Comes to the end of what is read again.
  mutating func endReplay() -> Bool {
    let record = records
    guard let replay = holding?.endReplay(before: record) else { return false }
    latest = max(latest, replay.latest)
    cuts = replay.cuts
    findNextPlace()
    return true
  }

  /// What is saved of the rows that are held.
  func heldState(_ standing: Standing) -> SourceState.Held? {
    guard let holding else { return nil }
    let leftTime = holding.rows.leftTime
    let from = latest <= leftTime ? standing : holding.start ?? standing
    return SourceState.Held(standing: from, messages: messages(through: from.offset), leftTime: leftTime)
  }

  /// Goes on from a saved state.
  mutating func replay(_ saved: SourceState) {
    guard plan.outOfOrder > 0 || saved.held != nil else { return }
    var holding = Holding()
    let replay = Holding.Replay(end: saved.standing.records, latest: saved.standing.latest, cuts: cuts)
    holding.begin(replay, from: records, leftTime: saved.held?.leftTime ?? saved.standing.latest)
    self.holding = holding
    cuts = nil
    findNextPlace()
  }
}
