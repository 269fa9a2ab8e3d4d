internal import ArgumentParser
internal import Dataflow
internal import Glibc
internal import PipelineSpec
internal import Plan
internal import Records
internal import Supervisor
internal import Transport
internal import WorkerRuntime

/// `sluice stage`: one worker, started by hand.
struct StageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stage",
    abstract: "Runs one worker of one stage, on this or another machine.",
    discussion: """
      It joins the coordinator that `sluice coordinate` runs, which tells it what to do. Where checkpoints are taken, a \
      worker more than the pipeline has makes it go over to so many; Ctrl-C lets a worker leave, and the pipeline goes on \
      with those that stay, or, where that is none, when another has come.
      """
  )

  @Argument(help: "The pipeline file.")
  var pipeline: String

  @Argument(help: "The stage.")
  var stage: String

  @Option(help: ArgumentHelp("Where the coordinator listens.", valueName: "endpoint"))
  var join: String

  @Option(help: ArgumentHelp("Which of the stage's workers this is, from 0.", valueName: "n"))
  var worker: UInt16 = 0

  @Option(
    help: ArgumentHelp(
      "Where to bind the inputs when the coordinator is on another machine: tcp://HOST:*. Default: the coordinator's "
        + "directory, or for a tcp coordinator tcp://127.0.0.1:*.",
      valueName: "endpoint"
    )
  )
  var listen: String?

  func run() throws {
    let plan = try PipelineFile.compile(pipeline)
    let names = Deployment.stageNames(plan)
    guard let number = names.firstIndex(of: stage) else {
      StandardError.writeLine("there is no stage '\(stage)'; name one of: \(names.joined(separator: ", "))")
      throw Sluice.misuse
    }
    let coordinator = try Endpoint.checked(join, option: "--join", isInsecure: plan.isInsecure)
    var inputs = try listen.map { try Endpoint.checked($0, option: "--listen", isInsecure: plan.isInsecure) }
    if inputs == nil, case .tcp = coordinator.address {
      inputs = try Endpoint.checked("tcp://127.0.0.1:*", option: "--listen", isInsecure: false)
    }
    let signals: SignalDescriptor
    do { signals = try SignalDescriptor() } catch {
      StandardError.writeLine("sluice: \(error)")
      throw ExitCode.failure
    }
    let run = WorkerRun(
      coordinator: coordinator.description,
      id: WorkerID(stage: UInt16(number), worker: worker),
      listen: inputs,
      patience: RunSupervisor.patienceNanoseconds,
      isToLeave: { signals.take() }
    )
    switch run.run() {
    case .completed: return
    case .failed: throw ExitCode.failure
    case .lost(let cause):
      StandardError.writeLine("\(stage)/\(worker): \(cause)")
      throw ExitCode.failure
    }
  }
}
