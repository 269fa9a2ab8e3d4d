import Dataflow
import Records
import SourceStage
import TestSupport

/// What came to a live source, in the order in which it was written down.
final class TestJournal {
  enum Entry {
    case message([UInt8])
    case promise(Int64)
  }

  var entries: [Entry] = []
}

/// A live source with its journal, of which every step is in the test's hands: what `SourceLoop` does, but for the sockets.
final class JournaledSource {
  /// What of it is in a checkpoint.
  struct Saved {
    var state: [UInt8]?
    var rows: [Row] = []
    var late: Int64 = 0
  }

  private var source: CSVSource
  private let journal: TestJournal
  /// What is in the journal before this has been supplied.
  private var at: Int
  /// What was in the journal before the epoch.
  private let known: Int
  private var effects = StageEffects()
  private(set) var rows: [Row]
  private(set) var step = SourceStep.working
  private(set) var saved: [UInt64: Saved] = [:]

  init(_ plan: SourcePlan, _ journal: TestJournal, from start: Saved = Saved()) throws {
    source = CSVSource(plan)
    self.journal = journal
    known = journal.entries.count
    rows = start.rows
    effects.counters.late = start.late
    at = 0
    if let state = start.state { at = Int(try source.restore(state, keepsSchedule: false)) }
  }

  var time: Int64 { source.time }
  var latest: Int64? { source.latest }
  func cut(_ number: UInt64, behind time: Int64) { source.cut(number, behind: time) }
  func stop(behind time: Int64) { source.stop(behind: time) }
  var late: Int64 { effects.counters.late }
  var isFinished: Bool { step == .finished }
  var here: Saved { Saved(state: source.state, rows: rows, late: late) }

  /// Takes a step, and hands on what it needs.
  ///
  /// - Parameter arrive: what comes now, if the source has read all that came before.
  func act(_ arrive: () -> TestJournal.Entry?) throws {
    guard !isFinished else { return }
    let watermark = effects.watermark
    step = try source.step(now: 0, into: &effects)
    precondition(effects.watermark >= watermark, "a watermark goes back")
    for batch in effects.rows.map({ $0.assembled() }) {
      precondition(batch.positions[0] > watermark, "a row comes behind its watermark")
      rows += batch.rows
    }
    effects.rows.removeAll()
    if case .checkpoint(let number)? = effects.barrier { saved[number] = here }
    effects.barrier = nil
    guard step == .needsInput else { return }
    if at < known { return supplyNext() }
    // It is written down before it is acted on.
    if let time = source.lastPromise {
      journal.entries.append(.promise(time))
    } else if let entry = arrive() {
      journal.entries.append(entry)
    }
    if at < journal.entries.count { supplyNext() }
  }

  private func supplyNext() {
    switch journal.entries[at] {
    case .message(let bytes):
      source.supply(bytes.span)
      source.endMessage()
    case .promise(let time): source.promise(time)
    }
    at += 1
  }

  /// Reads what is left of the journal, to the end.
  func readToEnd() throws {
    while !isFinished {
      let isAll = at == journal.entries.count
      try act { nil }
      if step == .needsInput, isAll, at == journal.entries.count { source.endInput() }
    }
  }
}
