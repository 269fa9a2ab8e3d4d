import Checkpoints
import TestSupport
import Testing

/// Writing a journal and reading it again.
@Suite struct JournalTests {
  static func messages(_ count: Int, upTo longest: Int = 100, _ random: inout SeededRandom) -> [JournalMessage] {
    (0..<count).map { _ in
      if random.chance(oneIn: 8) {
        return JournalMessage(promise: .random(in: .min ... .max, using: &random), arrival: 3)
      }
      let length = Int.random(in: 0...longest, using: &random)
      return JournalMessage(
        (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) },
        arrival: Int64.random(in: 0...1 << 50, using: &random)
      )
    }
  }

  /// All records from one on.
  static func read(_ storage: any Storage, from: UInt64 = 0, readSize: Int = 1 << 20) throws -> [JournalMessage] {
    var reader = JournalReader(storage, from: from, readSize: readSize)
    var found: [JournalMessage] = []
    while true {
      let records = try reader.next()
      if records.isEmpty { return found }
      for record in records {
        #expect(record.sequence == from + UInt64(found.count))
        found.append(JournalMessage(record))
      }
    }
  }

  @Test func recordsComeBackAcrossSegmentsAndRestarts() throws {
    for seed in Seeds.range(100) {
      var random = SeededRandom(seed: seed)
      let storage = MemoryStorage()
      let readSize = Int.random(in: 1...300, using: &random)
      var all: [JournalMessage] = []
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let writer = try JournalWriter(storage, segmentBytes: 500, policy: .everyBatch)
        #expect(writer.note == nil)
        #expect(writer.nextSequence == UInt64(all.count))
        for _ in 0..<Int.random(in: 0...10, using: &random) {
          let batch = Self.messages(.random(in: 0...6, using: &random), &random)
          #expect(try writer.append(batch, now: 0) == UInt64(all.count)..<UInt64(all.count + batch.count))
          all += batch
          #expect(writer.durableSequence == UInt64(all.count))
        }
      }
      #expect(try Self.read(storage, readSize: readSize) == all, "seed \(seed)")
      let from = Int.random(in: 0...all.count, using: &random)
      #expect(try Self.read(storage, from: UInt64(from), readSize: readSize) == Array(all[from...]), "seed \(seed)")
    }
  }

  @Test func aReaderFollowsAGrowingJournal() throws {
    try withTemporaryDirectory { directory in
      let storage = try DirectoryStorage(path: directory)
      var random = SeededRandom(seed: 3)
      var reader = JournalReader(storage, from: 0)
      #expect(try reader.next().isEmpty)
      let writer = try JournalWriter(storage, segmentBytes: 300, policy: .everyInterval(nanoseconds: 10))
      var all: [JournalMessage] = []
      var found: [JournalMessage] = []
      for _ in 0..<50 {
        let batch = Self.messages(.random(in: 0...5, using: &random), &random)
        try writer.append(batch, now: 0)
        all += batch
        while true {
          let records = try reader.next()
          if records.isEmpty { break }
          found += records.map { JournalMessage($0) }
        }
        #expect(found == all)
      }
    }
  }

  /// A reader may see any beginning of a write that is under way.
  @Test func aReaderWaitsForTheRestOfAWrite() throws {
    var random = SeededRandom(seed: 6)
    let messages = Self.messages(6, &random)
    let whole = MemoryStorage()
    let writer = try JournalWriter(whole, segmentBytes: 200, policy: .everyBatch)
    for start in stride(from: 0, to: 6, by: 2) { try writer.append(Array(messages[start..<start + 2]), now: 0) }
    #expect(whole.files.count > 1)
    let storage = MemoryStorage()
    var reader = JournalReader(storage, from: 1, readSize: 30)
    var found: [JournalMessage] = []
    for (name, bytes) in whole.files.sorted(by: { $0.key < $1.key }) {
      let file = try storage.create(name)
      for byte in bytes {
        try file.append([byte])
        found += try reader.next().map { JournalMessage($0) }
      }
    }
    #expect(found == Array(messages[1...]))
  }

  @Test func segmentsBeforeARecordAreRemoved() throws {
    let storage = MemoryStorage()
    var random = SeededRandom(seed: 4)
    let writer = try JournalWriter(storage, segmentBytes: 200, policy: .everyBatch)
    let all = Self.messages(60, &random)
    for message in all { try writer.append([message], now: 0) }
    let before = storage.files.count
    let retention = JournalRetention(storage)
    #expect(try retention.firstSequence() == 0)
    try retention.removeSegments(before: 30)
    let first = try #require(try retention.firstSequence())
    #expect(first > 0 && first <= 30)
    #expect(storage.files.count < before)
    #expect(try Self.read(storage, from: 30) == Array(all[30...]))
    #expect(throws: JournalError.self) { try Self.read(storage, from: 0) }
    try retention.removeSegments(before: .max)
    #expect(storage.files.count == 1)
    let again = try JournalWriter(storage, policy: .everyBatch, nextSequence: 60)
    #expect(again.nextSequence == 60)
    #expect(throws: JournalError.self) { try JournalWriter(storage, policy: .everyBatch, nextSequence: 61) }
  }

  @Test func segmentsAreRemovedByTheTimeOfTheirArrivalToo() throws {
    let storage = MemoryStorage()
    let writer = try JournalWriter(storage, segmentBytes: 100, policy: .everyBatch)
    for arrival in 0..<100 as Range<Int64> {
      try writer.append([JournalMessage(Array(repeating: 7, count: 20), arrival: arrival)], now: 0)
    }
    let retention = JournalRetention(storage)
    try retention.removeSegments(before: 10, arrivedBefore: 50)
    let byPlace = try #require(try retention.firstSequence())
    #expect(byPlace > 5 && byPlace <= 10)
    try retention.removeSegments(before: 90, arrivedBefore: 50)
    let byTime = try #require(try retention.firstSequence())
    #expect(byTime > 40 && byTime < 50)
  }

  @Test func theIntervalSaysWhenItIsToBeMadeDurable() throws {
    let storage = MemoryStorage()
    let writer = try JournalWriter(storage, policy: .everyInterval(nanoseconds: 100))
    let message = JournalMessage([1], arrival: 0)
    #expect(writer.nextSync == nil && writer.unsynced == nil)
    try writer.append([message], now: 1000)
    try writer.append([message], now: 1020)
    #expect(writer.durableSequence == 0 && writer.nextSync == 1100)
    let sync = try #require(writer.takeUnsynced())
    #expect(writer.nextSync == nil && sync.end == 2)
    // Others may come while it is under way.
    try writer.append([message], now: 1110)
    try sync.run()
    writer.finish(sync)
    #expect(writer.durableSequence == 2 && writer.nextSync == 1210)
    try writer.sync()
    #expect(writer.durableSequence == 3 && writer.nextSync == nil && writer.takeUnsynced() == nil)
    #expect(try Self.read(storage).count == 3)
  }

  @Test func aJournalThatIsGoneIsNotBegunAnew() throws {
    #expect(throws: JournalError.self) { try JournalWriter(MemoryStorage(), policy: .everyBatch, nextSequence: 1) }
  }
}

extension JournalMessage {
  /// What was appended.
  fileprivate init(_ record: JournalRecord) {
    if let promise = record.promise {
      self.init(promise: promise, arrival: record.arrival)
    } else {
      self.init(Array(record.payload), arrival: record.arrival)
    }
  }
}
