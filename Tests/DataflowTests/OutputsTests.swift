import Dataflow
import Records
import TestSupport
import Testing

/// How the rows of a worker find their way to those of the next stage.
@Suite struct OutputsTests {
  /// Leaves the batches that it is given, then ends.
  struct Leaving: SourceLogic, ~Copyable {
    var batches: [RecordBatch]
    var place: UInt64 { 0 }
    mutating func supply(_ bytes: Span<UInt8>) throws(StageFailure) {}
    mutating func endMessage() {}
    mutating func promise(_ time: Int64) {}
    mutating func endInput() throws(StageFailure) {}
    var time: Int64 { .min }
    var latest: Int64? { nil }
    var isStopped: Bool { false }
    mutating func stop(behind time: Int64) {}
    mutating func cut(_ number: UInt64, behind time: Int64) {}
    mutating func stop(at place: UInt64) {}
    mutating func cut(_ number: UInt64, at place: UInt64) {}
    var state: [UInt8] { [] }
    mutating func restore(_ state: [UInt8], keepsSchedule: Bool) throws(StageFailure) -> UInt64 { 0 }
    mutating func step(now: Int64, into effects: inout StageEffects) throws(StageFailure) -> SourceStep {
      guard !batches.isEmpty else {
        effects.watermark = .last
        return .finished
      }
      let batch = batches.removeFirst()
      effects.watermark = batch.positions[batch.rowCount - 1]
      effects.rows.append(LooseRows(batch))
      return .working
    }
  }

  static let schema = Schema([Field("id", .int64), Field("name", .string)])

  static func worker(_ batches: [RecordBatch], _ workers: Int, _ partition: Partition) -> SourceWorker<Leaving> {
    let channels = (0..<workers).map { _ in OutputChannel(sender: ChannelTests.sender, epoch: 1) }
    return SourceWorker(Leaving(batches: batches), outputs: Outputs(channels, partition: partition))
  }

  static func rows(_ count: Int, _ random: inout SeededRandom) -> [Row] {
    (0..<count).map { place in
      let key = Int64.random(in: -40...40, using: &random)
      return Row(
        time: Int64(place) / 3,
        ordinal: UInt64(place),
        values: [.int(key), .text(String(repeating: "n", count: Int(abs(key) % 11)) + "\(key)")]
      )
    }
  }

  @Test(arguments: [0, 1])
  func everyRowGoesToTheOwnerOfItsKey(column: Int) throws {
    for seed in Seeds.range(60) {
      var random = SeededRandom(seed: seed)
      let workers = random.chance(oneIn: 8) ? KeyGroups.count : Int.random(in: 1...9, using: &random)
      let rows = Self.rows(300, &random)
      let batches = stride(from: 0, to: 300, by: 50).map { RecordBatch.of(Self.schema, Array(rows[$0..<$0 + 50])) }
      var source = Self.worker(batches, workers, .key(column: column))
      var received = Array(repeating: [Row](), count: workers)
      var inputs = (0..<workers).map { _ in InputChannel(from: ChannelTests.sender, epoch: 1, schema: Self.schema) }
      while !source.hasEnded {
        _ = try source.step(now: 0)
        for index in 0..<workers {
          while let frame = source.outputs?.takeFrame(for: index, isBusy: random.chance(oneIn: 2)) {
            if let batch = try inputs[index].accept(frame.storage)?.batch { received[index] += batch.rows }
          }
        }
      }
      for index in 0..<workers {
        let own = rows.filter {
          let hash: UInt64
          switch $0.values[column] {
          case .int(let key): hash = StableHash.of(key)
          case .text(let key): hash = StableHash.of(key)
          default: return false
          }
          return KeyGroups.worker(ofGroup: KeyGroups.group(ofHash: hash), workers: workers) == index
        }
        #expect(received[index] == own, "seed \(seed): worker \(index) of \(workers)")
        #expect(inputs[index].hasEnded, "seed \(seed)")
      }
    }
  }

  /// A worker that does not keep up gets less, and holds up nobody.
  @Test func rowsGoToWhoHasRoomAndHasHadTheFewest() throws {
    var random = SeededRandom(seed: 1)
    let rows = Self.rows(60, &random)
    let batches = stride(from: 0, to: 60, by: 10).map { RecordBatch.of(Self.schema, Array(rows[$0..<$0 + 10])) }
    var source = Self.worker(batches, 3, .balanced)
    var counts = [0, 0, 0]
    func send() {
      for index in 0..<3 {
        while let frame = source.outputs?.takeFrame(for: index, isBusy: true) {
          counts[index] += frame.batch?.rowCount ?? 0
        }
      }
    }
    for _ in 0..<3 {
      _ = try source.step(now: 0)
      send()
    }
    #expect(counts == [10, 10, 10])
    source.outputs?.setBlocked(true, 1)
    for _ in 0..<2 {
      let hasRoom = source.hasRoom
      #expect(hasRoom)
      _ = try source.step(now: 0)
      send()
    }
    #expect(counts == [20, 10, 20])
    source.outputs?.setBlocked(true, 0)
    source.outputs?.setBlocked(true, 2)
    let hasRoom = source.hasRoom
    #expect(!hasRoom)
    source.outputs?.setBlocked(false, 1)
    _ = try source.step(now: 0)
    send()
    #expect(counts == [20, 20, 20])
  }

  /// Rows by key may have to go to any of them.
  @Test func oneFullChannelOfAKeyedStageIsEnoughToStop() {
    var source = Self.worker([], 3, .key(column: 0))
    source.outputs?.setBlocked(true, 2)
    let hasRoom = source.hasRoom
    #expect(!hasRoom)
  }

  /// While rows flow, those who get none are told now and then; when they stop, at once.
  @Test func whoGetsNoRowsIsToldHowFarTheStreamHasCome() throws {
    let rows = (0..<3000).map { Row(time: Int64($0), ordinal: UInt64($0), values: [.int(7), .text("")]) }
    let batches = stride(from: 0, to: 3000, by: 500).map { RecordBatch.of(Self.schema, Array(rows[$0..<$0 + 500])) }
    var source = Self.worker(batches, 2, .key(column: 0))
    let other = 1 - KeyGroups.worker(ofGroup: KeyGroups.group(ofHash: StableHash.of(7)), workers: 2)
    var told: [Int] = []
    for step in 0..<6 {
      _ = try source.step(now: 0)
      _ = source.outputs?.takeFrame(for: 1 - other, isBusy: true)
      if let frame = source.outputs?.takeFrame(for: other, isBusy: true) {
        #expect(frame.header.watermark.ordinal == UInt64(step * 500 + 499))
        told.append(step)
      }
    }
    #expect(told == [4])
    #expect(source.outputs?.takeFrame(for: other, isBusy: false)?.header.watermark.ordinal == 2999)
    #expect(source.outputs?.takeFrame(for: other, isBusy: false) == nil)
  }
}
