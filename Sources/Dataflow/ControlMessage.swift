package import Records

/// What workers, the coordinator and people who steer a run say to each other, beside the stream.
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
  case failed(message: String, WorkerFault)
  /// Worker: nobody reads the results any more.
  case outputClosed
  /// Coordinator, to a source: leave no more rows and say where you are.
  case pause
  /// Worker: every row of the first `place` records has been left; `time` is the greatest event time of those.
  case paused(at: UInt64, time: Int64 = .min)
  /// Coordinator, to a source: end the stream before record `place`, which is the same for all its workers.
  case stop(at: UInt64)
  /// The same before the first record with an event time above `time`, which is the same for all sources.
  case stopBehind(time: Int64)
  /// Coordinator, to a source that paused: go on.
  case resume
  /// Coordinator, to a source: go on, and send the barrier of checkpoint `checkpoint` before record `place`, which is the same
  /// for all its workers, or where you are, if that is further.
  case cut(checkpoint: UInt64, at: UInt64)
  /// The same before the first record with an event time above `time`, which is the same for all sources.
  case cutBehind(checkpoint: UInt64, time: Int64)
  /// Worker: what I am to keep of checkpoint `checkpoint` is safe, and this is where; in the encoding of the workers' runtime.
  case saved(checkpoint: UInt64, state: [UInt8])
  /// Worker: it is not, and why.
  case notSaved(checkpoint: UInt64, message: String)
  /// Coordinator: checkpoint `checkpoint` is committed; show what belongs to it.
  ///
  /// - Parameter isLast: it is the one at the end of the epoch.
  case committed(checkpoint: UInt64, isLast: Bool)
  /// Worker: what belongs to it is shown.
  case published(checkpoint: UInt64)
  /// Coordinator: this epoch is over; forget it, and say hello for the next.
  case abandon
  /// Worker: I was asked to go; let me when you can do without me.
  case leave
  /// Coordinator: everyone is done, so nothing that you sent is still on its way, or the run is over without you; go.
  case release
  /// Coordinator: I am still there.
  case alive
  /// A person: run this stage as so many workers from now on.
  case scale(stage: String, workers: UInt16)
  /// A person: go over to the pipeline in the file at this path, from some row on.
  case apply(path: String)
  /// Coordinator, to a person: what came of it.
  case answer(isDone: Bool, message: String)
}

/// A worker's closing figures, and where its state at the end is saved.
package struct WorkerReport: Sendable {
  package var counters: RowCounters
  package var figures: [Figure]
  /// In the encoding of the workers' runtime; nil where nothing is saved.
  package var state: [UInt8]?
  /// The greatest event time that a source has come to; nil for other stages.
  package var time: Int64?

  package init(counters: RowCounters, figures: [Figure], state: [UInt8]? = nil, time: Int64? = nil) {
    self.time = time
    self.counters = counters
    self.figures = figures
    self.state = state
  }
}

/// What helps against a worker's failure.
package enum WorkerFault: UInt8, Hashable, Sendable {
  /// Another epoch may fare better.
  case transient = 0
  /// It would fail again: the input or the machine has to be seen to first.
  case permanent = 1
  /// The checkpoint that it was to go on from cannot be read: an earlier one may do.
  case checkpoint = 2
}

extension ControlMessage {
  /// The version of this encoding and of those that travel in it; the first byte of every message.
  package static let version: UInt8 = 7

