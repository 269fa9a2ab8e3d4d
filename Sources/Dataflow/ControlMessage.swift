package import Records

/// What a worker and the coordinator say to each other, beside the stream.
package enum ControlMessage: Sendable {
  /// Worker: I am here; what am I to do?
  case hello
  /// Coordinator: your plan, in the encoding of the workers' runtime.
  case assign(plan: [UInt8])
  /// Worker: my inputs are bound here, one for each worker of the stage before, in their order.
  case ready(endpoints: [String])
  /// Coordinator: all inputs are bound; connect your outputs to these, one for each worker of the next stage, and go.
  case start(outputs: [String])
  /// Worker: what became of the rows so far.
  case progress(RowCounters)
  /// Worker: the stream has ended here and everything is sent or written. It stays until it is released: a peer that is
  /// slow to read loses what is under way when its sender goes.
  case done(WorkerReport)
  /// Worker: I cannot go on.
  case failed(message: String)
  /// Worker: nobody reads the results any more.
  case outputClosed
  /// Coordinator, to a source: leave no more rows and say where you are; the run is to end.
  case pause
  /// Worker: every row of the first `place` records has been left.
  case paused(at: UInt64)
  /// Coordinator, to a source: end the stream before record `place`, which is the same for all its workers.
  case stop(at: UInt64)
  /// Coordinator: everyone is done, so nothing that you sent is still on its way, or the run is over without you; go.
  case release
  /// Coordinator: I am still there.
  case alive
}

/// A worker's closing figures.
package struct WorkerReport: Sendable {
  package var counters: RowCounters
  package var figures: [Figure]

  package init(counters: RowCounters, figures: [Figure]) {
    self.counters = counters
    self.figures = figures
  }
}

extension ControlMessage {
  /// The version of this encoding; the first byte of every message.
  private static let version: UInt8 = 1

  package var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.version)
    switch self {
    case .hello: writer.write(UInt8(1))
    case .assign(let plan):
      writer.write(UInt8(2))
      writer.write(plan)
    case .ready(let endpoints):
      writer.write(UInt8(3))
      writer.write(endpoints) { $1.write($0) }
    case .start(let outputs):
      writer.write(UInt8(4))
      writer.write(outputs) { $1.write($0) }
    case .progress(let counters):
      writer.write(UInt8(5))
      counters.encode(into: &writer)
    case .done(let report):
      writer.write(UInt8(6))
      report.counters.encode(into: &writer)
      writer.write(report.figures) { figure, writer in
        writer.write(figure.name)
        writer.write(figure.value)
      }
    case .failed(let message):
      writer.write(UInt8(7))
      writer.write(message)
    case .outputClosed: writer.write(UInt8(8))
    case .stop(let place):
      writer.write(UInt8(9))
      writer.write(place)
    case .pause: writer.write(UInt8(12))
    case .paused(let place):
      writer.write(UInt8(13))
      writer.write(place)
    case .release: writer.write(UInt8(10))
    case .alive: writer.write(UInt8(11))
    }
    return writer.bytes
  }

  package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    guard try reader.read(UInt8.self) == Self.version else {
      throw reader.malformed("control message version \(Self.version)")
    }
    switch try reader.read(UInt8.self) {
    case 1: self = .hello
    case 2: self = .assign(plan: try reader.read())
    case 3: self = .ready(endpoints: try reader.read { (reader) throws(MalformedBytes) in try reader.read() })
    case 4: self = .start(outputs: try reader.read { (reader) throws(MalformedBytes) in try reader.read() })
    case 5: self = .progress(try RowCounters(from: &reader))
    case 6:
      let counters = try RowCounters(from: &reader)
      let figures = try reader.read { (reader) throws(MalformedBytes) in
        Figure(try reader.read(), try reader.read())
      }
      self = .done(WorkerReport(counters: counters, figures: figures))
    case 7: self = .failed(message: try reader.read())
    case 8: self = .outputClosed
    case 9: self = .stop(at: try reader.read())
    case 12: self = .pause
    case 13: self = .paused(at: try reader.read())
    case 10: self = .release
    case 11: self = .alive
    default: throw reader.malformed("a kind of control message")
    }
    guard reader.isAtEnd else { throw reader.malformed("the end of the message") }
  }
}

extension RowCounters {
  package func encode(into writer: inout ByteWriter) {
    for value in [rowsIn, rowsOut, filtered, late, deadLetters] { writer.write(value) }
  }

  package init(from reader: inout ByteReader) throws(MalformedBytes) {
    self.init()
    rowsIn = try reader.read()
    rowsOut = try reader.read()
    filtered = try reader.read()
    late = try reader.read()
    deadLetters = try reader.read()
  }
}
