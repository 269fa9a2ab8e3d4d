import Dataflow
import Foundation
import Records
import SourceStage
import TestSupport
import Testing

/// Rows from Protobuf messages, sound and damaged. PipelineTests has those that the real library writes.
@Suite struct ProtobufSourceTests {
  typealias Kind = ProtobufField.Kind

  static let kinds: [Kind] = [
    .int32, .int64, .uint32, .uint64, .sint32, .sint64, .fixed32, .fixed64, .sfixed32, .sfixed64, .float, .double,
    .bool, .string, .enumeration,
  ]

  /// A column of every kind, numbered from 2, behind the event time in field 1; in the plan's columns the other way round.
  static func plan(longestLine: Int = 1 << 20, input: SourceInput = .file(path: "in.pb")) -> SourcePlan {
    var columns = [(Field("at", .timestamp), ProtobufField(number: 1, kind: .timestamp, presence: .null))]
    for (index, kind) in kinds.enumerated() {
      let presence: ProtobufField.Presence = index % 3 == 0 ? .zero : index % 3 == 1 ? .null : .required
      let names = kind == .enumeration ? [ProtobufField.Name(0, "NONE"), .init(-1, "LESS"), .init(7, "SEVEN")] : []
      let field = ProtobufField(number: index * 10 + 2, kind: kind, presence: presence, names: names)
      columns.append((Field("\(kind)", field.type, nullable: presence == .null), field))
    }
    columns.reverse()
    let readings = columns.map { column, field in
      var reading = ColumnReading(column.name)
      reading.inputs = [InputColumn(column.name, field: field)]
      return reading
    }
    return SourcePlan(
      schema: Schema(columns.map(\.0)),
      readings: readings,
      timeColumn: columns.count - 1,
      source: 0,
      input: input,
      format: .protobuf,
      longestLine: longestLine
    )
  }

  /// A message with random values and what they are as a row; fields that may be missing are, at times.
  static func message(second: Int64, _ random: inout SeededRandom) -> (message: WireWriter, values: [Value]) {
    var parts: [WireWriter] = []
    var values: [Value] = []
    var time = WireWriter()
    time.write(1, varint: UInt64(bitPattern: second))
    if random.chance(oneIn: 2) { time.write(2, varint: 123_456_789) }
    var part = WireWriter()
    part.write(1, bytes: time.bytes)
    parts.append(part)
    values.append(.int(second * 1_000_000 + (time.bytes.count > 6 ? 123_456 : 0)))
    for (index, kind) in kinds.enumerated() {
      var part = WireWriter()
      let number = index * 10 + 2
      let bits = random.next() >> UInt64.random(in: 0...63, using: &random)
      if index % 3 != 2, random.chance(oneIn: 4) {
        values.append(index % 3 == 1 ? .null : zero(kind))
        continue
      }
      // Of a field that stands there twice, the last counts.
      if random.chance(oneIn: 8) { _ = write(&part, number, kind, bits ^ 1) }
      values.append(write(&part, number, kind, bits))
      parts.append(part)
    }
    parts.shuffle(using: &random)
    var whole = WireWriter()
    for part in parts {
      // Fields that nobody asked for.
      switch Int.random(in: 0..<12, using: &random) {
      case 0: whole.write(999, varint: random.next())
      case 1: whole.write(3, fixed64: random.next())
      case 2: whole.write(4, fixed32: 5)
      case 3: whole.write(5, bytes: [1, 2, 3])
      case 4:
        whole.tag(6, 3)
        whole.write(1, varint: 5)
        whole.tag(6, 4)
      default: break
      }
      whole.append(part)
    }
    return (whole, values.reversed())
  }

  private static func zero(_ kind: Kind) -> Value {
    switch kind {
    case .bool: .bool(false)
    case .string: .text("")
    case .enumeration: .text("NONE")
    case .float, .double: .float(0)
    default: .int(0)
    }
  }

  private static func write(_ writer: inout WireWriter, _ number: Int, _ kind: Kind, _ bits: UInt64) -> Value {
    let (small, large) = (Int32(truncatingIfNeeded: bits), Int64(bitPattern: bits))
    switch kind {
    case .int32: writer.write(number, varint: UInt64(bitPattern: Int64(small)))
    case .int64: writer.write(number, varint: bits)
    case .uint32:
      writer.write(number, varint: UInt64(UInt32(bitPattern: small)))
      return .int(Int64(UInt32(bitPattern: small)))
    case .uint64:
      writer.write(number, varint: bits >> 1)
      return .int(Int64(bits >> 1))
    case .sint32: writer.write(number, varint: UInt64(UInt32(bitPattern: (small << 1) ^ (small >> 31))))
    case .sint64: writer.write(number, varint: UInt64(bitPattern: (large << 1) ^ (large >> 63)))
    case .fixed32:
      writer.write(number, fixed32: UInt32(bitPattern: small))
      return .int(Int64(UInt32(bitPattern: small)))
    case .fixed64:
      writer.write(number, fixed64: bits >> 1)
      return .int(Int64(bits >> 1))
    case .sfixed32: writer.write(number, fixed32: UInt32(bitPattern: small))
    case .sfixed64: writer.write(number, fixed64: bits)
    case .float:
      writer.write(number, fixed32: Float(small).bitPattern)
      return .float(Double(Float(small)))
    case .double:
      writer.write(number, fixed64: (Double(large) / 7).bitPattern)
      return .float(Double(large) / 7)
    case .bool:
      writer.write(number, varint: bits & 1)
      return .bool(bits & 1 == 1)
    case .string:
      let text = String(repeating: "ä\(bits)", count: Int(bits % 4))
      writer.write(number, bytes: Array(text.utf8))
      return .text(text)
    default:
      let code = [Int32(-1), 7, 3][Int(bits % 3)]
      writer.write(number, varint: UInt64(bitPattern: Int64(code)))
      return .text(code == 7 ? "SEVEN" : code == 3 ? "3" : "LESS")
    }
    return .int([.int32, .sint32, .sfixed32].contains(kind) ? Int64(small) : large)
  }

