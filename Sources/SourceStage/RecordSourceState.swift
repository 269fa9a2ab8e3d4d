internal import Dataflow
internal import Records

extension RecordSource where Reader: ~Copyable {
  // MARK: Going back

  var standing: Standing {
    Standing(
      records: records,
      line: line,
      offset: input.offset,
      latest: latest,
      isSkipping: isSkipping,
      bytesToSkip: bytesToSkip
    )
  }

  /// A paced source never goes back behind this place.
  mutating func settle() {
    guard plan.speed != nil, holding == nil else { return }
    settled = standing
    input.keep()
  }

  /// Whether so much of what others read has been passed over that keeping it costs more than a late cut.
  var isFarBehind: Bool { input.keptCount >= Self.batchBytes }

  /// Goes back to record `place`, or as far as nothing is done twice, where what is behind has only been passed over, or is not
  /// due.
  mutating func goBack(to place: Int) {
    if let settled, records > place { goBack(to: settled) }
  }

  /// The same before the first record with an event time above `time`.
  mutating func goBack(behind time: Int64) {
    if let settled, latest > time { goBack(to: settled) }
  }

  private mutating func goBack(to settled: Standing) {
    (records, line) = (settled.records, settled.line)
    (latest, isSkipping, bytesToSkip) = (settled.latest, settled.isSkipping, settled.bytesToSkip)
    input.rewind()
    isStopped = false
    if pending != nil { read -= 1 }
    pending = nil
  }

  // MARK: State

  var state: [UInt8] {
    var standing = pending == nil ? standing : settled ?? standing
    let messages = messages(through: standing.offset)
    if messages == nil { standing.offset = min(standing.offset, input.suppliedEnd) }
    var state = SourceState(standing: standing, cuts: cuts, header: header, messages: messages, pace: pace)
    state.held = heldState(standing)
    return state.encoded
  }

  /// The messages before a place in the input; nil where it does not come in messages.
  func messages(through place: Int) -> SourceState.Messages? {
    messageEnds.map { ends in
      let (count, start) = ends.count(through: place)
      return SourceState.Messages(count: count, bytesOfNext: place - start)
    }
  }

  mutating func restore(_ state: [UInt8], keepsSchedule: Bool) throws(StageFailure) -> UInt64 {
    guard let saved = try? SourceState(state), try begin(saved.header, standing: saved.standing),
      (saved.messages == nil) == (messageEnds == nil)
    else { throw unreadableState }
    let from = saved.held?.standing ?? saved.standing
    let messages = saved.held?.messages ?? saved.messages
    (records, line) = (from.records, from.line)
    (latest, isSkipping) = (max(from.latest, plan.leastTime), from.isSkipping)
    bytesToSkip = from.bytesToSkip
    cuts = plan.cut.map { Cuts($0, after: saved.cutNumber, recordsAtCut: saved.recordsAtCut) }
    let used = messages?.bytesOfNext ?? 0
    let start = from.offset - used
    input = InputBuffer(from: start, used: used)
    messageEnds = messages.map { MessageEnds(before: $0.count, start: start) }
    replay(saved)
    if keepsSchedule, let speed = plan.speed, let schedule = saved.schedule {
      pace = Pace(speed: speed, start: schedule.start, firstTime: schedule.firstTime)
    }
    settle()
    return messages?.count ?? UInt64(start)
  }

  /// Takes back the header of a saved state; false where it cannot be that of this input.
  mutating func begin(_ saved: [UInt8]?, standing: Standing) throws(StageFailure) -> Bool {
    guard let saved else { return hasHeader || (standing.records == 0 && standing.offset == 0) }
    guard plan.hasHeader else { return false }
    do throws(CSVHeader.Problem) {
      reader.begin(try CSVHeader(saved.span, shape: plan.shape, inputName: plan.inputName))
    } catch {
      throw unreadableState
    }
    header = saved
    hasHeader = true
    return true
  }

  var unreadableState: StageFailure {
    StageFailure(
      "the checkpoint's state of '\(plan.inputName)' is damaged, or was written for another input or by another version"
    )
  }
}
