internal import Dataflow
internal import Records
internal import SinkStage
internal import WindowStage

/// A stage as it runs.
struct RunningStage {
  /// By which its workers' names know it: the same whatever the numbers of workers.
  let number: UInt16
  var stage: PipelinePlan.Stage

  var ids: [WorkerID] { (0..<UInt16(stage.workers)).map { WorkerID(stage: number, worker: $0) } }

  /// The stages of a pipeline as they run, in its order, and behind them those that write the lines of sinks.
  ///
  /// A sink of several workers is two: they make lines of rows, and one worker writes the lines in their order. For a sink of
  /// one worker that shows only some rows, the stages before it make the lines, if it writes lines.
  static func all(of pipeline: PipelinePlan) -> [RunningStage] {
    var running = pipeline.stages.enumerated().map { RunningStage(number: UInt16($0), stage: $1) }
    for (writer, place) in sinks(of: pipeline).enumerated() {
      let sink = pipeline.stages[place]
      guard case .sink(let plan, let target) = sink.plan.kind else { continue }
      let projection = sink.plan.projection
      let writing = StagePlan(
        kind: .sink(plan.ofLines, target),
        inputSchema: plan.lineSchema,
        projection: ProjectionPlan(compute: [], filter: nil)
      )
      if sink.workers > 1 {
        running[place].stage = PipelinePlan.Stage(
          name: sink.name,
          plan: StagePlan(kind: .format(plan), inputSchema: sink.plan.inputSchema, projection: projection),
          inputs: sink.inputs,
          workers: sink.workers,
          order: sink.order,
          stateName: "\(sink.name)-lines"
        )
        running.append(
          RunningStage(
            number: UInt16(pipeline.stages.count + writer),
            stage: PipelinePlan.Stage(
              name: writerName(sink),
              plan: writing,
              inputs: [PipelinePlan.Input(place)],
              order: sink.order,
              stateName: sink.name
            )
          )
        )
      } else if let filter = projection.filter, plan.format != .frames {
        let inputs = sink.inputs.map { input in
          var input = input
          input.delivery = input.delivery.formatting(plan, after: projection.compute, filter: filter)
          return input
        }
        running[place].stage = sink.with(writing, inputs: inputs)
      }
    }
    return running
  }

  /// The names of the stages whose workers may run, by their numbers.
  static func names(of pipeline: PipelinePlan) -> [String] {
    pipeline.stages.map(\.name) + sinks(of: pipeline).map { writerName(pipeline.stages[$0]) }
  }

  private static func sinks(of pipeline: PipelinePlan) -> [Int] {
    pipeline.stages.indices.filter { if case .sink = pipeline.stages[$0].plan.kind { true } else { false } }
  }

  private static func writerName(_ sink: PipelinePlan.Stage) -> String { "\(sink.name)-writer" }
}

/// The ways that rows take through a pipeline.
///
/// A row that was copied and comes to one stage by several ways would have one position several times. There each way gets a
/// number, which stands in the lowest bits of the position: it is what orders those rows, whatever the number of workers.
struct Ways {
  /// For each stage, whether its rows leave in the order of their positions.
  private(set) var isOrdered: [Bool] = []
  /// For each stage and each of its inputs, what is added to the tags of the rows.
  private(set) var offsets: [[UInt64]] = []
  /// For each stage, the least source that it has rows of, or has had: its micro-batches are that one's. For a source its own
  /// number.
  private(set) var leader: [UInt16] = []
  /// Bits that the numbers of ways take.
  private(set) var pathBits = 0

  /// No graph that can run has more.
  private static let manyWays: UInt64 = 1 << 20

  /// - Parameter stages: each behind all that it reads.
  init(_ stages: [RunningStage]) {
    // For each stage the ways on which rows of each source come to it.
    var ways: [[UInt16: UInt64]] = []
    var most: UInt64 = 1
    var sources: UInt16 = 0
    for stage in stages.map(\.stage) {
      let inputs = stage.inputs.map(\.stage)
      let channels = inputs.reduce(0) { $0 + stages[$1].stage.workers }
      isOrdered.append(inputs.allSatisfy { isOrdered[$0] } && (stage.order == .position || channels < 2))
      var own: [UInt16: UInt64] = [:]
      offsets.append(
        inputs.map { input in
          let offset = ways[input].keys.map { own[$0] ?? 0 }.max() ?? 0
          for (source, count) in ways[input] { own[source] = min(offset + count, Self.manyWays) }
          return offset
        }
      )
      leader.append(inputs.map { leader[$0] }.min() ?? sources)
      most = max(most, own.values.max() ?? 1)
      if inputs.isEmpty {
        own[sources] = 1
        sources += 1
      }
      if case .window(let window) = stage.plan.kind, window.emission != nil {
        // Its rows are none of those that came.
        own = [WindowEmission.firstSource + UInt16(ways.count): 1]
      }
      ways.append(own)
    }
    while 1 << pathBits < most { pathBits += 1 }
  }
}
