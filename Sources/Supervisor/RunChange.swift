package import Dataflow

/// Other numbers of workers, or another version, that somebody asked for while a run goes on.
package struct RunChange: Sendable {
  /// The version that is to be in force; nil where other numbers of workers are to be.
  private let version: String?
  /// The epoch in which it was asked for.
  private let epoch: UInt32

  package enum Outcome: Hashable, Sendable {
    case done
    /// A worker failed before the checkpoint from which the version was to be in force, or so shortly before it was asked for that
    /// results of the one before were still being made again; that one goes on.
    case dropped(version: String)
    /// The run ended first.
    case ended
  }

  package init(version: String?, epoch: UInt32) {
    self.version = version
    self.epoch = epoch
  }

  /// What became of it; nil while the run is on its way there.
  ///
  /// - Parameter version: the one in force.
  package func outcome(_ coordinator: Coordinator, version: String?) -> Outcome? {
    if coordinator.outcome != nil { return .ended }
    guard coordinator.isFlowing, coordinator.epoch > epoch else { return nil }
    if let wanted = self.version, wanted != version { return .dropped(version: wanted) }
    return .done
  }
}
