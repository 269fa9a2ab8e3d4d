package import Checkpoints
internal import SourceStage

extension Manifest {
  /// The first message of the journal that going on from here takes; nil where the input does not come in messages.
  package var firstMessage: UInt64? {
    sources.compactMap { MessagePlace(state: $0.state)?.first }.min()
  }
}

extension PipelinePlan {
  /// Whether its input comes from others while it runs.
  package var isLive: Bool { liveSource != nil }

  /// What checkpoints leave of the journal of its input; nil where it has none.
  package var journalRetention: Retention? {
    switch liveSource?.journal.keep {
    case .everything, nil: nil
    case .checkpoints: Retention(microseconds: nil)
    case .time(let microseconds): Retention(microseconds: microseconds)
    }
  }

  /// What is kept beside what checkpoints need.
  package struct Retention: Hashable, Sendable {
    /// All that arrived in so long a time; nil: nothing.
    package let microseconds: Int64?
  }

  private var liveSource: SourcePlan? {
    sources.lazy.map(\.plan).first { if case .messages = $0.input { true } else { false } }
  }
}
