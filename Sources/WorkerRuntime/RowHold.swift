internal import Dataflow
internal import Plan
internal import Records

/// Keeps a row that is followed back in a source, until the stages have had time to do all that comes before it; then lets it
/// go, alone, and ends the stream behind it.
struct RowHold {
  private let trace: RowTrace
  private var rows: [LooseRows] = []
  private var sides: [SideRows] = []
  private var state = State.open

  private enum State {
    /// It has not come.
    case open
    /// It has, and what comes before it may still be on its way out.
    case held
    case resting(until: Int64)
    /// It has been left.
    case done
  }

  init(_ trace: RowTrace) { self.trace = trace }

  var isDone: Bool { if case .done = state { true } else { false } }

  /// Keeps the row back, and all behind it, where a step has left it; and says so.
  ///
  /// - Returns: what the source needs next.
  mutating func keep(_ step: SourceStep, _ effects: inout StageEffects) -> SourceStep {
    let isBefore = (effects.rows.map(\.lastPosition) + effects.side.map { LooseRows($0.rows).lastPosition })
      .allSatisfy { $0 <= trace.before }
    guard !isBefore || effects.watermark >= trace.position || step == .finished else {
      effects.watermark = min(effects.watermark, trace.before)
      return step
    }
    let (left, beside) = (effects.rows, effects.side)
    effects.rows.removeAll(keepingCapacity: true)
    effects.side.removeAll(keepingCapacity: true)
    for loose in left {
      let parts = parts(of: loose.assembled())
      if let before = parts.before { effects.rows.append(LooseRows(before)) }
      if let row = parts.row { rows.append(LooseRows(row)) }
    }
    for side in beside {
      let parts = parts(of: side.rows)
      if let before = parts.before { effects.side.append(SideRows(side.output, before)) }
      if let row = parts.row { sides.append(SideRows(side.output, row)) }
    }
    effects.barrier = nil
    guard trace.isEmitted || !rows.isEmpty || !sides.isEmpty else {
      // It is another source's, which must not wait for this one.
      effects.watermark = trace.last
      state = .done
      return .finished
    }
    effects.watermark = trace.before
    state = .held
    return .working
  }

  /// The rows that come before it, and those that are it; what is behind is given up.
  private func parts(of batch: RecordBatch) -> (before: RecordBatch?, row: RecordBatch?) {
    let all = 0..<batch.rowCount
    let first = all.first { batch.positions[$0] > trace.before } ?? all.upperBound
    let end = all.first { batch.positions[$0] > trace.last } ?? all.upperBound
    func part(_ rows: Range<Int>) -> RecordBatch? { rows.isEmpty ? nil : LooseRows(batch).batch(of: .range(rows)) }
    return (part(0..<first), part(first..<end))
  }

  /// What the source does while the row is held, at a step for which there is room; nil while it is not.
  mutating func step(now: Int64, into effects: inout StageEffects) -> SourceStep? {
    switch state {
    case .open: return nil
    case .held:
      state = .resting(until: now &+ trace.rest)
      return .waiting(until: now &+ trace.rest)
    case .resting(let end) where now < end: return .waiting(until: end)
    case .resting, .done:
      swap(&rows, &effects.rows)
      swap(&sides, &effects.side)
      effects.watermark = trace.last
      state = .done
      return .finished
    }
  }
}
