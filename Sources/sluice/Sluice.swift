internal import ArgumentParser
internal import CLinux
internal import Glibc

/// The command line.
@main
struct Sluice: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sluice",
    abstract: "A real-time stream processor for fraud detection.",
    discussion: """
      A pipeline is a YAML file; each of its stages runs as a process. Results go to stdout and nothing else does, so \
      they can be piped; progress, log and the closing summary go to stderr.

      Exit codes: 0 done; 1 failed at run time; 2 the command or the file is wrong, and nothing was started; \
      130 interrupted, after a clean stop.
      """,
    subcommands: [
      RunCommand.self, CheckCommand.self, ExplainCommand.self, TestCommand.self, CoordinateCommand.self,
      StageCommand.self, ScaleCommand.self, ApplyCommand.self, BacktestCommand.self, DriftCommand.self, WhyCommand.self,
      ReplayCommand.self, DeadLetterCommand.self, CheckpointCommand.self, GenerateCommand.self,
    ]
  )

  /// The command or a file is wrong.
  static let misuse = ExitCode(2)

  static func main() {
    // First of all: whatever is opened next must not be taken for a closed stdout.
    guard sluice_hold_standard_descriptors() == 0 else { exit(withError: ExitCode.failure) }
    // A reader that has gone is an error of the write.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      exit(withError: report(error))
    }
  }

  /// Shows what there is to say of `error`, and gives the code to exit with.
  private static func report(_ error: any Error) -> ExitCode {
    let message = fullMessage(for: error)
    let code = exitCode(for: error)
    guard !message.isEmpty else { return code }
    if code.isSuccess {
      // The help, or the version.
      do { try StandardOutput.writeLine(message) } catch { return error }
      return code
    }
    StandardError.writeLine(message)
    // ArgumentParser's own code for a wrong command is 64; ours is 2.
    return code == .validationFailure ? misuse : code
  }
}
