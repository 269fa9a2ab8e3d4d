internal import ArgumentParser
internal import Dataflow
internal import Foundation
internal import Records
internal import SourceStage
internal import Telemetry
internal import Transport

/// `sluice replay`: a client that feeds a CSV file to a running pipeline.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Replays a CSV by its event time into a running pipeline's `zeromq` source.",
    discussion: """
      Each row is a message: a JSON object with the header's names and the time at which it was scheduled to be sent, \
      whether or not the pipeline kept up (an open loop). At the end it tells how far it fell behind that schedule.
      """
  )

  @Argument(help: "The CSV file.")
  var data: String

  @Option(help: ArgumentHelp("Where the source listens.", valueName: "endpoint"))
  var into: String

  @Option(help: ArgumentHelp("This many times as fast as the events were: 1x, 60x. Default: as fast as it goes."))
  var speed: Speed?

  @Option(help: ArgumentHelp("The column with the event time. Default: the first that holds one.", valueName: "name"))
  var time: String?

  @Option(help: ArgumentHelp("Stop after this many rows.", valueName: "n"))
  var limit: Int?

  @Flag(help: "No summary on stderr.")
  var quiet = false

  func run() throws {
    let endpoint = try Endpoint.checked(into, option: "--into", isInsecure: true)
    guard let file = FileHandle(forReadingAtPath: data) else {
      StandardError.writeLine("cannot read '\(data)'; check the path")
      throw Sluice.misuse
    }
    do {
      let sender = try ReplaySender(endpoint, speed: speed?.factor)
      try send(file, sender)
      if !quiet { StandardError.write(sender.summary) }
    } catch let error as ReplayRows.Failure {
      StandardError.writeLine("sluice: \(error)")
      throw ExitCode.failure
    } catch let error as TransportError {
      StandardError.writeLine("sluice: \(error)")
      throw ExitCode.failure
    }
  }

  private func send(_ file: FileHandle, _ sender: ReplaySender) throws {
    var rows = ReplayRows(path: data, timeName: time)
    var text = TextBuffer()
    while sender.sent < limit ?? .max {
      switch try rows.next(into: &text) {
      case .row(let time):
        try sender.send(&text, time: time)
        text.removeAll()
      case .needsInput:
        let bytes = [UInt8](try file.read(upToCount: 1 << 18) ?? Data())
        if bytes.isEmpty { rows.endInput() } else { rows.supply(bytes.span) }
      case .finished: return
      }
    }
  }
}

/// Sends rows on an open-loop schedule from their event times.
private final class ReplaySender {
  private let socket: PushSocket
  private let speed: Double?
  private let started = MonotonicClock.now
  private let wallOffset = MonotonicClock.wallTime - MonotonicClock.now
  private var firstTime: Int64?
  private var lateness = LatencyHistogram()
  private(set) var sent = 0

  private static let queuedMessages = 1000

  init(_ endpoint: Endpoint, speed: Double?) throws(TransportError) {
    self.speed = speed
    // What is sent must arrive, also when the source comes later than this client.
    socket = try PushSocket(
      in: try Context(),
      options: SocketOptions(highWaterMark: Self.queuedMessages, linger: .forever)
    )
    try socket.connect(endpoint)
  }

  /// Waits until the row is due and sends it.
  ///
  /// - Parameter text: its JSON object, not yet closed.
  func send(_ text: inout TextBuffer, time: Int64) throws(TransportError) {
    let due = scheduled(time)
    while MonotonicClock.now < due { MonotonicClock.sleep(until: due) }
    text.append(",\"sluice_scheduled_at\":")
    text.append(integer: due + wallOffset)
    text.append("}")
    var message = try unsafe Message(copying: text.bytes.bytes)
    while try !socket.trySend(&message) {
      var poller = Poller()
      _ = poller.add(socket, for: .writable)
      _ = try poller.wait(milliseconds: -1)
    }
    lateness.record(nanoseconds: MonotonicClock.now - due, rows: 1)
    sent += 1
  }

  private func scheduled(_ time: Int64) -> Int64 {
    guard let speed else { return MonotonicClock.now }
    let first = firstTime ?? time
    firstTime = first
    return started + Int64(min(max(Double(time - first) * 1000 / speed, 0), 1e18))
  }

  var summary: String {
    let seconds = Double(MonotonicClock.now - started) / 1e9
    var text = "replay: \(Int64(sent).grouped) rows in \(RunSummary.fixed(seconds, 2)) s\n"
    if speed != nil {
      let late = lateness.figures.map { "\($0.name.dropFirst("latency_".count)) \(RunSummary.time($0.value))" }
      text += "  behind schedule     \(late.joined(separator: "  "))\n"
    }
    return text
  }
}
