internal import Records

/// Where a source whose input comes in messages stands: by their numbers.
package struct MessagePlace: Hashable, Sendable {
  /// The first message that is not used up, or of which a row is held.
  package let first: UInt64
  /// Every message before this one has been seen: `first` itself may be used up in part.
  package let end: UInt64

  /// - Parameter state: what the source saved; nil where that is damaged, or its input does not come in messages.
  package init?(state: [UInt8]) {
    guard let state = try? SourceState(state), let messages = state.messages else { return nil }
    first = state.held?.messages?.count ?? messages.count
    end = messages.count + (messages.bytesOfNext > 0 ? 1 : 0)
  }
}
