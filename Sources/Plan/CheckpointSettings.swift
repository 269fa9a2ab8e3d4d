/// How a pipeline's runs take checkpoints, as far as its file says; the command line may say otherwise.
package struct CheckpointSettings: Hashable, Sendable {
  package var place: Place
  /// Nanoseconds from one to the next.
  package var interval: Int64?
  /// Epochs that may fail one after the other without a checkpoint between them.
  package var attempts: Int?

  package enum Place: Hashable, Sendable {
    /// In the default directory where the input is live; else none are taken.
    case byInput
    case nowhere
    case directory(String)
  }

  package init(place: Place = .byInput, interval: Int64? = nil, attempts: Int? = nil) {
    self.place = place
    self.interval = interval
    self.attempts = attempts
  }

  /// The intervals that can be asked for, in nanoseconds.
  package static let intervals: ClosedRange<Int64> = 1_000_000...86_400_000_000_000
  package static let defaultInterval: Int64 = 1_000_000_000
  package static let defaultAttempts = 3
}
