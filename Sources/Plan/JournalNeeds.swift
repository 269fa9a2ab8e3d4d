package import Checkpoints
internal import SourceStage

extension Manifest {
  /// The first message of a source's journal that going on from here takes; nil where its input does not come in messages.
  package func firstMessage(of source: String) -> UInt64? {
    sources.first { $0.name == source }.flatMap { MessagePlace(state: $0.state)?.first }
  }
}

extension PipelinePlan {
  /// Whether its input comes from others while it runs.
  package var isLive: Bool { !journals.isEmpty }

  /// The journals of its live sources.
  package var journals: [Journal] {
    sources.compactMap { name, plan in
      guard case .messages = plan.input else { return nil }
      let retention: Journal.Retention? =
        switch plan.journal.keep {
        case .everything: nil
        case .checkpoints: .init(microseconds: nil)
        case .time(let microseconds): .init(microseconds: microseconds)
        }
      return Journal(source: name, folder: plan.journal.folder, retention: retention)
    }
  }

  /// Where the messages of a live source are kept, and for how long.
  package struct Journal: Hashable, Sendable {
    /// The source's name.
    package let source: String
    /// Its place in the directory of checkpoints; nil: the directory itself.
    package let folder: String?
    /// nil: everything is kept.
    package let retention: Retention?

    /// What is kept beside what checkpoints need.
    package struct Retention: Hashable, Sendable {
      /// All that arrived in so long a time; nil: nothing.
      package let microseconds: Int64?
    }
  }
}
