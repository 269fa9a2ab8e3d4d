import Checkpoints
import Dataflow
import Expressions
import Plan
import Records
import SinkStage
import SourceStage
import TestSupport
import WindowStage
import WorkerRuntime

/// What comes of a job when one worker a stage does all at once: the judge of all other ways to run it.
struct Undisturbed {
  private(set) var results: [UInt8] = []
  /// Its lines, sorted: workers that share the input leave theirs in any order.
  private(set) var letters: [String] = []
  /// Of the stages as the pipeline names them.
  private(set) var counters: [RowCounters] = []

  init(_ job: RandomJob) throws {
    var batches: [RecordBatch] = []
    for stage in job.stages {
      var effects = StageEffects()
      switch stage.plan.kind {
      case .source(let plan): try Self.read(ProjectedSource(CSVSource(plan), stage.plan), job.input, &effects)
      case .window(let plan): try Self.run(ProjectedStage(WindowLogic(plan), stage.plan), batches, &effects)
      case .sink(let plan, _):
        let filter = stage.plan.projection.filter.map { Predicate($0) }
        try Self.run(SinkLogic(plan, filter: filter), batches, &effects)
      case .score, .format: throw SimulationFailure("no such stage is made")
      }
      effects.counters.rowsOut += effects.rows.reduce(0) { $0 + Int64($1.count) }
      counters.append(effects.counters)
      letters += effects.deadLetters.text.split(separator: "\n").map(String.init)
      results += Array(effects.output.text.utf8)
      batches = effects.rows.map { $0.assembled() }
    }
    letters.sort()
  }

  private static func read(
    _ logic: consuming ProjectedSource<CSVSource>,
    _ input: [UInt8],
    _ effects: inout StageEffects
  ) throws {
    var logic = logic
    var rows: [LooseRows] = []
    var isSupplied = false
    while true {
      let step = try logic.step(now: .max, into: &effects)
      // Its memory is used again.
      for loose in effects.rows { rows.append(LooseRows(loose.assembled())) }
      effects.rows = []
      effects.barrier = nil
      switch step {
      case .needsInput where isSupplied: try logic.endInput()
      case .needsInput:
        isSupplied = true
        try logic.supply(input.span)
      case .finished:
        effects.rows = rows
        return
      case .working, .waiting: break
      }
    }
  }

  private static func run<Logic: StageLogic & ~Copyable>(
    _ logic: consuming Logic,
    _ batches: [RecordBatch],
    _ effects: inout StageEffects
  ) throws {
    var logic = logic
    var rows: [LooseRows] = []
    for batch in batches {
      effects.counters.rowsIn += Int64(batch.rowCount)
      try logic.process(batch, into: &effects)
      for loose in effects.rows { rows.append(LooseRows(loose.assembled())) }
      effects.rows = []
    }
    try logic.finish(into: &effects)
    effects.rows = rows + effects.rows
  }
}

struct SimulationFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
