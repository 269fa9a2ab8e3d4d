package import Dataflow
internal import Records
internal import Transport

/// A question to the coordinator of a run on this machine.
package enum RunRequest {
  /// How long a coordinator may take to answer.
  private static let patienceMilliseconds = 60_000

  /// Asks the run of `pipeline` for something and waits until it is done.
  ///
  /// - Returns: whether it was, and what the coordinator said; an error where there is no such run, or more than one.
  package static func send(
    _ message: ControlMessage,
    to pipeline: String
  ) throws(SupervisorError) -> (isDone: Bool, message: String) {
    let runs = RunDirectory.runs(of: pipeline)
    guard let run = runs.first else {
      throw SupervisorError("no pipeline '\(pipeline)' runs on this machine as this user")
    }
    guard runs.count == 1 else {
      throw SupervisorError("\(runs.count) runs of '\(pipeline)' go on; stop all but one")
    }
    do {
      let context = try Context()
      let socket = try DealerSocket(in: context, options: SocketOptions(highWaterMark: 10, linger: .discard))
      try socket.connect(try Endpoint(run))
      var bytes = try Message(copying: message.encoded)
      _ = try socket.trySend(&bytes)
      var poller = Poller()
      _ = poller.add(socket, for: .readable)
      while try poller.wait(milliseconds: patienceMilliseconds) != .timedOut {
        guard let answer = try socket.receive() else { continue }
        if case .answer(let isDone, let text) = try ControlMessage(decoding: answer.copyBytes()) {
          return (isDone, text)
        }
      }
    } catch {
      throw SupervisorError("\(error)")
    }
    throw SupervisorError("the coordinator of '\(pipeline)' did not answer within \(patienceMilliseconds / 1000) s")
  }
}
