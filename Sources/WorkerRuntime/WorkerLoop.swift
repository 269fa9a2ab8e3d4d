internal import Dataflow
internal import Plan
internal import Records
internal import Telemetry
internal import Transport

/// What the loops of all workers share: the coordinator's word, the output channel, dead letters, progress.
struct WorkerLoop: ~Copyable {
  private let control: ControlLink
  private var output: DataOutput?
  private let deadLetterPath: String
  private var deadLetterFile: OutputFile?
  private var poller = Poller()
  private let controlEntry: Poller.Entry
  private var outputEntry: Poller.Entry?
  private var nextReport: Int64 = 0
  /// A frame waits for room in the output channel.
  private var isBlocked = false
  /// The coordinator wants the stream to end here.
  private(set) var isStopping = false

  /// How often progress is told and the coordinator listened to while frames flow.
  private static let reportInterval: Int64 = 50_000_000

  init(control: ControlLink, output: consuming DataOutput?, deadLetterPath: String) {
    self.control = control
    self.output = consume output
    self.deadLetterPath = deadLetterPath
    controlEntry = poller.add(control.socket, for: .readable)
    outputEntry = self.output?.register(in: &poller)
  }

  /// Adds a socket to what `wait` waits for.
  mutating func watch(_ socket: borrowing some Socket & ~Copyable) -> Poller.Entry {
    poller.add(socket, for: .readable)
  }

  /// Adds a descriptor whose other end may go.
  mutating func watchForClosing(_ descriptor: Int32) -> Poller.Entry {
    poller.add(fileDescriptor: descriptor, for: .error)
  }

  func hasFailed(_ entry: Poller.Entry) -> Bool { poller.events(of: entry).contains(.error) }

  /// Sends what the worker has to send, as far as there is room.
  ///
  /// - Returns: whether all of it went.
  mutating func send(_ next: () -> Frame?) throws(RuntimeError) -> Bool {
    let allSent = try output?.send(next) ?? true
    isBlocked = !allSent
    return allSent
  }

  /// Appends the dead letters to their file and empties `text`.
  mutating func write(deadLetters text: inout TextBuffer) throws(RuntimeError) {
    guard text.count > 0 else { return }
    if deadLetterFile == nil { deadLetterFile = try OutputFile(path: deadLetterPath, appending: true) }
    _ = try deadLetterFile?.write(&text)
  }

  /// Tells progress and listens to the coordinator, when it is time again.
  mutating func attend(_ counters: RowCounters, now: Int64) throws(RuntimeError) {
    guard now >= nextReport else { return }
    nextReport = now + Self.reportInterval
    try control.send(.progress(counters))
    try listen()
  }

  /// Waits for the coordinator, for room in the output channel if it is full, or else for `input`.
  ///
  /// - Parameter milliseconds: at the most; -1 for ever.
  mutating func wait(for input: Poller.Entry?, milliseconds: Int = -1) throws(RuntimeError) {
    if let outputEntry { poller.setInterest(isBlocked ? .writable : [], of: outputEntry) }
    if let input { poller.setInterest(isBlocked ? [] : .readable, of: input) }
    _ = try explaining { () throws(TransportError) in try poller.wait(milliseconds: milliseconds) }
    if poller.events(of: controlEntry).contains(.readable) { try listen() }
  }

  /// Says how the worker ended, and waits until it may go.
  func conclude(_ message: ControlMessage) throws(RuntimeError) {
    try control.send(message)
    try control.awaitRelease()
  }

  private mutating func listen() throws(RuntimeError) {
    while let message = try control.receive() {
      if case .stop = message { isStopping = true }
    }
  }
}
