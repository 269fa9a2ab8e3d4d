import Dataflow
import Records
import TestSupport

/// A channel as a transport gives it: a few frames in their order, which come late and vanish with whoever holds them.
final class Wire {
  let name: String
  private let capacity: Int
  private var frames: [FrameStorage] = []
  /// The turn before which nothing comes out.
  var lateUntil = 0
  /// Its receiver is gone: what is sent waits for ever.
  private(set) var isCut = false
  private var hasEnd = false

  init(_ name: String, capacity: Int) {
    self.name = name
    self.capacity = capacity
  }

  var isFull: Bool { isCut || frames.count >= capacity }
  func holdsAny(at turn: Int) -> Bool { !frames.isEmpty && lateUntil <= turn }

  /// - Parameter copied: as between processes; else the sender's memory, as between threads.
  func send(_ frame: Frame, copied: Bool) {
    if [.end, .stop].contains(frame.header.kind) { hasEnd = true }
    frames.append(copied ? FrameStorage(copying: frame.storage.bytes) : frame.storage)
  }

  func receive(at turn: Int) -> FrameStorage? { holdsAny(at: turn) ? frames.removeFirst() : nil }

  /// The receiver has died.
  func cut() {
    isCut = true
    frames = []
  }

  /// The sender has died: what is under way comes only in part.
  func loseTail(_ random: inout SeededRandom) { frames.removeLast(Int.random(in: 0...frames.count, using: &random)) }

  /// The connection breaks and comes back: something under way is lost, and something comes behind it.
  ///
  /// - Returns: whether there was anything to lose.
  func drop(_ random: inout SeededRandom) -> Bool {
    guard !frames.isEmpty, !hasEnd || frames.count > 1 else { return false }
    frames.remove(at: Int.random(in: 0..<frames.count - (hasEnd ? 1 : 0), using: &random))
    return true
  }
}

extension Wire: CustomStringConvertible {
  var description: String {
    "\(name) \(frames.count)/\(capacity)\(isCut ? ", cut" : "")\(hasEnd ? ", with the end" : ""), late until \(lateUntil)"
  }
}
