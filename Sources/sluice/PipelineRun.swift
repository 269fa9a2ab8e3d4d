internal import ArgumentParser
internal import Dataflow
internal import Foundation
internal import Plan
internal import Supervisor
internal import Transport

/// One run of a pipeline, from the first worker to the summary.
struct PipelineRun {
  private let plan: PipelinePlan
  private let display: RunDisplay

  init(_ plan: PipelinePlan, quiet: Bool) {
    self.plan = plan
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
    try ResultFiles.prepare(plan)
    let coordinator: Coordinator
    do {
      let supervisor = try RunSupervisor(isolation, listen: listen)
      let deployment = Deployment(plan) { supervisor.inputEndpoint($0, $1) }
      announce(supervisor.endpoint, deployment.workers)
      coordinator = try supervisor.run(deployment.workers, observer: display)
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
