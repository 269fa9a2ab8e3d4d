package import Checkpoints
package import Dataflow
internal import Records

/// Where a worker saves its state, and what it goes on from.
package struct CheckpointPlan: Hashable, Sendable {
  /// The directory of the run's checkpoints.
  package let directory: String
  /// nil: the stream begins.
  package let start: Start?

  package init(directory: String, start: Start?) {
    self.directory = directory
    self.start = start
  }

  /// What a worker takes from a checkpoint.
  package struct Start: Hashable, Sendable {
    /// The state files of each worker that the stage had, in which this one's state is.
    package var chains: [[SavedFile]] = []
    /// The key groups that are this worker's.
    package var groups = 0..<0
    /// Whether what belongs to no key is this worker's too.
    package var takesUngrouped = false
    /// Where its input goes on, for a source.
    package var source: [UInt8]?
    /// The rows so far that this worker answers for.
    package var counters = RowCounters()
    /// How far the results are, for a sink.
    package var output: OutputPlace?

    package init() {}
  }

  func encode(into writer: inout ByteWriter) {
    writer.write(directory)
    writer.write(start) { start, writer in
      writer.write(start.chains) { chain, writer in writer.write(chain) { $0.encode(into: &$1) } }
      writer.write(UInt16(start.groups.lowerBound))
      writer.write(UInt16(start.groups.upperBound))
      writer.write(start.takesUngrouped)
      writer.write(start.source) { $1.write($0) }
      start.counters.encode(into: &writer)
      writer.write(start.output) { $0.encode(into: &$1) }
    }
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    directory = try reader.read()
    start = try reader.readOptional { (reader) throws(MalformedBytes) in
      var start = Start()
      start.chains = try reader.read { (reader) throws(MalformedBytes) in
        try reader.read { (reader) throws(MalformedBytes) in try SavedFile(from: &reader) }
      }
      let (first, end) = (Int(try reader.read(UInt16.self)), Int(try reader.read(UInt16.self)))
      guard first <= end, end <= KeyGroups.count else { throw reader.malformed("a range of key groups") }
      start.groups = first..<end
      start.takesUngrouped = try reader.read()
      start.source = try reader.readOptional { (reader) throws(MalformedBytes) in try reader.read([UInt8].self) }
      start.counters = try RowCounters(from: &reader)
      start.output = try reader.readOptional { (reader) throws(MalformedBytes) in try OutputPlace(from: &reader) }
      return start
    }
  }
}
