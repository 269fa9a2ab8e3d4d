internal import ArgumentParser
internal import Dataflow
internal import Supervisor

/// A run on this machine that somebody wants something of.
struct RunningPipeline {
  let name: String

  /// Asks for it and shows the answer; ends the command where it was not done.
  func ask(_ message: ControlMessage) throws {
    let answer: (isDone: Bool, message: String)
    do throws(SupervisorError) { answer = try RunRequest.send(message, to: name) } catch {
      StandardError.writeLine("sluice: \(error)")
      throw ExitCode.failure
    }
    StandardError.writeLine("\(name): \(answer.message)")
    if !answer.isDone { throw ExitCode.failure }
  }
}
