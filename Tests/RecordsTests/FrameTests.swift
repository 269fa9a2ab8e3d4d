import Records
import TestSupport
import Testing

@Suite struct FrameTests {
  static let schema = Schema([
    Field("id", .int64), Field("amount", .decimal(scale: 2), nullable: true), Field("name", .string),
  ])

  static func batch(rows: Int) -> RecordBatch {
    var positions = ColumnScratch([Field("time", .int64), Field("tag", .int64)], capacity: rows)
    var columns = ColumnScratch(schema.fields, capacity: rows)
    for row in 0..<rows {
      positions.store(Int64(row) * 10, column: 0, row: row)
      positions.store(Int64(row), column: 1, row: row)
      columns.store(Int64(row), column: 0, row: row)
      if row % 3 == 0 {
        columns.storeNull(column: 1, row: row)
      } else {
        columns.store(Int64(row) * 100, column: 1, row: row)
      }
      columns.store(Array("row \(row)".utf8).span, column: 2, row: row)
    }
    return RecordBatch(
      schema,
      positions: positions.positions(rows: rows),
      columns: schema.fields.indices.map { columns.view($0, rows: rows) },
      rows: .range(0..<rows)
    )
  }

  @Test func aFrameOfRowsReadsBackAsItWas() throws {
    let header = FrameHeader(
      kind: .rows,
      epoch: 3,
      sender: WorkerID(stage: 1, worker: 2),
      sequence: 9,
      watermark: Position(time: 990, source: 0, ordinal: 99)
    )
    let sent = Frame(header, Self.batch(rows: 100))
    let received = try Frame(decoding: FrameStorage(copying: sent.storage.bytes), schema: Self.schema)
    #expect(received.header == header)
    let batch = try #require(received.batch)
    #expect(batch.rowCount == 100)
    #expect(batch.positions[99] == Position(time: 990, source: 0, ordinal: 99))
    let (ids, amounts, names) = (batch.column(0), batch.column(1), batch.column(2))
    for row in 0..<100 {
      #expect(ids.int64(row) == Int64(row))
      #expect(amounts.isNull(row) == (row % 3 == 0))
      #expect(names.string(row) == "row \(row)")
    }
  }

  @Test func everyFlippedBitIsRefused() throws {
    let header = FrameHeader(
      kind: .rows,
      epoch: 1,
      sender: WorkerID(stage: 0, worker: 0),
      sequence: 0,
      watermark: .first
    )
    let sent = Frame(header, Self.batch(rows: 5))
    let bytes = (0..<sent.storage.count).map { sent.storage.bytes[$0] }
    for bit in 0..<bytes.count * 8 {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: FrameError.self, "bit \(bit)") {
        try Frame(decoding: FrameStorage(copying: damaged.span), schema: Self.schema)
      }
    }
  }

  static func header(_ kind: FrameKind) -> FrameHeader {
    FrameHeader(kind: kind, epoch: 1, sender: WorkerID(stage: 0, worker: 0), sequence: 0, watermark: .first)
  }

  @Test(arguments: [0, 1, 0x0102_0304_0506_0708, UInt64.max])
  func aBarrierReadsBackItsNumber(number: UInt64) throws {
    let sent = Frame(Self.header(.barrier), .checkpoint(number))
    let received = try Frame(decoding: FrameStorage(copying: sent.storage.bytes), schema: Self.schema)
    #expect(received.header == sent.header && received.barrier == .checkpoint(number) && received.batch == nil)
  }

  /// Whatever the checksum says: a peer can compute one.
  @Test(arguments: [-8, -1, 1, 8])
  func aBarrierOfAnotherLengthIsRefused(change: Int) {
    let whole = Frame(Self.header(.barrier), .checkpoint(3)).storage.bytes.array
    let bytes = change < 0 ? Array(whole.dropLast(-change)) : whole + Array(repeating: 0, count: change)
    let damaged = FrameDamage.resealed(FrameDamage.withItsLength(bytes))
    #expect(throws: FrameError.body(field: "length of a frame without a batch")) {
      try Frame(decoding: FrameStorage(copying: damaged.span), schema: Self.schema)
    }
  }

  @Test(arguments: [FrameKind.watermark, .end])
  func aMarkWithABodyIsRefused(kind: FrameKind) {
    let bytes = Frame(Self.header(kind)).storage.bytes.array + Array(repeating: 0, count: 8)
    let damaged = FrameDamage.resealed(FrameDamage.withItsLength(bytes))
    #expect(throws: FrameError.body(field: "length of a frame without a batch")) {
      try Frame(decoding: FrameStorage(copying: damaged.span), schema: Self.schema)
    }
  }
}
