import Dataflow
import Records

/// A channel as a transport gives it: a few frames in their order. Looks at all that passes and knows the rules.
final class SimulatedChannel {
  let name: String
  private let capacity: Int
  private let stream: DealtStream
  private let isOrdered: Bool
  private var frames: [Frame] = []
  private var sequence: UInt64 = 0
  private var watermark = Position.first
  private var cuts: UInt64 = 0
  private(set) var hasEnded = false
  /// Rows of the frame received last.
  private(set) var lastRows = 0
  /// The last position and the rows of each frame that the receiver may not have used up.
  private var taken: [(last: Position, rows: Int)] = []

  init(_ name: String, capacity: Int, stream: DealtStream, isOrdered: Bool) {
    self.name = name
    self.capacity = capacity
    self.stream = stream
    self.isOrdered = isOrdered
  }

  var isFull: Bool { frames.count >= capacity }
  var isEmpty: Bool { frames.isEmpty }

  func send(_ frame: Frame) throws {
    precondition(!isFull)
    try check(frame)
    frames.append(frame)
  }

  /// The next frame, as the bytes that travel.
  ///
  /// - Parameter copied: as between processes; else the sender's memory, as a transport between threads may hand on.
  func receive(copied: Bool) -> FrameStorage? {
    guard !isEmpty else { return nil }
    // Nobody else holds it then, and its memory may become the receiver's next frame.
    let frame = frames.removeFirst()
    let rows = frame.batch.map { ($0.positions[$0.rowCount - 1], $0.rowCount) }
    lastRows = rows?.1 ?? 0
    if let rows { taken.append(rows) }
    return copied ? FrameStorage(copying: frame.storage.bytes) : frame.storage
  }

  /// Rows of frames that the receiver has not used up, after it has worked on all rows up to `last`.
  func queuedRows(after last: Position) -> Int {
    taken.removeAll { $0.last <= last }
    return taken.reduce(0) { $0 + $1.rows }
  }

  private func check(_ frame: Frame) throws {
    let header = frame.header
    func require(_ isRight: Bool, _ rule: String) throws {
      if !isRight { throw SimulationFailure("\(name): \(rule): frame \(header.sequence), \(header.kind)") }
    }
    try require(header.sequence == sequence && !hasEnded, "a frame is out of turn")
    sequence += 1
    if isOrdered { try require(header.watermark >= watermark, "a watermark went back") }
    if let batch = frame.batch {
      var before = watermark
      for row in 0..<batch.rowCount {
        let position = batch.positions[row]
        if isOrdered { try require(position > before, "a row comes after the promise that none would") }
        try require(stream.cutBehind(position.ordinal) ?? 1 == cuts + 1, "row \(position.ordinal) is beyond its cut")
        before = max(before, position)
      }
      if isOrdered { try require(before <= header.watermark, "a watermark is below its rows") }
    }
    if header.kind == .cut {
      cuts += 1
      try require(frame.barrier == .cut(cuts), "a cut is out of turn")
    }
    if header.kind == .end {
      hasEnded = true
      try require(cuts == stream.cuts, "the stream ends without all its cuts")
    }
    watermark = header.watermark
  }
}

extension SimulatedChannel: CustomStringConvertible {
  var description: String {
    "\(name) \(frames.count)/\(capacity) frames, at \(watermark), cut \(cuts)\(hasEnded ? ", ended" : "")"
  }
}

struct SimulationFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
