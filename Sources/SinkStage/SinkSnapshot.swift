internal import Dataflow

/// A sink's state, held until it is saved.
final class SinkSnapshot: StateSnapshot {
  private let state: SinkState

  init(_ state: SinkState) { self.state = state }

  func write(to writer: any StateWriter) throws(StateWriteError) {
    var pieces = PieceWriter(writer)
    try state.write(to: &pieces)
    try pieces.end()
  }
}
