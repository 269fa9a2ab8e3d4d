internal import Dataflow
internal import Plan
internal import Records
internal import Telemetry
internal import Transport

/// What the loops of all workers share: the coordinator's word, the output channels, dead letters, progress.
struct WorkerLoop: ~Copyable {
  private let control: ControlLink
  private let outputs: [DataOutput]
  private let deadLetterPath: String
  private var deadLetterFile: OutputFile?
  /// nil where no checkpoints are taken.
  let keeper: StateKeeper?
  private var poller: Poller
  private let controlEntry: Poller.Entry
  private var nextReport: Int64 = 0
  /// When the coordinator was last heard of.
  private var lastHeard = MonotonicClock.now
  /// What the coordinator wants of a source, in order.
  private var requests: [Request] = []
  /// The last checkpoint that is committed and has not been asked for.
  private var committed: Committed?

  enum Request {
    /// To leave no more rows.
    case pause
    /// To go on.
    case resume
    /// To go on, and send the barrier of this checkpoint before that record.
    case cut(UInt64, at: UInt64)
    /// To end before this record.
    case stop(at: UInt64)
    /// The same before the first record of a later event time.
    case cutBehind(UInt64, time: Int64)
    case stopBehind(time: Int64)
  }

  /// How often progress is told and the coordinator listened to while frames flow.
  private static let reportInterval: Int64 = 50_000_000
  /// How often a worker that nobody started tells that it is there while nothing flows.
  private static let heartbeatMilliseconds = 1000
  /// How often it is looked whether a state is saved while nothing flows.
  private static let savingMilliseconds = 5

  init(
    control: ControlLink,
    outputs: [DataOutput],
    poller: consuming Poller,
    deadLetterPath: String,
    keeper: StateKeeper?
  ) {
    self.control = control
    self.outputs = outputs
    self.keeper = keeper
    self.deadLetterPath = deadLetterPath
    self.poller = poller
    controlEntry = self.poller.add(control.socket, for: .readable)
  }

  /// Adds a socket to what `wait` waits for.
  mutating func watch(_ socket: borrowing some Socket & ~Copyable) -> Poller.Entry {
    poller.add(socket, for: .readable)
  }

  /// Adds a descriptor to what `wait` waits for.
  mutating func watch(descriptor: Int32, for events: PollEvents) -> Poller.Entry {
    poller.add(fileDescriptor: descriptor, for: events)
  }

  mutating func setInterest(_ events: PollEvents, of entry: Poller.Entry) { poller.setInterest(events, of: entry) }

  func events(of entry: Poller.Entry) -> PollEvents { poller.events(of: entry) }

  /// Sends what the worker has to send, on each channel as far as there is room.
  ///
  /// - Parameter isBusy: the worker has more to do at once.
  /// - Returns: whether all of it went.
  mutating func send(_ worker: inout Outputs?, isBusy: Bool) throws(RuntimeError) -> Bool {
    var allSent = true
    for index in outputs.indices {
      let output = outputs[index]
      try output.send { worker?.takeFrame(for: index, isBusy: isBusy) }
      worker?.setBlocked(output.isBlocked, index)
      poller.setInterest(output.isBlocked ? .writable : [], of: output.entry)
      if output.isBlocked { allSent = false }
    }
    return allSent
  }

  /// Appends the dead letters to their file, or holds them back until the next checkpoint is committed; empties `text`.
  mutating func write(deadLetters text: inout TextBuffer) throws(RuntimeError) {
    guard text.count > 0 else { return }
    if let keeper { return try keeper.stage(deadLetters: &text) }
    if deadLetterFile == nil { deadLetterFile = try OutputFile(path: deadLetterPath, appending: true) }
    _ = try deadLetterFile?.write(&text)
  }

  /// Tells progress and listens to the coordinator, when it is time again.
  mutating func attend(_ counters: RowCounters, now: Int64) throws(RuntimeError) {
    guard now >= nextReport else { return }
    nextReport = now + Self.reportInterval
    // Where the coordinator does not read, later progress will do.
    try control.send(.progress(counters))
    try control.leaveIfAsked()
    try listen()
    if let patience = control.patience, now - lastHeard > patience {
      throw RuntimeError("the coordinator has not been heard of for \(patience / 1_000_000_000) s")
    }
  }

  /// Waits for the coordinator, for room in output channels that are full, or for what else is watched.
  ///
  /// - Parameter milliseconds: at the most; -1 for ever.
  mutating func wait(milliseconds: Int = -1) throws(RuntimeError) {
    var most = milliseconds
    if control.patience != nil { most = Self.least(most, Self.heartbeatMilliseconds) }
    if keeper?.isSaving == true { most = Self.least(most, Self.savingMilliseconds) }
    _ = try explaining { () throws(TransportError) in try poller.wait(milliseconds: most) }
    if poller.events(of: controlEntry).contains(.readable) { try listen() }
  }

  private static func least(_ wait: Int, _ bound: Int) -> Int { wait < 0 ? bound : min(wait, bound) }

  /// Looks what has come of what is watched, without waiting.
  mutating func look() throws(RuntimeError) { try wait(milliseconds: 0) }

  /// Tells the coordinator something that must reach it.
  func tell(_ message: ControlMessage) throws(RuntimeError) { try control.sendSurely(message) }

  /// Says how the worker ended, and waits until it may go: a peer that is slow to read loses what is under way when its
  /// sender goes.
  ///
  /// - Parameter results: what is shown when the last checkpoint is committed.
  func conclude(
    _ message: ControlMessage,
    publishing results: (any ResultOutput)? = nil
  ) throws(RuntimeError) {
    try control.sendSurely(message)
    let control = control
    try control.awaitRelease { (committed) throws(RuntimeError) in
      guard let results else { return }
      try results.publish(committed)
      try control.sendSurely(.published(checkpoint: committed.checkpoint))
    }
  }

  /// What the coordinator wants of a source next.
  mutating func nextRequest() -> Request? { requests.isEmpty ? nil : requests.removeFirst() }

  /// The last checkpoint that has been committed since this was asked.
  mutating func nextCommitted() -> Committed? { committed.take() }

  private mutating func listen() throws(RuntimeError) {
    while let message = try control.receive() {
      lastHeard = MonotonicClock.now
      switch message {
      case .pause: requests.append(.pause)
      case .resume: requests.append(.resume)
      case .cut(let checkpoint, let place): requests.append(.cut(checkpoint, at: place))
      case .stop(let place): requests.append(.stop(at: place))
      case .cutBehind(let checkpoint, let time): requests.append(.cutBehind(checkpoint, time: time))
      case .stopBehind(let time): requests.append(.stopBehind(time: time))
      case .committed(let checkpoint, let isLast): committed = Committed(checkpoint: checkpoint, isLast: isLast)
      case .release: throw .released
      case .abandon: throw .abandoned
      default: break
      }
    }
  }
}
