package import Dataflow
package import Records
internal import SourceStage

/// All that one worker is told: its place in the pipeline, its channels, and what its stage does.
package struct WorkerPlan: Sendable {
  package let id: WorkerID
  /// `customer/0`, for messages.
  package let name: String
  package let epoch: UInt32
  package let input: InputPlan
  /// The stages that read its rows, in the order of its channels; none for a sink.
  package let outputs: [OutputPlan]
  package let limits: BatchLimits
  package let publication: Publication
  /// Where dead letters are appended.
  package let deadLetterPath: String
  /// nil where no checkpoints are taken.
  package let checkpoint: CheckpointPlan?
  package let stage: StagePlan
  /// A row to follow; nil in all runs but those that explain one.
  package let trace: RowTrace?

  /// The channels into a worker.
  package struct InputPlan: Hashable, Sendable {
    /// None for a source.
    package let channels: [Channel]
    package let order: InputOrder

    package struct Channel: Hashable, Sendable {
      package let sender: WorkerID
      /// Where the worker binds its end.
      package let endpoint: String
      /// Whether the sender sends its rows in the order of their positions.
      package let isOrdered: Bool
      /// What is added to the tags of its rows: one row that comes by several ways has a position of its own on each.
      package let offset: UInt64
      /// Whether its micro-batches are those of the worker.
      package let followsCuts: Bool

      package init(
        sender: WorkerID,
        endpoint: String,
        isOrdered: Bool = true,
        offset: UInt64 = 0,
        followsCuts: Bool = true
      ) {
        self.sender = sender
        self.endpoint = endpoint
        self.isOrdered = isOrdered
        self.offset = offset
        self.followsCuts = followsCuts
      }
    }

    package init(channels: [Channel], order: InputOrder) {
      self.channels = channels
      self.order = order
    }
  }

  /// A stage that reads a worker's rows.
  package struct OutputPlan: Sendable {
    /// Which of the stage's outputs it reads.
    package let output: StageOutput
    /// What is done with the rows for it.
    package let delivery: DeliveryPlan
    /// How they find their worker there.
    package let partition: Partition
    /// The workers that it has.
    package let workers: Int

    package init(
      _ output: StageOutput = .main,
      delivery: DeliveryPlan = DeliveryPlan(),
      partition: Partition,
      workers: Int
    ) {
      self.output = output
      self.delivery = delivery
      self.partition = partition
      self.workers = workers
    }
  }

  package init(
    id: WorkerID,
    name: String,
    epoch: UInt32,
    input: InputPlan,
    outputs: [OutputPlan],
    limits: BatchLimits,
    publication: Publication,
    deadLetterPath: String,
    checkpoint: CheckpointPlan? = nil,
    stage: StagePlan,
    trace: RowTrace? = nil
  ) {
    self.trace = trace
    self.id = id
    self.name = name
    self.epoch = epoch
    self.input = input
    self.outputs = outputs
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
      writer.write(channel.isOrdered)
      writer.write(channel.offset)
      writer.write(channel.followsCuts)
    }
    writer.write(input.order.rawValue)
    writer.write(UInt32(limits.rows))
    writer.write(UInt32(limits.bytes))
    writer.write(publication.rawValue)
    writer.write(deadLetterPath)
    writer.write(checkpoint) { $0.encode(into: &$1) }
    stage.encode(into: &writer)
    writer.write(outputs) { $0.encode(into: &$1) }
    writer.write(trace) { $0.encode(into: &$1) }
    return writer.bytes
  }

  package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    id = try reader.read()
    name = try reader.read()
    epoch = try reader.read()
    let channels = try reader.read { (reader) throws(MalformedBytes) in
      InputPlan.Channel(
        sender: try reader.read(),
        endpoint: try reader.read(),
        isOrdered: try reader.read(),
        offset: try reader.read(),
        followsCuts: try reader.read()
      )
    }
    guard channels.allSatisfy({ $0.offset < 1 << SourcePlan.mostPathBits }) else {
      throw reader.malformed("the number of a way")
    }
    guard let order = InputOrder(rawValue: try reader.read()) else { throw reader.malformed("an order of input") }
    input = InputPlan(channels: channels, order: order)
    let (rows, size) = (Int(try reader.read(UInt32.self)), Int(try reader.read(UInt32.self)))
    guard 1...BatchLimits.mostRows ~= rows, size > 0 else { throw reader.malformed("the limits of a batch") }
    limits = BatchLimits(rows: rows, bytes: size)
    guard let publication = Publication(rawValue: try reader.read()) else {
      throw reader.malformed("a kind of publication")
    }
    self.publication = publication
    deadLetterPath = try reader.read()
    checkpoint = try reader.readOptional { (reader) throws(MalformedBytes) in try CheckpointPlan(from: &reader) }
    let stage = try StagePlan(from: &reader)
    self.stage = stage
    outputs = try reader.read { (reader) throws(MalformedBytes) in
      try OutputPlan(from: &reader, of: stage)
    }
    trace = try reader.readOptional { (reader) throws(MalformedBytes) in try RowTrace(from: &reader) }
    guard reader.isAtEnd else { throw reader.malformed("the end of the plan") }
  }
}

extension WorkerPlan.OutputPlan {
  fileprivate func encode(into writer: inout ByteWriter) {
    writer.write(output.rawValue)
    delivery.encode(into: &writer)
    switch partition {
    case .key(let column):
      writer.write(true)
      writer.write(UInt32(column))
    case .balanced: writer.write(false)
    }
    writer.write(UInt16(workers))
  }

  /// - Parameter stage: that it belongs to.
  fileprivate init(from reader: inout ByteReader, of stage: StagePlan) throws(MalformedBytes) {
    guard let output = StageOutput(rawValue: try reader.read()), let own = stage.schema(of: output) else {
      throw reader.malformed("an output of the stage")
    }
    self.output = output
    delivery = try DeliveryPlan(from: &reader, over: own)
    partition = try reader.read(Bool.self) ? .key(column: Int(try reader.read(UInt32.self))) : .balanced
    workers = Int(try reader.read(UInt16.self))
    guard 1...KeyGroups.count ~= workers else { throw reader.malformed("a number of workers") }
    guard case .key(let column) = partition else { return }
    let fields = delivery.schema(over: own).fields
    guard fields.indices.contains(column), fields[column].type == .string || fields[column].type.width == 8 else {
      throw reader.malformed("a column to partition by")
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
