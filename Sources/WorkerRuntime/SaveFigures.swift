internal import Dataflow

/// What a worker's part of the checkpoints cost.
struct SaveFigures {
  /// States saved before the end of the stream.
  private var count = 0
  /// The longest that the stream stood still for one, in nanoseconds.
  private var longestPause: Int64 = 0
  /// Bytes and nanoseconds of the last state that was saved in full, and of the last of which only the changes were.
  private var full: (bytes: Int, time: Int64)?
  private var changes: (bytes: Int, time: Int64)?

  mutating func add(pause: Int64) { longestPause = max(longestPause, pause) }

  mutating func add(bytes: Int, time: Int64, isFull: Bool) {
    count += 1
    if isFull { full = (bytes, time) } else { changes = (bytes, time) }
  }

  var figures: [Figure] {
    guard count > 0 else { return [] }
    var figures = [
      Figure("checkpoint_count", Double(count)), Figure("checkpoint_pause", Double(longestPause)),
    ]
    if let full {
      figures += [
        Figure("checkpoint_full_bytes", Double(full.bytes)), Figure("checkpoint_full_time", Double(full.time)),
      ]
    }
    if let changes {
      figures += [
        Figure("checkpoint_changes_bytes", Double(changes.bytes)),
        Figure("checkpoint_changes_time", Double(changes.time)),
      ]
    }
    return figures
  }
}
