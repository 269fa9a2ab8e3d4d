import Dataflow
import Records
import SourceStage
import TestSupport

/// What a source made of an input; rows as text, since not every number equals itself.
struct SourceResult: Equatable {
  var rows: [String] = []
  var letters = ""
  var counters = RowCounters()
  var failure: StageFailure?

  /// Reads an input in pieces.
  init<Source: SourceLogic & ~Copyable>(_ source: consuming Source, _ pieces: [[UInt8]]) {
    var effects = StageEffects()
    var (rest, now) = (pieces[...], Int64(0))
    do throws(StageFailure) {
      run: while true {
        switch try source.step(now: now, into: &effects) {
        case .needsInput:
          if let piece = rest.popFirst() { try source.supply(piece.span) } else { try source.endInput() }
        case .waiting(let moment):
          Subject.require(moment > now, "a source waits for a time to come")
          now = moment
        case .working: break
        case .finished: break run
        }
        for batch in effects.rows.map({ $0.assembled() }) {
          batch.readEverything()
          rows += batch.rows.map { "\($0)" }
        }
        effects.rows.removeAll()
      }
      counters = effects.counters
      counters.rowsOut = Int64(rows.count)
      let counters = self.counters
      Subject.require(
        counters.rowsIn == counters.rowsOut + counters.late + counters.deadLetters,
        "every row is accounted for"
      )
    } catch {
      // How many rows were left before it depends on the cut.
      (rows, counters, failure) = ([], RowCounters(), error)
      return
    }
    letters = effects.deadLetters.text
  }
}
