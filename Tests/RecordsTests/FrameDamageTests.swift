import Records
import TestSupport
import Testing

/// Frames that were changed and sealed again: the decoder refuses them, or gives rows that can be read to the last value.
@Suite struct FrameDamageTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var schema: Schema?
    var hasArrivals = false
  }

  static let cases = [
    Case(testDescription: "every type", schema: .ofEveryType),
    Case(testDescription: "every type, with arrivals", schema: .ofEveryType, hasArrivals: true),
    Case(testDescription: "one text column", schema: Schema([Field("text", .string)])),
    Case(testDescription: "one text column with nulls", schema: Schema([Field("text", .string, nullable: true)])),
    Case(testDescription: "any schema"), Case(testDescription: "any schema, with arrivals", hasArrivals: true),
  ]

  static func frame(_ kind: FrameKind, _ schema: Schema, hasArrivals: Bool, _ random: inout SeededRandom) -> Frame {
    let header = FrameHeader(
      kind: kind,
      epoch: .random(in: 0...9, using: &random),
      sender: WorkerID(stage: .random(in: 0...3, using: &random), worker: .random(in: 0...3, using: &random)),
      sequence: random.next(),
      watermark: Position(time: .random(in: 0...1000, using: &random), tag: random.next())
    )
    if kind == .barrier { return Frame(header, .checkpoint(random.next())) }
    if kind == .cut { return Frame(header, .cut(random.next())) }
    guard kind == .rows else { return Frame(header) }
    let rows = Row.random(schema, count: .random(in: 1...20, using: &random), &random)
    let arrivals = hasArrivals ? rows.indices.map { Int64($0) * 1000 } : nil
    return Frame(header, .of(schema, rows, arrivals: arrivals))
  }

  @Test(arguments: cases)
  func aDamagedFrameIsRefusedOrReadable(_ subject: Case) throws {
    var accepted = 0
    for seed in Seeds.range(2000) {
      var random = SeededRandom(seed: seed)
      let schema = subject.schema ?? .random(upTo: 6, &random)
      let sound = Self.frame(.rows, schema, hasArrivals: subject.hasArrivals, &random).storage.bytes.array
      let otherKind = [FrameKind.rows, .watermark, .barrier, .cut, .end].randomElement(using: &random) ?? .rows
      let other = Self.frame(otherKind, schema, hasArrivals: !subject.hasArrivals, &random).storage.bytes.array
      for _ in 0..<4 {
        let bytes = FrameDamage.resealed(FrameDamage.mutated(sound, with: other, &random))
        do throws(FrameError) {
          try Frame(decoding: FrameStorage(copying: bytes.span), schema: schema).readEverything()
          accepted += 1
        } catch {
          #expect(error != .checksum, "seed \(seed): was not sealed again")
        }
      }
    }
    // The search is blind when everything is refused before the rows are read.
    #expect(accepted > 0)
  }

  @Test func everyEdgeInEveryWordIsRefusedOrReadable() throws {
    var random = SeededRandom(seed: 1)
    let sound = Self.frame(.rows, .ofEveryType, hasArrivals: true, &random).storage.bytes.array
    for at in stride(from: 0, to: sound.count - 3, by: 4) {
      for value in [0, 1, .max, 1 << 31, UInt32(sound.count), UInt32(sound.count - 1), UInt32(sound.count - 64)] {
        var bytes = sound
        for place in 0..<4 { bytes[at + place] = UInt8(truncatingIfNeeded: value >> UInt32(8 * place)) }
        let storage = FrameStorage(copying: FrameDamage.resealed(bytes).span)
        _ = try? Frame(decoding: storage, schema: .ofEveryType).readEverything()
      }
    }
  }

  @Test func everyTruncationIsRefused() throws {
    var random = SeededRandom(seed: 2)
    let sound = Self.frame(.rows, .ofEveryType, hasArrivals: true, &random).storage.bytes.array
    for length in 0..<sound.count {
      let cut = Array(sound[..<length])
      #expect(throws: FrameError.self, "\(length) bytes") {
        try Frame(decoding: FrameStorage(copying: FrameDamage.resealed(cut).span), schema: .ofEveryType)
      }
      // A header that admits to the cut leaves the refusal to the sections of the body.
      let storage = FrameStorage(copying: FrameDamage.resealed(FrameDamage.withItsLength(cut)).span)
      _ = try? Frame(decoding: storage, schema: .ofEveryType).readEverything()
    }
  }

  @Test func everyKindAndEveryValueReadsBack() throws {
    for seed in Seeds.range(200) {
      var random = SeededRandom(seed: seed)
      let schema = Schema.random(upTo: 8, &random)
      for kind in [FrameKind.rows, .watermark, .barrier, .cut, .end] {
        let sent = Self.frame(kind, schema, hasArrivals: random.chance(oneIn: 2), &random)
        let received = try Frame(decoding: FrameStorage(copying: sent.storage.bytes), schema: schema)
        #expect(received.header == sent.header, "seed \(seed)")
        #expect(received.readEverything() == sent.readEverything(), "seed \(seed)")
      }
    }
  }
}
