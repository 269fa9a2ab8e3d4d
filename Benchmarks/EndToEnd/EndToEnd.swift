internal import ArgumentParser
internal import Foundation

/// The end-to-end benchmark: the built programs, run as users run them, and measured from outside.
@main
struct EndToEnd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "end-to-end",
    abstract: "Measures Sluice on the reference pipeline, and sets the figures beside the budgets.",
    discussion: """
      throughput  the floor and the pipeline in both modes, as processes and as threads, in turn: rows/s, ratio to the \
      floor, CPU time; all must write the same rows
      latency     from a row's scheduled arrival to its result at 20,000 rows/s, as processes and as threads
      windows     what a row costs a keyed stage, for windows from an hour to 90 days
      hot-key     what a key that carries three rows in ten does to the latency of the others
      rules       what 100 rules over 50 features cost a row, in process, for batches of 1 to 1000 rows
      models      what a score through 100 trees costs a row, and its contributions, beside the libraries that trained them, \
      where the Python that SLUICE_PYTHON names has xgboost and lightgbm
      checkpoints throughput with them, and with a million keys their size and time, the pause they make, and how long \
      the stream stands still when a worker is killed or when others take its place
      memory      the peak memory of each worker
      start       from the start of `sluice run` to its first byte of results

      The floor is one loop that does the same work with nothing between the stages. The data is generated once, into \
      Benchmarks/data. A budget that is missed is shown and no failure; the exit code is 1 only where something failed.
      """
  )

  @Argument(
    help: ArgumentHelp(
      "Which parts to run: \(Part.allCases.map(\.rawValue).joined(separator: ", ")). Default: all.",
      valueName: "part"
    )
  )
  var parts: [Part] = []

  @Option(
    help: ArgumentHelp(
      "Rounds of throughput (for each model), windows, hot-key, rules and models that count.",
      valueName: "n"
    )
  )
  var runs = 5

  @Option(help: ArgumentHelp("Seconds of each run of latency at 20,000 rows/s.", valueName: "n"))
  var seconds = 60

  func validate() throws {
    if runs < 1 { throw ValidationError("--runs counts rounds: give it 1 or more.") }
    if seconds < 1 { throw ValidationError("--seconds is how long a run takes: give it 1 or more.") }
  }

  func run() throws {
    let bench = try Workbench()
    try HostFacts(bench).show()
    for part in parts.isEmpty ? Part.allCases : parts {
      switch part {
      case .throughput:
        for workload in Workload.all { try Throughput(workload, rounds: runs).run(on: bench) }
      case .latency:
        for workload in Workload.all {
          try Latency(workload: workload, seconds: seconds, hasLowerRates: workload.name == Workload.linear.name)
            .run(on: bench)
        }
      case .windows: try WindowLengths(rounds: runs).run(on: bench)
      case .hotKey: try HotKey(rounds: runs).run(on: bench)
      case .rules: try Rules(rounds: runs).run()
      case .models: try ModelSpeed(rounds: runs).run(on: bench)
      case .checkpoints: try Checkpoints(rounds: runs).run(on: bench)
      case .memory: try MemoryUse().run(on: bench)
      case .start: try StartUp().run(on: bench)
      }
    }
  }
}

/// What can be measured by itself.
enum Part: String, CaseIterable, ExpressibleByArgument {
  case throughput, latency, windows
  case hotKey = "hot-key"
  case rules, models, checkpoints, memory, start
}
