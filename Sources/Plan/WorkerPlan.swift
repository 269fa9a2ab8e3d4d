package import Dataflow
package import Records

/// All that one worker is told: its place in the pipeline, its channels, and what its stage does.
package struct WorkerPlan: Sendable {
  package let id: WorkerID
  /// `customer/0`, for messages.
  package let name: String
  package let epoch: UInt32
  package let input: InputPlan
  /// How its rows find their worker of the next stage.
  package let partition: Partition
  package let limits: BatchLimits
  package let publication: Publication
  /// Where dead letters are appended.
  package let deadLetterPath: String
  /// nil where no checkpoints are taken.
  package let checkpoint: CheckpointPlan?
  package let stage: StagePlan

  /// The channels into a worker.
  package struct InputPlan: Hashable, Sendable {
    /// Who sends, and where the worker binds the end of that one's channel; none for a source.
    package let channels: [Channel]
    /// Whether the senders send their rows in the order of their positions.
    package let isOrdered: Bool
    package let order: InputOrder

    package struct Channel: Hashable, Sendable {
      package let sender: WorkerID
      package let endpoint: String

      package init(sender: WorkerID, endpoint: String) {
        self.sender = sender
        self.endpoint = endpoint
      }
    }

    package init(channels: [Channel], isOrdered: Bool, order: InputOrder) {
      self.channels = channels
      self.isOrdered = isOrdered
      self.order = order
    }
  }

  package init(
    id: WorkerID,
    name: String,
    epoch: UInt32,
    input: InputPlan,
    partition: Partition,
    limits: BatchLimits,
    publication: Publication,
    deadLetterPath: String,
    checkpoint: CheckpointPlan? = nil,
    stage: StagePlan
  ) {
    self.id = id
    self.name = name
    self.epoch = epoch
    self.input = input
    self.partition = partition
    self.limits = limits
    self.publication = publication
    self.deadLetterPath = deadLetterPath
    self.checkpoint = checkpoint
    self.stage = stage
  }

  package var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.write(id)
    writer.write(name)
    writer.write(epoch)
    writer.write(input.channels) { channel, writer in
      writer.write(channel.sender)
      writer.write(channel.endpoint)
    }
    writer.write(input.isOrdered)
    writer.write(input.order.rawValue)
    switch partition {
    case .key(let column):
      writer.write(true)
      writer.write(UInt32(column))
    case .balanced: writer.write(false)
    }
    writer.write(UInt32(limits.rows))
    writer.write(UInt32(limits.bytes))
    writer.write(publication.rawValue)
    writer.write(deadLetterPath)
    writer.write(checkpoint) { $0.encode(into: &$1) }
    stage.encode(into: &writer)
    return writer.bytes
  }

  package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    id = try reader.read()
    name = try reader.read()
    epoch = try reader.read()
    let channels = try reader.read { (reader) throws(MalformedBytes) in
      InputPlan.Channel(sender: try reader.read(), endpoint: try reader.read())
    }
    let isOrdered: Bool = try reader.read()
    guard let order = InputOrder(rawValue: try reader.read()) else { throw reader.malformed("an order of input") }
    input = InputPlan(channels: channels, isOrdered: isOrdered, order: order)
    partition = try reader.read(Bool.self) ? .key(column: Int(try reader.read(UInt32.self))) : .balanced
    let (rows, size) = (Int(try reader.read(UInt32.self)), Int(try reader.read(UInt32.self)))
    guard 1...BatchLimits.mostRows ~= rows, size > 0 else { throw reader.malformed("the limits of a batch") }
    limits = BatchLimits(rows: rows, bytes: size)
    guard let publication = Publication(rawValue: try reader.read()) else {
      throw reader.malformed("a kind of publication")
    }
    self.publication = publication
    deadLetterPath = try reader.read()
    checkpoint = try reader.readOptional { (reader) throws(MalformedBytes) in try CheckpointPlan(from: &reader) }
    stage = try StagePlan(from: &reader)
    guard reader.isAtEnd else { throw reader.malformed("the end of the plan") }
    if case .key(let column) = partition {
      let fields = stage.outputSchema.fields
      guard fields.indices.contains(column), fields[column].type == .string || fields[column].type.width == 8 else {
        throw reader.malformed("a column to partition by")
      }
    }
  }
}

extension ByteWriter {
  fileprivate mutating func write(_ id: WorkerID) {
    write(id.stage)
    write(id.worker)
  }
}

extension ByteReader {
  fileprivate mutating func read(_ type: WorkerID.Type = WorkerID.self) throws(MalformedBytes) -> WorkerID {
    WorkerID(stage: try read(), worker: try read())
  }
}
