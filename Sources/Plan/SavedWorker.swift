package import Checkpoints
package import Dataflow
package import Records

/// What a worker has saved for a checkpoint, as it tells its coordinator.
package struct SavedWorker: Hashable, Sendable {
  /// The files of its state: a full one, then what changed since.
  package var chain: [SavedFile] = []
  package var counters: RowCounters
  /// Where a source stands.
  package var source: SourcePlace?
  /// How far a sink's results are.
  package var output: OutputPlace?
  /// Whether a sink has shown more already, before a failure: only the same text can follow.
  package var isRepeating = false
  /// Dead letters since the checkpoint before.
  package var deadLetters: [StagedRange] = []

  package struct SourcePlace: Hashable, Sendable {
    package var state: [UInt8]
    /// Records of the input before it, for people.
    package var place: UInt64

    package init(state: [UInt8], place: UInt64) {
      self.state = state
      self.place = place
    }
  }

  package init(counters: RowCounters) { self.counters = counters }

  package var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.write(chain) { $0.encode(into: &$1) }
    counters.encode(into: &writer)
    writer.write(source) { source, writer in
      writer.write(source.state)
      writer.write(source.place)
    }
    writer.write(output) { $0.encode(into: &$1) }
    writer.write(isRepeating)
    writer.write(deadLetters) { $0.encode(into: &$1) }
    return writer.bytes
  }

  package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    chain = try reader.read { (reader) throws(MalformedBytes) in try SavedFile(from: &reader) }
    counters = try RowCounters(from: &reader)
    source = try reader.readOptional { (reader) throws(MalformedBytes) in
      SourcePlace(state: try reader.read(), place: try reader.read())
    }
    output = try reader.readOptional { (reader) throws(MalformedBytes) in try OutputPlace(from: &reader) }
    isRepeating = try reader.read()
    deadLetters = try reader.read { (reader) throws(MalformedBytes) in try StagedRange(from: &reader) }
    guard reader.isAtEnd else { throw reader.malformed("the end of what was saved") }
  }
}