  /// The version of a message that a program with another one sent; nil for one of this version, and for nothing.
  package static func otherVersion(of bytes: [UInt8]) -> UInt8? { bytes.first.flatMap { $0 == version ? nil : $0 } }

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
      writer.write(report.state) { $1.write($0) }
      writer.write(report.time) { $1.write($0) }
    case .failed(let message, let fault):
      writer.write(UInt8(7))
      writer.write(message)
      writer.write(fault.rawValue)
    case .outputClosed: writer.write(UInt8(8))
    case .stop(let place):
      writer.write(UInt8(9))
      writer.write(place)
    case .pause: writer.write(UInt8(12))
    case .paused(let place, let time):
      writer.write(UInt8(13))
      writer.write(place)
      writer.write(time)
    case .stopBehind(let time):
      writer.write(UInt8(24))
      writer.write(time)
    case .cutBehind(let checkpoint, let time):
      writer.write(UInt8(25))
      writer.write(checkpoint)
      writer.write(time)
    case .resume: writer.write(UInt8(14))
    case .cut(let checkpoint, let place):
      writer.write(UInt8(15))
      writer.write(checkpoint)
      writer.write(place)
    case .saved(let checkpoint, let state):
      writer.write(UInt8(16))
      writer.write(checkpoint)
      writer.write(state)
    case .notSaved(let checkpoint, let message):
      writer.write(UInt8(17))
      writer.write(checkpoint)
      writer.write(message)
    case .committed(let checkpoint, let isLast):
      writer.write(UInt8(18))
      writer.write(checkpoint)
      writer.write(isLast)
    case .published(let checkpoint):
      writer.write(UInt8(19))
      writer.write(checkpoint)
    case .abandon: writer.write(UInt8(20))
    case .leave: writer.write(UInt8(23))
    case .release: writer.write(UInt8(10))
    case .alive: writer.write(UInt8(11))
    case .scale(let stage, let workers):
      writer.write(UInt8(21))
      writer.write(stage)
      writer.write(workers)
    case .apply(let path):
      writer.write(UInt8(26))
      writer.write(path)
    case .answer(let isDone, let message):
      writer.write(UInt8(22))
      writer.write(isDone)
      writer.write(message)
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
      let state = try reader.readOptional { (reader) throws(MalformedBytes) in try reader.read([UInt8].self) }
      let time = try reader.readOptional { (reader) throws(MalformedBytes) in try reader.read(Int64.self) }
      self = .done(WorkerReport(counters: counters, figures: figures, state: state, time: time))
    case 7:
      let message: String = try reader.read()
      guard let fault = WorkerFault(rawValue: try reader.read()) else { throw reader.malformed("a fault") }
      self = .failed(message: message, fault)
    case 8: self = .outputClosed
    case 9: self = .stop(at: try reader.read())
    case 12: self = .pause
    case 13: self = .paused(at: try reader.read(), time: try reader.read())
    case 24: self = .stopBehind(time: try reader.read())
    case 25: self = .cutBehind(checkpoint: try reader.read(), time: try reader.read())
    case 10: self = .release
    case 11: self = .alive
    case 14: self = .resume
    case 15: self = .cut(checkpoint: try reader.read(), at: try reader.read())
    case 16: self = .saved(checkpoint: try reader.read(), state: try reader.read())
    case 17: self = .notSaved(checkpoint: try reader.read(), message: try reader.read())
    case 18: self = .committed(checkpoint: try reader.read(), isLast: try reader.read())
    case 19: self = .published(checkpoint: try reader.read())
    case 20: self = .abandon
    case 23: self = .leave
    case 21: self = .scale(stage: try reader.read(), workers: try reader.read())
    case 26: self = .apply(path: try reader.read())
    case 22: self = .answer(isDone: try reader.read(), message: try reader.read())
    default: throw reader.malformed("a kind of control message")
    }
    guard reader.isAtEnd else { throw reader.malformed("the end of the message") }
  }
}

extension RowCounters {
  package func encode(into writer: inout ByteWriter) {
    for value in [rowsIn, rowsOut, copied, filtered, gathered, emitted, late, deadLetters] { writer.write(value) }
  }

  package init(from reader: inout ByteReader) throws(MalformedBytes) {
    self.init()
    rowsIn = try reader.read()
    rowsOut = try reader.read()
    copied = try reader.read()
    filtered = try reader.read()
    gathered = try reader.read()
    emitted = try reader.read()
    late = try reader.read()
    deadLetters = try reader.read()
  }
}
