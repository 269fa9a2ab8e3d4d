import Dataflow
import Records
import Testing

@Suite struct ChannelTests {
  static let schema = Schema([Field("value", .int64)])
  static let sender = WorkerID(stage: 0, worker: 0)

  static func batch(_ times: [Int64]) -> RecordBatch {
    var positions = ColumnScratch([Field("time", .int64), Field("tag", .int64)], capacity: times.count)
    var values = ColumnScratch(schema.fields, capacity: times.count)
    for (row, time) in times.enumerated() {
      positions.store(time, column: 0, row: row)
      positions.store(time, column: 1, row: row)
      values.store(time * 2, column: 0, row: row)
    }
    return RecordBatch(
      schema,
      positions: positions.positions(rows: times.count),
      columns: [values.view(0, rows: times.count)],
      rows: .range(0..<times.count)
    )
  }

  static func at(_ time: Int64) -> Position { Position(time: time, tag: UInt64(time)) }

  @Test func acceptsWhatTheOtherEndSends() throws {
    var output = OutputChannel(sender: Self.sender, epoch: 7)
    var input = InputChannel(from: Self.sender, epoch: 7, schema: Self.schema)
    let rows = output.rows(Self.batch([1, 2, 3]), watermark: Self.at(5))
    #expect(try input.accept(rows.storage)?.batch?.rowCount == 3)
    #expect(input.watermark == Self.at(5))
    #expect(output.watermark(Self.at(5)) == nil, "the channel knows this watermark already")
    let next = output.watermark(Self.at(9))
    let mark = try #require(next)
    #expect(try input.accept(mark.storage)?.batch == nil)
    #expect(input.watermark == Self.at(9))
    #expect(try input.accept(output.end().storage)?.header.kind == .end)
    #expect(input.hasEnded)
  }

  @Test func refusesEveryBreachOfTheProtocol() throws {
    func input() -> InputChannel { InputChannel(from: Self.sender, epoch: 7, schema: Self.schema) }
    func frame(
      _ epoch: UInt32 = 7,
      _ sender: WorkerID = Self.sender,
      _ sequence: UInt64 = 0,
      _ watermark: Position = Self.at(9)
    ) -> FrameStorage {
      let header = FrameHeader(kind: .rows, epoch: epoch, sender: sender, sequence: sequence, watermark: watermark)
      return Frame(header, Self.batch([1, 2])).storage
    }
    var channel = input()
    #expect(try channel.accept(frame(6)) == nil, "an older epoch's frame is passed over")
    #expect(throws: ChannelError.epoch(expected: 7, actual: 8)) { try channel.accept(frame(8)) }
    let other = WorkerID(stage: 0, worker: 1)
    #expect(throws: ChannelError.sender(expected: Self.sender, actual: other)) { try channel.accept(frame(7, other)) }
    #expect(throws: ChannelError.sequence(expected: 0, actual: 1)) { try channel.accept(frame(7, Self.sender, 1)) }
    #expect(throws: ChannelError.position) { try channel.accept(frame(7, Self.sender, 0, Self.at(1))) }
    #expect(try channel.accept(frame()) != nil)
    #expect(throws: ChannelError.sequence(expected: 1, actual: 0)) { try channel.accept(frame()) }
    #expect(throws: ChannelError.position) { try channel.accept(frame(7, Self.sender, 1)) }
    #expect(throws: ChannelError.watermark) { try channel.accept(frame(7, Self.sender, 1, Self.at(3))) }
    let end = FrameHeader(kind: .end, epoch: 7, sender: Self.sender, sequence: 1, watermark: .last)
    #expect(try channel.accept(Frame(end).storage) != nil)
    let after = FrameHeader(kind: .watermark, epoch: 7, sender: Self.sender, sequence: 2, watermark: .last)
    #expect(throws: ChannelError.afterEnd) { try channel.accept(Frame(after).storage) }
    let damaged = FrameStorage(copying: [1, 2, 3].span)
    #expect(throws: ChannelError.frame(.tooShort(bytes: 3))) { try channel.accept(damaged) }
  }

  @Test func aBarrierCarriesItsNumberAndNeverTakesAWatermarkBack() throws {
    var output = OutputChannel(sender: Self.sender, epoch: 7)
    var input = InputChannel(from: Self.sender, epoch: 7, schema: Self.schema)
    _ = try input.accept(output.rows(Self.batch([1, 2]), watermark: Self.at(5)).storage)
    let accepted = try input.accept(output.barrier(.checkpoint(.max - 1), watermark: Self.at(3)).storage)
    let received = try #require(accepted)
    #expect(received.header.kind == .barrier && received.barrier == .checkpoint(.max - 1) && received.batch == nil)
    #expect(input.watermark == Self.at(5))
    _ = try input.accept(output.rows(Self.batch([6]), watermark: Self.at(6)).storage)
    #expect(try input.accept(output.barrier(.cut(0), watermark: Self.at(8)).storage)?.barrier == .cut(0))
    #expect(input.watermark == Self.at(8))
  }

  @Test func senderWithoutAnOrderMaySendAnyRow() throws {
    func frame(_ sequence: UInt64, _ times: [Int64]) -> FrameStorage {
      let watermark = Self.at(times.last ?? 0)
      let header = FrameHeader(kind: .rows, epoch: 7, sender: Self.sender, sequence: sequence, watermark: watermark)
      return Frame(header, Self.batch(times)).storage
    }
    var input = InputChannel(from: Self.sender, epoch: 7, schema: Self.schema, isOrdered: false)
    #expect(try input.accept(frame(0, [9, 3]))?.batch?.rowCount == 2)
    #expect(try input.accept(frame(1, [2]))?.batch?.rowCount == 1)
    #expect(throws: ChannelError.sequence(expected: 2, actual: 1)) { try input.accept(frame(1, [2])) }
  }
}
