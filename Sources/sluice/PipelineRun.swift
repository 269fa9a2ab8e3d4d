internal import ArgumentParser
internal import Dataflow
internal import Foundation
internal import Plan
internal import Supervisor
internal import Transport

/// One run of a pipeline, from the first worker to the summary.
struct PipelineRun {
  private let plan: PipelinePlan
  private let planner: any EpochPlanner
  private let display: RunDisplay

  /// - Parameter planner: of its epochs.
  init(_ plan: PipelinePlan, _ planner: any EpochPlanner, quiet: Bool) {
    self.plan = plan
    self.planner = planner
    display = RunDisplay(plan, quiet: quiet)
  }

  /// Runs to the end of the stream; throws the exit code where that is not 0.
  ///
  /// - Parameters:
  ///   - listen: where workers join that others start; nil: a place of its own.
  ///   - announce: told where that is, before anybody joins.
  func run(
    _ isolation: Isolation,
    listen: Endpoint?,
    announce: (_ endpoint: Endpoint, _ workers: [CoordinatedWorker]) -> Void = { _, _ in }
  ) throws {
    let coordinator: Coordinator
    do {
      let supervisor = try RunSupervisor(isolation, of: plan.name, listen: listen)
      coordinator = try supervisor.run(planner, observer: display) { announce(supervisor.endpoint, $0) }
    } catch {
      StandardError.writeLine("sluice: \(error)")
      throw ExitCode.failure
    }
    display.finish(coordinator)
    switch coordinator.outcome {
    case .completed, .outputClosed: return
    case .interrupted: throw ExitCode(130)
    case .failed, nil: throw ExitCode.failure
    }
  }
}
