import Dataflow
import Records
import TestSupport
import Testing

@Suite struct WorkerTests {
  /// Passes batches on; keeps those whose first value is divisible by eight to itself.
  struct Passing: StageLogic, ~Copyable {
    mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {
      if batch.column(0).int64(0) % 8 == 0 {
        effects.counters.filtered += Int64(batch.rowCount)
      } else {
        effects.rows.append(LooseRows(batch))
      }
    }
    mutating func finish(into effects: inout StageEffects) throws(StageFailure) {
      effects.figures.append(Figure("finished", 1))
    }
  }

  /// Leaves three batches, then ends.
  struct Counting: SourceLogic, ~Copyable {
    var left: Int64 = 0
    var place: UInt64 { UInt64(left) }
    mutating func supply(_ bytes: Span<UInt8>) throws(StageFailure) {}
    mutating func endMessage() {}
    mutating func promise(_ time: Int64) {}
    mutating func endInput() throws(StageFailure) {}
    var time: Int64 { .min }
    var latest: Int64? { nil }
    var isStopped: Bool { false }
    mutating func stop(behind time: Int64) {}
    mutating func cut(_ number: UInt64, behind time: Int64) {}
    mutating func stop(at place: UInt64) { left = 3 }
    mutating func cut(_ number: UInt64, at place: UInt64) {}
    var state: [UInt8] { [] }
    mutating func restore(_ state: [UInt8], keepsSchedule: Bool) throws(StageFailure) -> UInt64 { 0 }
    mutating func step(now: Int64, into effects: inout StageEffects) throws(StageFailure) -> SourceStep {
      guard left < 3 else {
        effects.watermark = .last
        return .finished
      }
      left += 1
      effects.counters.rowsIn += 2
      effects.rows.append(LooseRows(ChannelTests.batch([left * 10, left * 10 + 1])))
      effects.watermark = ChannelTests.at(left * 10 + 1)
      return .working
    }
  }

  static let stage = WorkerID(stage: 1, worker: 0)

