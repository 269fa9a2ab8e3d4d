/// A place where the stream is cut, the same on all channels.
public enum Barrier: Hashable, Sendable {
  /// The end of a micro-batch, by its number.
  case cut(UInt64)
  /// What is before it belongs to this checkpoint, what is behind it does not. It ends a micro-batch as well.
  case checkpoint(UInt64)

  package var number: UInt64 {
    switch self {
    case .cut(let number), .checkpoint(let number): number
    }
  }

  var kind: FrameKind { if case .cut = self { .cut } else { .barrier } }
}

extension Barrier: CustomStringConvertible {
  public var description: String {
    switch self {
    case .cut(let number): "cut \(number)"
    case .checkpoint(let number): "barrier \(number)"
    }
  }
}
