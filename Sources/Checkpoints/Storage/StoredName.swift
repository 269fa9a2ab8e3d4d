internal import Records

/// The names of the files in a directory of checkpoints. A file whose name is none of these is never touched.
package enum StoredName {
  static let lock = "lock"
  private static let manifestPrefix = "checkpoint-"
  private static let segmentPrefix = "journal-"
  static let temporarySuffix = ".temporary"

  /// The state that one worker saved for a checkpoint.
  ///
  /// - Parameter epoch: of the worker: the same checkpoint may be begun again after a failure.
  package static func state(checkpoint: UInt64, epoch: UInt32, stage: Int, worker: Int) -> String {
    "state-\(padded(checkpoint, to: 8))-\(epoch)-\(stage)-\(worker)"
  }

  /// What one worker holds back of the results or of the dead letters until a checkpoint is committed.
  ///
  /// - Parameter kind: tells apart the files of one worker: letters.
  package static func staged(_ kind: String, epoch: UInt32, stage: Int, worker: Int) -> String {
    "staged-\(kind)-\(epoch)-\(stage)-\(worker)"
  }

  static func manifest(_ number: UInt64) -> String { manifestPrefix + padded(number, to: 8) }
  static func segment(_ firstSequence: UInt64) -> String { segmentPrefix + padded(firstSequence, to: 20) }

  /// The checkpoint whose manifest has this name.
  static func checkpoint(ofManifest name: String) -> UInt64? {
    // One number is left, so that there is always a next one.
    number(name, manifestPrefix).flatMap { $0 < .max && manifest($0) == name ? $0 : nil }
  }

  static func firstSequence(ofSegment name: String) -> UInt64? {
    number(name, segmentPrefix).flatMap { segment($0) == name ? $0 : nil }
  }

  static func isTemporary(_ name: String) -> Bool {
    name.hasSuffix(temporarySuffix) && checkpoint(ofManifest: String(name.dropLast(temporarySuffix.count))) != nil
  }

  /// How far results have been printed that cannot be taken back.
  package static let printed = "printed"
  /// The same for a file of another kind, a pipe, at `path`.
  package static func printed(to path: String) -> String { "\(printed)-\(String(StableHash.of(path), radix: 16))" }

  /// What the names of manifests begin with that nobody goes on from.
  static let aside = "damaged-"

  /// Whether it is one of a run's.
  static func isKnown(_ name: String) -> Bool {
    if name.hasPrefix(aside) { return checkpoint(ofManifest: String(name.dropFirst(aside.count))) != nil }
    return
      isTemporary(name) || isStateOrStaged(name) || name == printed || name.hasPrefix(printed + "-")
      || checkpoint(ofManifest: name) != nil
      || firstSequence(ofSegment: name) != nil
  }

  /// Whether it holds something that only a manifest gives a meaning.
  static func isStateOrStaged(_ name: String) -> Bool { name.hasPrefix("state-") || name.hasPrefix("staged-") }

  /// The epoch of the worker that wrote it.
  package static func epoch(ofStateOrStaged name: String) -> UInt32? {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    return isStateOrStaged(name) && parts.count >= 4 ? UInt32(parts[parts.count - 3]) : nil
  }

  private static func number(_ name: String, _ prefix: String) -> UInt64? {
    name.hasPrefix(prefix) ? UInt64(name.dropFirst(prefix.count)) : nil
  }

  private static func padded(_ number: UInt64, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}