  @Test func carriesRowsWatermarksAndTheEndThrough() throws {
    let outputs = Outputs([OutputChannel(sender: ChannelTests.sender, epoch: 1)], partition: .balanced)
    var source = SourceWorker(Counting(), outputs: outputs)
    var worker = Worker(
      Passing(),
      inputs: [InputChannel(from: ChannelTests.sender, epoch: 1, schema: ChannelTests.schema)],
      outputs: Outputs([OutputChannel(sender: Self.stage, epoch: 1)], partition: .balanced)
    )
    var receiver = InputChannel(from: Self.stage, epoch: 1, schema: ChannelTests.schema)
    var times: [Int64] = []
    var kinds: [FrameKind] = []
    while !source.hasEnded {
      _ = try source.step(now: 0)
      while let frame = source.outputs?.takeFrame(for: 0, isBusy: false) { try worker.receive(frame.storage, on: 0) }
      while try worker.step() {}
      while let frame = worker.outputs?.takeFrame(for: 0, isBusy: false) {
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

  @Test func channelsCutInDifferentPlacesEndTheEpoch() throws {
    var worker = Worker(Passing(), inputs: Self.inputs(2), outputs: nil)
    for (channel, number) in [(0, UInt64(1)), (1, 2)] {
      var output = OutputChannel(sender: WorkerID(stage: 0, worker: UInt16(channel)), epoch: 1)
      try worker.receive(output.barrier(.cut(number), watermark: ChannelTests.at(5)).storage, on: channel)
    }
    do {
      _ = try worker.step()
      Issue.record("two cuts are taken for one")
    } catch WorkerFailure.channel(let error) {
      #expect(error == .barrier(expected: .cut(1), actual: .cut(2)))
    }
  }

  @Test func aMicroBatchIsShownWhenItIsWhole() throws {
    var worker = Worker(Passing(), inputs: Self.inputs(2), outputs: nil, publication: .atCuts)
    var outputs = (0..<2).map { OutputChannel(sender: WorkerID(stage: 0, worker: $0), epoch: 1) }
    for channel in 0..<2 {
      let rows = ChannelTests.batch([Int64(channel) + 1])
      try worker.receive(outputs[channel].rows(rows, watermark: ChannelTests.at(5)).storage, on: channel)
    }
    #expect(try worker.step() && !worker.mayPublish)
    try worker.receive(outputs[0].barrier(.cut(1), watermark: ChannelTests.at(5)).storage, on: 0)
    let next = outputs[0].rows(ChannelTests.batch([9]), watermark: ChannelTests.at(9))
    try worker.receive(next.storage, on: 0)
    #expect(try !worker.step() && !worker.mayPublish, "the other channel has not reached the cut")
    try worker.receive(outputs[1].barrier(.cut(1), watermark: ChannelTests.at(5)).storage, on: 1)
    #expect(try worker.step() && worker.mayPublish)
    #expect(worker.effects.counters.rowsIn == 2)
    for channel in 0..<2 { try worker.receive(outputs[channel].end().storage, on: channel) }
    #expect(try worker.step() && !worker.mayPublish)
    #expect(try worker.step() && worker.mayPublish && worker.hasEnded)
    #expect(worker.effects.counters.rowsIn == 3)
    let goesOn = try worker.step()
    #expect(!goesOn)
  }

  /// A receiver that does not keep up stops its sender, by rows, by bytes and by frames.
  @Test func aFullChannelIsNotRead() throws {
    let one = ChannelTests.batch([1])
    for (limits, most) in [(BatchLimits(rows: 3), 3), (BatchLimits(bytes: one.byteCount * 2), 2)] {
      var worker = Worker(Passing(), inputs: Self.inputs(2), outputs: nil, limits: limits)
      var output = OutputChannel(sender: WorkerID(stage: 0, worker: 0), epoch: 1)
      for time in 1...most {
        let wants = worker.wants(0)
        #expect(wants)
        let frame = output.rows(ChannelTests.batch([Int64(time)]), watermark: ChannelTests.at(Int64(time)))
        try worker.receive(frame.storage, on: 0)
      }
      #expect(!worker.wants(0) && worker.wants(1))
      let steps = try worker.step()
      #expect(!steps, "the other channel may still have an earlier row")
      var other = OutputChannel(sender: WorkerID(stage: 0, worker: 1), epoch: 1)
      try worker.receive(other.end().storage, on: 1)
      #expect(try worker.step() && worker.wants(0) && !worker.wants(1))
    }
    var worker = Worker(Passing(), inputs: Self.inputs(2), outputs: nil)
    var output = OutputChannel(sender: WorkerID(stage: 0, worker: 0), epoch: 1)
    var barriers: UInt64 = 0
    while worker.wants(0), barriers < 100_000 {
      barriers += 1
      try worker.receive(output.barrier(.cut(barriers), watermark: .first).storage, on: 0)
    }
    #expect(barriers < 100_000, "cuts without rows take memory too")
  }

  @Test func aChannelThatIsAlwaysFullKeepsNobodyWaiting() throws {
    let collected = Collected()
    var worker = Worker(
      CollectingLogic(collected: collected),
      inputs: Self.inputs(2),
      order: .arrival,
      outputs: nil,
      limits: BatchLimits(rows: 1)
    )
    var outputs = (0..<2).map { OutputChannel(sender: WorkerID(stage: 0, worker: $0), epoch: 1) }
    for time in 1...10 as ClosedRange<Int64> {
      for channel in 0..<2 where worker.wants(channel) {
        // The second channel's rows are the later ones.
        let batch = ChannelTests.batch([time + Int64(channel) * 100])
        let watermark = batch.positions[0]
        try worker.receive(outputs[channel].rows(batch, watermark: watermark).storage, on: channel)
      }
      _ = try worker.step()
    }
    #expect(collected.rows.count == 10 && collected.rows.count { $0.time > 100 } == 5)
  }

  static func inputs(_ count: UInt16) -> [InputChannel] {
    (0..<count).map { InputChannel(from: WorkerID(stage: 0, worker: $0), epoch: 1, schema: ChannelTests.schema) }
  }
}
