import Dataflow
import Foundation
import Records
import TestSupport
import Testing
import Transport

/// Programs of different versions that meet.
@Suite struct VersionTests {
  @Test func aWorkerOfAnotherVersionIsTurnedAwayWithAWord() throws {
    let folder = try TemporaryFolder()
    let coordinator = try Program("sluice", ["coordinate", ReferencePipelineTests.pipeline], in: folder)
    let lines = coordinator.readLog(lines: 6)
    let join = try #require(lines.last?.split(separator: " ").last.map(String.init), "\(lines)")

    let context = try Context()
    let id = WorkerID(stage: 1, worker: 0)
    let options = SocketOptions(highWaterMark: 10, linger: .milliseconds(1000))
    let worker = try DealerSocket(in: context, options: options, identity: id.identity(incarnation: 1))
    try worker.connect(Endpoint(join))
    var poller = Poller()
    _ = poller.add(worker, for: .readable)
    for _ in 0..<2 {
      var hello = ControlMessage.hello.encoded
      hello[0] = 200
      var message = try Message(copying: hello)
      #expect(try worker.trySend(&message))
      _ = try poller.wait(milliseconds: -1)
      // It could not read more of it than this.
      let answer = try worker.receive()?.copyBytes()
      #expect(answer?.first == ControlMessage.version)
    }
    coordinator.send(signal: SIGINT)
    let outcome = coordinator.finish()
    #expect(outcome.status == 130)
    let word =
      "worker customer/0 speaks version 200 of the control protocol, and this coordinator version"
      + " \(ControlMessage.version); run the same version of Sluice everywhere"
    #expect(outcome.log.components(separatedBy: word).count == 2, "\(outcome.log)")
  }
}
