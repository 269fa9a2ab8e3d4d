import Checkpoints
import Dataflow
import Expressions
import LearnStage
import Plan
import Records
import SinkStage
import SourceStage
import TestSupport
import WindowStage
import WorkerRuntime

/// What comes of a job when one worker a stage does all at once: the judge of all other ways to run it.
struct Undisturbed {
  /// By the names of the sinks.
  private(set) var results: [String: [UInt8]] = [:]
  /// Its lines, sorted: workers that share the input leave theirs in any order.
  private(set) var letters: [String] = []
  /// Of the stages as the pipeline names them.
  private(set) var counters: [RowCounters] = []
  /// Where the rows of the results stand, by the names of the sinks that show all of them in this order.
  private(set) var places: [String: [Place]] = [:]

  /// A row's place in the pipeline's order.
  struct Place: Comparable {
    let time: Int64
    let source: Int
    let ordinal: UInt64

    static func < (left: Place, right: Place) -> Bool {
      (left.time, left.source, left.ordinal) < (right.time, right.source, right.ordinal)
    }
  }

  /// A row and where it stands.
  private struct Placed {
    let time: Int64
    let source: Int
    let ordinal: UInt64
    /// Which of its inputs each stage took it from, the last first.
    let way: [Int]
    let values: [Value]

    static func comesBefore(_ left: Placed, _ right: Placed) -> Bool {
      if left.time != right.time { return left.time < right.time }
      if left.source != right.source { return left.source < right.source }
      if left.ordinal != right.ordinal { return left.ordinal < right.ordinal }
      return left.way.lexicographicallyPrecedes(right.way)
    }
  }

  init(_ job: RandomJob, version: Int = 0) throws {
    var outputs: [[Placed]] = []
    for (number, stage) in job.stages.enumerated() {
      var effects = StageEffects()
      let rows = stage.inputs.enumerated()
        .flatMap { input, from in
          outputs[from.stage].map { row in
            let values = from.delivery.columns?.sources.map { $0.map { row.values[$0] } ?? .null } ?? row.values
            return Placed(
              time: row.time,
              source: row.source,
              ordinal: row.ordinal,
              way: [input] + row.way,
              values: values
            )
          }
        }
        .sorted(by: Placed.comesBefore)
      // The tag says which of the rows it was.
      let numbered = rows.enumerated().map { Row(time: $1.time, ordinal: UInt64($0), values: $1.values) }
      let batches = rows.isEmpty ? [] : [RecordBatch.of(stage.plan.inputSchema, numbered)]
      switch stage.plan.kind {
      case .source(let plan):
        guard case .file(let path) = plan.input else { throw SimulationFailure("no such input is made") }
        try Self.read(ProjectedSource(CSVSource(plan), stage.plan), job.inputs[path] ?? [], &effects)
      case .window(let plan):
        if let emission = plan.emission {
          try Self.run(ProjectedStage(EmittingLogic(plan, emission), stage.plan), batches, &effects)
        } else if let resolution = plan.resolution {
          try Self.run(ProjectedStage(CellLogic(plan, resolution: resolution), stage.plan), batches, &effects)
        } else {
          try Self.run(ProjectedStage(WindowLogic(plan), stage.plan), batches, &effects)
        }
      case .learn(let plan): try Self.run(ProjectedStage(LearnLogic(plan), stage.plan), batches, &effects)
      case .sink:
        let plan = job.plan(of: stage, version: version)
        guard case .sink(let sink, _) = plan.kind else { continue }
        let filter = plan.projection.filter.map { Predicate($0) }
        try Self.run(ProjectedStage(SinkLogic(sink, filter: filter), plan), batches, &effects)
        results[stage.name] = Array(effects.output.text.utf8)
        if sink.budget == nil, let batch = batches.first {
          var kept = Array(rows.indices)
          if let filter = plan.projection.filter {
            var predicate = Predicate(filter)
            kept = predicate.select(columns: batch.columns, rows: batch.rowCount).indices
          }
          places[stage.name] = kept.map {
            Place(time: rows[$0].time, source: rows[$0].source, ordinal: rows[$0].ordinal)
          }
        }
      case .score, .format: throw SimulationFailure("no such stage is made")
      }
      let left = effects.rows.flatMap { $0.assembled().rows }
      outputs.append(
        left.map { row in
          if stage.givesPositions {
            // Behind the rows of every source and of the stages before it.
            let source = stage.inputs.isEmpty ? number : Int(WindowEmission.firstSource) + number
            return Placed(time: row.time, source: source, ordinal: row.ordinal, way: [], values: row.values)
          }
          let before = rows[Int(row.ordinal)]
          return Placed(
            time: row.time,
            source: before.source,
            ordinal: before.ordinal,
            way: before.way,
            values: row.values
          )
        }
      )
      let readers = job.stages.flatMap(\.inputs).count { $0.stage == number }
      effects.counters.rowsOut += Int64(left.count * max(readers, 1))
      effects.counters.copied += Int64(left.count * max(readers - 1, 0))
      counters.append(effects.counters)
      letters += effects.deadLetters.text.split(separator: "\n").map(String.init)
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
    var now: Int64 = 0
    while true {
      let step = try logic.step(now: now, into: &effects)
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
      case .waiting(let until): now = until
      case .working: break
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
    var reached = Position.first
    while reached < .last {
      reached = try logic.advance(to: .last, into: &effects)
      for loose in effects.rows { rows.append(LooseRows(loose.assembled())) }
      effects.rows = []
    }
    try logic.finish(into: &effects)
    effects.rows = rows + effects.rows
  }
}

extension RowSelection {
  fileprivate var indices: [Int] {
    switch self {
    case .range(let range): Array(range)
    case .rows(let rows): rows.map { Int($0) }
    }
  }
}

struct SimulationFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