  @Test func everyKindOfFieldIsRead() throws {
    for seed in Seeds.range(60) {
      var random = SeededRandom(seed: seed)
      let messages = (0..<50).map { Self.message(second: 1_577_836_800 + Int64($0), &random) }
      let bytes = messages.flatMap { $0.message.delimited }
      var sizes = SeededRandom(seed: seed)
      let file = try SourceRun(protobuf: Self.plan(), bytes) { Int.random(in: 1...200, using: &sizes) }
      #expect(file.letters.isEmpty && file.rows.map(\.values) == messages.map(\.values), "seed \(seed) \(file.letters)")
      let live = Self.plan(input: .messages(endpoint: "ipc:///tmp/x"))
      let run = try SourceRun(protobufMessages: messages.map(\.message.bytes), live) {
        Int.random(in: 1...9, using: &sizes)
      }
      #expect(run.letters.isEmpty && run.rows.map(\.values) == messages.map(\.values), "seed \(seed) \(run.letters)")
    }
  }

  /// Whatever the bytes: every message is a row or a dead letter, wherever reads end, and those before and behind a damaged one
  /// are what they were.
  @Test func damageCostsTheMessageThatIsDamaged() throws {
    var refused = 0
    for seed in Seeds.range(300) {
      var random = SeededRandom(seed: seed)
      let messages = (0..<12).map { Self.message(second: 1_577_836_800 + Int64($0), &random).message.bytes }
      let hurt = Int.random(in: 0..<12, using: &random)
      var damaged = messages[hurt]
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if random.chance(oneIn: 3) { damaged.removeLast(Int.random(in: 0..<damaged.count, using: &random)) }
      var all = messages
      all[hurt] = damaged
      let bytes = all.flatMap { WireWriter.varint(UInt64($0.count)) + $0 }
      let run = try SourceRun(protobuf: Self.plan(), bytes)
      let pieces = try SourceRun(protobuf: Self.plan(), bytes) { Int.random(in: 1...30, using: &random) }
      #expect(pieces.rows == run.rows && pieces.letters == run.letters, "seed \(seed)")
      #expect(run.counters.rowsIn == 12 && run.rows.count + run.letters.count == 12, "seed \(seed)")
      let others = run.rows.filter { $0.ordinal != UInt64(hurt) }
      // Only its own time can make others late.
      if run.counters.late == 0 { #expect(others.count == 11, "seed \(seed)") }
      if let letter = run.letters.first(where: { $0.line == hurt + 1 }), run.counters.late == 0 {
        refused += 1
        let raw = letter.raw.map { Data($0.utf8) } ?? letter.rawBase64.flatMap { Data(base64Encoded: $0) }
        #expect(raw == Data(damaged), "seed \(seed)")
      }
    }
    #expect(refused > 50)
  }

  @Test func aLongMessageIsSkippedByItsLength() throws {
    var random = SeededRandom(seed: 1)
    let good = Self.message(second: 1_577_836_800, &random)
    var long = WireWriter()
    long.write(5, bytes: Array(repeating: 0xFF, count: 5000))
    let bytes = good.message.delimited + long.delimited + good.message.delimited
    let plan = Self.plan(longestLine: 1000)
    let whole = try SourceRun(protobuf: plan, bytes)
    let pieces = try SourceRun(protobuf: plan, bytes) { 7 }
    #expect(whole.rows == pieces.rows && whole.letters == pieces.letters)
    #expect(whole.rows.map(\.values) == [good.values, good.values] && whole.rows.map(\.ordinal) == [0, 2])
    #expect(whole.letters.map(\.reason) == ["longer than 1000 bytes, the source's `max_line`"])
    #expect(whole.letters.map(\.line) == [2])
    // A checkpoint within the bytes that are skipped.
    let before = SteppedSource(ProtobufSource(plan), .bytes(bytes))
    for _ in 0..<10 { try before.step(supplying: 500) }
    let after = try SteppedSource(ProtobufSource(plan), .bytes(bytes), from: before.source.state)
    while !after.isFinished { try after.step(supplying: 100) }
    #expect(before.rows + after.rows == whole.rows && before.letters + after.letters == whole.letters)
  }

  @Test func whatHasNoLengthsIsNoSuchFile() throws {
    var random = SeededRandom(seed: 1)
    let good = Self.message(second: 1_577_836_800, &random).message.delimited
    let failure = #expect(throws: StageFailure.self) {
      try SourceRun(protobuf: Self.plan(), good + Array(repeating: 0xFF, count: 20))
    }
    #expect(failure?.description.contains("byte \(good.count + 1): no length of a message stands there") == true)
    let cut = try SourceRun(protobuf: Self.plan(), good + [100, 1, 2])
    #expect(cut.rows.count == 1 && cut.letters.map(\.reason) == ["the input ends within the message"])
  }

  @Test(arguments: [
    (2, [UInt8](repeating: 0xFF, count: 11), "no Protobuf message: what stands at its byte"),
    (142, [0x82, 0x09, 2, 0xFF, 0xFE], ""),
  ])
  func aBadMessageSaysWhy(number: Int, bytes: [UInt8], reason: String) throws {
    let run = try SourceRun(protobuf: Self.plan(), WireWriter.varint(UInt64(bytes.count)) + bytes)
    #expect(run.letters.count == 1 && run.letters[0].reason.hasPrefix(reason), "\(run.letters)")
  }
}
