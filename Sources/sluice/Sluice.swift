internal import ArgumentParser

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
      RunCommand.self, CheckCommand.self, CoordinateCommand.self, StageCommand.self, ReplayCommand.self,
      GenerateCommand.self,
    ]
  )

  /// The command or a file is wrong.
  static let misuse = ExitCode(2)

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      // ArgumentParser's own code for a wrong command is 64; ours is 2.
      let code = exitCode(for: error)
      guard code == .validationFailure else { exit(withError: error) }
      StandardError.write(fullMessage(for: error) + "\n")
      exit(withError: misuse)
    }
  }
}
