package import Dataflow

/// Rows from CSV.
package struct CSVSource: SourceLogic, ~Copyable {
  private var source: RecordSource<CSVReader>

  package init(_ plan: SourcePlan) { source = RecordSource(plan, reader: CSVReader(plan)) }

  package mutating func supply(_ bytes: Span<UInt8>) { source.supply(bytes) }
  package mutating func endMessage() { source.endMessage() }
  package mutating func endReplayedMessage() { source.endReplayedMessage() }
  package mutating func promise(_ time: Int64) { source.promise(time) }
  package var lastPromise: Int64? { source.lastPromise }
  package mutating func endInput() { source.endInput() }
  package var place: UInt64 { source.place }
  package var time: Int64 { source.time }
  package var latest: Int64? { source.latestTime }
  package var isStopped: Bool { source.wasStopped }
  package mutating func stop(at place: UInt64) { source.stop(at: place) }
  package mutating func stop(behind time: Int64) { source.stop(behind: time) }
  package mutating func cut(_ number: UInt64, at place: UInt64) { source.cut(number, at: place) }
  package mutating func cut(_ number: UInt64, behind time: Int64) { source.cut(number, behind: time) }
  package var state: [UInt8] { source.state }
  package mutating func restore(_ state: [UInt8], keepsSchedule: Bool) throws(StageFailure) -> UInt64 {
    try source.restore(state, keepsSchedule: keepsSchedule)
  }

  package mutating func step(now: Int64, into effects: inout StageEffects) throws(StageFailure) -> SourceStep {
    try source.step(now: now, into: &effects)
  }
}
