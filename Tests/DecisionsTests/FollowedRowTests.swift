import Dataflow
import Decisions
import Foundation
import PipelineSpec
import Plan
import Records
import Supervisor
import TestSupport
import Testing
import WorkerRuntime

/// The run in which a row is followed: what it leaves, and what its workers tell.
@Suite struct FollowedRowTests {
  /// A row that is copied and comes by two ways, with other workers than one; late rows; rows that windows leave.
  private static let ways = """
    pipeline: ways
    stages:
      in:
        source:
          csv: \(Repository.path("datasets/card-transactions.csv"))
          time: tx_datetime
          out_of_order: 2h
          columns: { transaction_id: int64, tx_datetime: timestamp, customer_id: int64, tx_amount: decimal(2) }
      large:
        from: in
        where: tx_amount > 50
        window: { key: customer_id, features: { n: count over 7d } }
      every:
        from: in
        workers: 2
        window: { key: customer_id, features: { n: count over 7d } }
      both:
        from: [large, every]
        window: { key: customer_id, features: { m: count over 7d } }
      out:
        from: both
        sink: { stdout: jsonl }
    """

  @Test(arguments: ["card-fraud", "card-fraud-labels", "sensor-hours", "ways"])
  func aRowThatIsFollowedIsTheLastAndAllBeforeItAreAsEver(name: String) async throws {
    let folder = try TemporaryFolder()
    let path =
      name == "ways" ? try folder.write("ways.yaml", Self.ways) : Repository.path("pipelines/\(name).yaml")
    var options = RunOptions()
    options.keepsAllRows = true
    options.keepsExplanations = true
    options.limit = 4000
    options.outputs = [folder.path("all")]
    options.deadLetters = "/dev/null"
    _ = try await Self.run(try PipelineCompiler.compile(path: path, options: options))
    let all = try Self.lines(folder.path("all"))
    try #require(all.count > 100)
    for seed in Seeds.range(3) {
      var random = SeededRandom(seed: seed)
      let id = "\(Int.random(in: name == "card-fraud" ? 0..<4000 : 0..<1500, using: &random))"
      let traced = try await Self.trace(path, options, id, in: folder)
      let times = try #require(traced.trace.times, "seed \(seed)")
      // The first and the last of the stages have a file each.
      #expect(times.stages.count >= 3 && times.stages[0].from == nil)
      let runs = traced.outputs
      #expect(!runs.isEmpty)
      for lines in runs {
        let isPrefix = lines == Array(all.prefix(lines.count))
        #expect(isPrefix, "seed \(seed), \(id): \(lines.count) lines")
        if name == "card-fraud" {
          #expect(lines.count == Int(id).map { $0 + 1 } && times.stages.count == 5)
        } else if traced.trace.ending == nil, traced.trace.origin == nil {
          let own = lines.last?.contains("\"transaction_id\":\(id),") ?? false
          #expect(own, "seed \(seed): \(id) is not in \(lines.last ?? "nothing")")
        }
        let next = all.dropFirst(lines.count).first
        #expect(next?.contains("\"transaction_id\":\(id),") != true)
      }
    }
  }

  /// Explains a row, with the results of the runs in which it was followed.
  private static func trace(
    _ path: String,
    _ options: RunOptions,
    _ id: String,
    in folder: TemporaryFolder
  ) async throws -> (trace: DecisionTrace, outputs: [[Substring]]) {
    try await inThread {
      let (plan, texts) = try PipelineCompiler.compileWithTexts(path: path, options: options)
      var outputs: [[Substring]] = []
      let tracer = DecisionTracer(plan, texts) { name in
        let place = folder.path("\(id)-\(name)")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        return place
      } run: { plan in
        let replay = try runHere(plan)
        if plan.trace != nil, case .file(let path)? = plan.targets.first?.target { outputs.append(try lines(path)) }
        return replay
      }
      return (try tracer.trace(id, column: nil), outputs)
    }
  }

  private static func lines(_ path: String) throws -> [Substring] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
  }

  private static func run(_ plan: PipelinePlan) async throws -> Replay {
    try await inThread { try runHere(plan) }
  }

  /// A thread of its own, for a run changes which signals its thread gets.
  private static func inThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      Thread { continuation.resume(with: Result { try body() }) }.start()
    }
  }

  private static func runHere(_ plan: PipelinePlan) throws -> Replay {
    let isolation = Isolation.thread { id, coordinator, context in
      switch WorkerRun(coordinator: coordinator, id: id, context: context).run() {
      case .completed, .failed: nil
      case .lost(let cause): cause
      }
    }
    let supervisor = try RunSupervisor(isolation, of: "\(plan.name)-followed")
    let coordinator = try supervisor.run(PlainRun(plan), observer: Silence())
    #expect(coordinator.outcome == .completed)
    var times: [Int: RowTimes] = [:]
    for (worker, report) in coordinator.reports {
      times[Int(worker.id.stage)] = RowTimes(report.figures)
    }
    return Replay(rows: 0, deadLetters: 0, late: 0, times: times)
  }

  private final class Silence: RunObserver {
    func log(_ line: String, worker: String) {}
    func warn(_ text: String) {}
    func progress(_ workers: [(worker: CoordinatedWorker, counters: RowCounters)]) {}
  }
}
