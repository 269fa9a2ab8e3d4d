import Dataflow
import Records
import TestSupport
import WindowStage

/// The workers of a pipeline, joined by channels of a few frames, under a scheduler that a seed fixes: it says whose turn it is
/// and what that one does.
struct SimulatedPipeline {
  private var random: SeededRandom
  private var workers: [SimulatedWorker] = []
  private var channels: [SimulatedChannel] = []
  let collected = Collected()
  private var turn = 0

  /// Ways to be unfair, so that something is always late.
  private let stallOnce: Int
  private let seed: UInt64

  init(_ pipeline: RandomPipeline, seed: UInt64) {
    self.seed = seed
    random = SeededRandom(seed: seed ^ 0x5EED)
    stallOnce = [20, 200, 100_000].randomElement(using: &random) ?? 20
    let counts = [pipeline.sourceWorkers] + pipeline.stages.map(\.workers) + [1]
    var isOrdered = true
    var inputs: [[SimulatedChannel]] = Array(repeating: [], count: counts[0])
    for number in counts.indices {
      let next = number + 1 < counts.count ? counts[number + 1] : 0
      let stage = number == 0 || next == 0 ? nil : pipeline.stages[number - 1]
      let order = stage?.order ?? (isOrdered ? .position : .arrival)
      let takesInOrder = isOrdered && (order == .position || counts[max(number, 1) - 1] == 1)
      var channelsOut: [[SimulatedChannel]] = []
      for worker in 0..<counts[number] {
        let out = (0..<next).map { receiver in
          SimulatedChannel(
            "\(number)/\(worker)->\(number + 1)/\(receiver)",
            capacity: .random(in: 1...4, using: &random),
            stream: pipeline.stream,
            isOrdered: takesInOrder
          )
        }
        channelsOut.append(out)
        channels += out
        let partition = number < pipeline.stages.count ? pipeline.stages[number].partition : .balanced
        let id = WorkerID(stage: UInt16(number), worker: UInt16(worker))
        let outputs =
          next == 0 ? nil : Outputs(out.map { _ in OutputChannel(sender: id, epoch: 1) }, partition: partition)
        let schema = number == 0 ? pipeline.stream.schema : stage?.input ?? pipeline.stages[number - 2].output
        let setting = Setting(
          inputs: inputs[worker].indices.map {
            InputChannel(
              from: WorkerID(stage: UInt16(number - 1), worker: UInt16($0)),
              epoch: 1,
              schema: schema,
              isOrdered: isOrdered
            )
          },
          order: order,
          outputs: outputs,
          limits: stage?.limits ?? pipeline.sinkLimits,
          isOrdered: takesInOrder,
          collected: next == 0 ? collected : nil
        )
        let core: any SimulatedCore
        switch stage?.kind {
        case .window(let plan)?: core = setting.core(WindowLogic(plan))
        case .simple(let plan)?: core = setting.core(SimpleLogic(plan))
        case nil:
          if number == 0, let outputs {
            let source = DealtSource(
              pipeline.stream,
              worker: worker,
              of: counts[0],
              batchRows: pipeline.sourceBatchRows,
              seed: seed &+ UInt64(worker)
            )
            core = SourceCore(source, outputs: outputs)
          } else {
            core = setting.core(CollectingLogic(collected: collected))
          }
        }
        workers.append(
          SimulatedWorker(
            "\(number)/\(worker)",
            core,
            driver: random.chance(oneIn: 2) ? .free : number == 0 ? .sourceLoop : .stageLoop,
            limit: number == 0 ? pipeline.sourceBatchRows : setting.limits.rows,
            isOrdered: takesInOrder,
            inputs: inputs[worker],
            outputs: out
          )
        )
      }
      if order == .arrival && counts[max(number, 1) - 1] > 1 { isOrdered = false }
      inputs = (0..<next).map { receiver in channelsOut.map { $0[receiver] } }
    }
  }

  /// What a worker of a stage is made of, beside its logic.
  private struct Setting {
    let inputs: [InputChannel]
    let order: InputOrder
    let outputs: Outputs?
    let limits: BatchLimits
    let isOrdered: Bool
    let collected: Collected?

    func core(_ logic: consuming some StageLogic & ~Copyable) -> any SimulatedCore {
      StageCore(
        logic,
        inputs: inputs,
        order: order,
        outputs: outputs,
        limits: limits,
        isOrdered: isOrdered,
        collected: collected
      )
    }
  }

  /// Runs until every worker is done.
  mutating func run() throws {
    var running = workers
    var idleTurns = 0
    while !running.isEmpty {
      let place = Int.random(in: running.indices, using: &random)
      let worker = running[place]
      turn += 1
      if random.chance(oneIn: stallOnce) { worker.stalledUntil = turn + Int.random(in: 1...500, using: &random) }
      let isUseful = try worker.stalledUntil <= turn && worker.act(&random)
      idleTurns = isUseful ? 0 : idleTurns + 1
      if worker.isDone { running.remove(at: place) }
      if idleTurns > 20 * running.count {
        try wakeAll(running)
        running.removeAll(where: \.isDone)
        idleTurns = 0
      }
    }
  }

  /// Lets every worker do what it can; when that is nothing, the pipeline is stuck.
  private mutating func wakeAll(_ running: [SimulatedWorker]) throws {
    var isUseful = false
    for worker in running.shuffled(using: &random) {
      worker.stalledUntil = 0
      if try worker.exhaust(&random) { isUseful = true }
    }
    guard isUseful || running.allSatisfy(\.isDone) else {
      throw SimulationFailure("nobody can go on after turn \(turn)\n\(state)")
    }
  }

  private var state: String {
    let lines = workers.filter { !$0.isDone }.map { "  \($0)" } + channels.filter { !$0.hasEnded }.map { "  \($0)" }
    return lines.joined(separator: "\n")
  }
}
