/// The fixed number of parts that the keys of a stage fall into, and which worker owns which: the unit in which keyed state is
/// owned, saved and moved.
public enum KeyGroups {
  /// The same for every pipeline, so that saved state fits any number of workers up to this.
  public static let count = 256

  /// The group of a key, by its stable hash.
  @inlinable
  public static func group(ofHash hash: UInt64) -> Int { Int(truncatingIfNeeded: hash % UInt64(count)) }

  /// The worker that owns a group: each owns a run of neighbouring groups, and the runs differ by one at most.
  @inlinable
  public static func worker(ofGroup group: Int, workers: Int) -> Int { group &* workers / count }

  /// The groups that a worker owns.
  package static func groups(ofWorker worker: Int, workers: Int) -> Range<Int> {
    func first(_ worker: Int) -> Int { (worker * count + workers - 1) / workers }
    return first(worker)..<first(worker + 1)
  }
}
