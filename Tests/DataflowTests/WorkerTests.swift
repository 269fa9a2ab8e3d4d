import Dataflow
import Records
import Testing

@Suite struct WorkerTests {
  /// Passes batches on; keeps those whose first value is divisible by eight to itself.
  struct Passing: StageLogic, ~Copyable {
    mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {
      if batch.column(0).int64(0) % 8 == 0 {
        effects.counters.filtered += Int64(batch.rowCount)
      } else {
        effects.batches.append(batch)
      }
    }
    mutating func finish(into effects: inout StageEffects) throws(StageFailure) {
      effects.figures.append(Figure("finished", 1))
    }
  }

  /// Leaves three batches, then ends.
  struct Counting: SourceLogic, ~Copyable {
    var left: Int64 = 0
    mutating func supply(_ bytes: Span<UInt8>) throws(StageFailure) {}
    mutating func endInput() throws(StageFailure) {}
    mutating func stop() { left = 3 }
    mutating func step(now: Int64, into effects: inout StageEffects) throws(StageFailure) -> SourceStep {
      guard left < 3 else {
        effects.watermark = .last
        return .finished
      }
      left += 1
      effects.counters.rowsIn += 2
      effects.batches.append(ChannelTests.batch([left * 10, left * 10 + 1]))
      effects.watermark = ChannelTests.at(left * 10 + 1)
      return .working
    }
  }

  static let stage = WorkerID(stage: 1, worker: 0)

  @Test func carriesRowsWatermarksAndTheEndThrough() throws {
    var source = SourceWorker(Counting(), output: OutputChannel(sender: ChannelTests.sender, epoch: 1))
    var worker = Worker(
      Passing(),
      input: InputChannel(from: ChannelTests.sender, epoch: 1, schema: ChannelTests.schema),
      output: OutputChannel(sender: Self.stage, epoch: 1)
    )
    var receiver = InputChannel(from: Self.stage, epoch: 1, schema: ChannelTests.schema)
    var times: [Int64] = []
    var kinds: [FrameKind] = []
    while !source.hasEnded {
      _ = try source.step(now: 0)
      while let frame = source.takeFrame() { try worker.receive(frame.storage) }
      while let frame = worker.takeFrame() {
        let accepted = try receiver.accept(frame.storage)
        let received = try #require(accepted)
        kinds.append(received.header.kind)
        if let batch = received.batch { times += (0..<batch.rowCount).map { batch.positions.time($0) } }
      }
    }
    #expect(times == [10, 11, 30, 31], "the batch of 20 is filtered: its value is 40")
    #expect(kinds == [.rows, .watermark, .rows, .end])
    #expect(receiver.hasEnded && worker.hasEnded)
    #expect(worker.effects.counters.rowsIn == 6)
    #expect(worker.effects.counters.rowsOut == 4)
    #expect(worker.effects.counters.filtered == 2)
    #expect(source.effects.counters.rowsOut == 6)
    #expect(worker.effects.figures == [Figure("finished", 1)])
  }
}
