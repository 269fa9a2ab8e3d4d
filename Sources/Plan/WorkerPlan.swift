package import Records

/// All that one worker is told: its place in the pipeline, its channels, and what its stage does.
package struct WorkerPlan: Sendable {
  package let id: WorkerID
  /// `customer/0`, for messages.
  package let name: String
  package let epoch: UInt32
  /// Where the worker binds its input; empty for a source, which has none.
  package let listen: String
  /// Who sends on its input; nil for a source.
  package let upstream: WorkerID?
  /// Where dead letters are appended.
  package let deadLetterPath: String
  package let stage: StagePlan

  package init(
    id: WorkerID,
    name: String,
    epoch: UInt32,
    listen: String,
    upstream: WorkerID?,
    deadLetterPath: String,
    stage: StagePlan
  ) {
    self.id = id
    self.name = name
    self.epoch = epoch
    self.listen = listen
    self.upstream = upstream
    self.deadLetterPath = deadLetterPath
    self.stage = stage
  }

  package var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.write(id.stage)
    writer.write(id.worker)
    writer.write(name)
    writer.write(epoch)
    writer.write(listen)
    writer.write(upstream) { id, writer in
      writer.write(id.stage)
      writer.write(id.worker)
    }
    writer.write(deadLetterPath)
    stage.encode(into: &writer)
    return writer.bytes
  }

  package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    id = WorkerID(stage: try reader.read(), worker: try reader.read())
    name = try reader.read()
    epoch = try reader.read()
    listen = try reader.read()
    upstream = try reader.readOptional { (reader) throws(MalformedBytes) in
      WorkerID(stage: try reader.read(), worker: try reader.read())
    }
    deadLetterPath = try reader.read()
    stage = try StagePlan(from: &reader)
    guard reader.isAtEnd else { throw reader.malformed("the end of the plan") }
  }
}
