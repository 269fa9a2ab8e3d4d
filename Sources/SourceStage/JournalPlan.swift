internal import Records

/// How the messages of a live source are kept, so that they can be had again.
package struct JournalPlan: Hashable, Sendable {
  /// When they are safe from a loss of power.
  package var sync: Sync
  package var keep: Keep
  /// Where in the directory of checkpoints it is; nil: in the directory itself, as that of the only live source is.
  package var folder: String?

  package enum Sync: Hashable, Sendable {
    /// Before their rows go on.
    case everyBatch
    /// So many nanoseconds after they came, at the latest.
    case everyInterval(nanoseconds: Int64)
  }

  package enum Keep: Hashable, Sendable {
    case everything
    /// What a checkpoint needs that is kept.
    case checkpoints
    /// That, and what arrived in the last so many microseconds.
    case time(microseconds: Int64)
  }

  /// Where it is.
  package func directory(in checkpoints: String) -> String { folder.map { "\(checkpoints)/\($0)" } ?? checkpoints }

  package init(sync: Sync = .everyInterval(nanoseconds: 100_000_000), keep: Keep = .everything) {
    self.sync = sync
    self.keep = keep
  }

  func encode(into writer: inout ByteWriter) {
    switch sync {
    case .everyBatch: writer.write(Int64(0))
    case .everyInterval(let nanoseconds): writer.write(nanoseconds)
    }
    switch keep {
    case .everything: writer.write(Int64(-1))
    case .checkpoints: writer.write(Int64(0))
    case .time(let microseconds): writer.write(microseconds)
    }
    writer.write(folder) { $1.write($0) }
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    let interval: Int64 = try reader.read()
    guard interval >= 0 else { throw reader.malformed("an interval") }
    sync = interval == 0 ? .everyBatch : .everyInterval(nanoseconds: interval)
    let time: Int64 = try reader.read()
    guard time >= -1 else { throw reader.malformed("a time") }
    keep = time == -1 ? .everything : time == 0 ? .checkpoints : .time(microseconds: time)
    folder = try reader.readOptional { (reader) throws(MalformedBytes) in try reader.read() }
  }
}
