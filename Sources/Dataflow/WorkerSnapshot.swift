/// What is to be saved of a worker at one place of the stream.
package struct WorkerSnapshot: Sendable {
  /// The checkpoint whose barrier has passed; nil at the end of the stream.
  package let checkpoint: UInt64?
  package let counters: RowCounters
  /// nil for a stage that keeps no state, and for a source.
  package let state: (any StateSnapshot)?
  /// Whether that is all of it; else what changed since the snapshot before.
  package let isFull: Bool
  /// Where a source stands.
  package let source: [UInt8]?
  /// How many records of its input that is, for people.
  package let place: UInt64?

  package init(
    checkpoint: UInt64?,
    counters: RowCounters,
    state: (any StateSnapshot)?,
    isFull: Bool,
    source: [UInt8]?,
    place: UInt64?
  ) {
    self.checkpoint = checkpoint
    self.counters = counters
    self.state = state
    self.isFull = isFull
    self.source = source
    self.place = place
  }
}

/// From which state a worker begins, and whether its state is to be saved.
package struct WorkerStart: Sendable {
  package var counters = RowCounters()
  /// Whether the state at the end of the stream is saved too.
  package var savesAtEnd = false

  package init() {}
}
