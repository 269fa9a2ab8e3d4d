import Dataflow
import Records
import SourceStage
import TestSupport

/// A CSV file in two pieces: the first byte says how it is read, the next two where it is cut. The cut changes nothing.
enum CSVSubject {
  static let schema = Schema([
    Field("id", .int64), Field("at", .timestamp), Field("amount", .decimal(scale: 2)),
    Field("note", .string, nullable: true), Field("risk", .float64, nullable: true), Field("ok", .bool, nullable: true),
  ])

  static func read(_ bytes: [UInt8]) {
    guard bytes.count >= 3 else { return }
    let (choices, text) = (bytes[0], Array(bytes[3...]))
    let plan = SourcePlan(
      schema: schema,
      timeColumn: 1,
      source: 0,
      input: .file(path: "in.csv"),
      speed: choices & 1 != 0 ? 1e9 : nil,
      limit: choices & 2 != 0 ? 3 : nil,
      latePolicy: choices & 4 != 0 ? .drop : .deadLetter,
      errorPolicy: choices & 8 != 0 ? .fail : .deadLetter,
      longestLine: choices & 16 != 0 ? 40 : 1 << 20
    )
    _ = CSVHeader.check(firstBytes: text, isAll: true, shape: RecordShape(schema), inputName: "in.csv")
    let cut = min(Int(bytes[1]) << 8 | Int(bytes[2]), text.count)
    let (whole, parts) = (run(plan, [text]), run(plan, [Array(text[..<cut]), Array(text[cut...])]))
    Subject.require(whole == parts, "a source does not see how its input is cut")
  }

  /// What a source made of a file; rows as text, since not every number equals itself.
  private struct Result: Equatable {
    var rows: [String] = []
    var letters = ""
    var counters = RowCounters()
    var failure: StageFailure?
  }

  private static func run(_ plan: SourcePlan, _ pieces: [[UInt8]]) -> Result {
    var result = Result()
    var source = CSVSource(plan)
    var effects = StageEffects()
    var (rest, now) = (pieces[...], Int64(0))
    do throws(StageFailure) {
      run: while true {
        switch try source.step(now: now, into: &effects) {
        case .needsInput:
          if let piece = rest.popFirst() { source.supply(piece.span) } else { source.endInput() }
        case .waiting(let moment):
          Subject.require(moment > now, "a source waits for a time to come")
          now = moment
        case .working: break
        case .finished: break run
        }
        for batch in effects.rows.map({ $0.assembled() }) {
          batch.readEverything()
          result.rows += batch.rows.map { "\($0)" }
        }
        effects.rows.removeAll()
      }
      result.counters = effects.counters
      result.counters.rowsOut = Int64(result.rows.count)
      let counters = result.counters
      Subject.require(
        counters.rowsIn == counters.rowsOut + counters.late + counters.deadLetters,
        "every row is accounted for"
      )
    } catch {
      // How many rows were left before it depends on the cut.
      return Result(failure: error)
    }
    result.letters = effects.deadLetters.text
    return result
  }
}
