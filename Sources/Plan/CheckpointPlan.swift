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
    /// Of each worker that the stage had and that saved some of this one's state.
    package var parts: [Part] = []
    /// Where its input goes on, for a source.
    package var source: [UInt8]?
    /// The rows so far that this worker answers for.
    package var counters = RowCounters()
    /// How far the results are, for a sink.
    package var output: OutputPlace?

    package init() {}
  }

  /// What a worker takes of what another has saved.
  package struct Part: Hashable, Sendable {
    /// A full state file, then what changed since.
    package let files: [SavedFile]
    /// Key groups that were the other's: the files may hold others, of an earlier time.
    package let groups: Range<Int>
    /// Whether what belongs to no key is taken too.
    package let takesUngrouped: Bool

    package init(files: [SavedFile], groups: Range<Int>, takesUngrouped: Bool) {
      self.files = files
      self.groups = groups
      self.takesUngrouped = takesUngrouped
    }
  }

  func encode(into writer: inout ByteWriter) {
    writer.write(directory)
    writer.write(start) { start, writer in
      writer.write(start.parts) { part, writer in
        writer.write(part.files) { $0.encode(into: &$1) }
        writer.write(UInt16(part.groups.lowerBound))
        writer.write(UInt16(part.groups.upperBound))
        writer.write(part.takesUngrouped)
      }
      writer.write(start.source) { $1.write($0) }
      start.counters.encode(into: &writer)
      writer.write(start.output) { $0.encode(into: &$1) }
    }
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    directory = try reader.read()
    start = try reader.readOptional { (reader) throws(MalformedBytes) in
      var start = Start()
      start.parts = try reader.read { (reader) throws(MalformedBytes) in
        let files = try reader.read { (reader) throws(MalformedBytes) in try SavedFile(from: &reader) }
        let (first, end) = (Int(try reader.read(UInt16.self)), Int(try reader.read(UInt16.self)))
        guard first <= end, end <= KeyGroups.count else { throw reader.malformed("a range of key groups") }
        return Part(files: files, groups: first..<end, takesUngrouped: try reader.read())
      }
      start.source = try reader.readOptional { (reader) throws(MalformedBytes) in try reader.read([UInt8].self) }
      start.counters = try RowCounters(from: &reader)
      start.output = try reader.readOptional { (reader) throws(MalformedBytes) in try OutputPlace(from: &reader) }
      return start
    }
  }
}
