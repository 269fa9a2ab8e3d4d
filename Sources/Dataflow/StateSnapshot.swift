/// Names a part of a stage's saved state: the unit that is written when it changed, and given back.
public struct StateBlock: Hashable, Sendable, BitwiseCopyable {
  /// The key group whose state it is; `KeyGroups.count` for state that belongs to no key.
  package let group: UInt16
  /// What it holds, by the stage's own numbering.
  package let kind: UInt8
  /// Which of its kind it is.
  package let number: UInt32

  package init(group: Int, kind: UInt8, number: Int) {
    self.group = UInt16(clamping: group)
    self.kind = kind
    self.number = UInt32(clamping: number)
  }
}

/// The state of a stage at one place of the stream, held while the stage goes on, for somebody to save.
public protocol StateSnapshot: AnyObject, Sendable {
  /// Hands every block to `writer`, in any order. Called once, on any thread, while the stage works on; a snapshot that is
  /// given up is not written at all, which holds up nobody.
  func write(to writer: any StateWriter) throws(StateWriteError)
}

/// Where saved state goes.
public protocol StateWriter: AnyObject {
  /// Takes a copy of `bytes`.
  func write(_ block: StateBlock, _ bytes: Span<UInt8>) throws(StateWriteError)
}

/// Why state could not be saved: which file, why.
public struct StateWriteError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  package init(_ description: String) { self.description = description }
}
