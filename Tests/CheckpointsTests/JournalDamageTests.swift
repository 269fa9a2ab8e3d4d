import Checkpoints
import TestSupport
import Testing

/// Journals that were changed on the disk.
@Suite struct JournalDamageTests {
  /// A journal of three segments.
  static func journal() throws -> (files: [String: [UInt8]], messages: [JournalMessage]) {
    let storage = MemoryStorage()
    var random = SeededRandom(seed: 11)
    let messages = JournalTests.messages(12, upTo: 20, &random)
    let writer = try JournalWriter(storage, segmentBytes: 150, policy: .everyBatch)
    for start in stride(from: 0, to: 12, by: 2) { try writer.append(Array(messages[start..<start + 2]), now: 0) }
    #expect(storage.files.count == 3)
    return (storage.files, messages)
  }

  /// What is read, by a reader alone and after a writer has mended the end; nil where that is an error.
  static func outcomes(_ files: [String: [UInt8]], _ added: JournalMessage) -> [[JournalMessage]?] {
    let alone = try? JournalTests.read(MemoryStorage(files))
    let storage = MemoryStorage(files)
    var mended: [JournalMessage]?
    if let writer = try? JournalWriter(storage, segmentBytes: 150, policy: .everyBatch),
      (try? writer.append([added], now: 0)) != nil
    {
      mended = try? JournalTests.read(storage)
      #expect(mended.map { $0.last == added } ?? true)
    }
    return [alone, mended?.dropLast()]
  }

  @Test func damageBeforeTheEndIsAnErrorAndAtTheEndACut() throws {
    let (files, messages) = try Self.journal()
    let added = JournalMessage([1, 2, 3], arrival: 4)
    #expect(Self.outcomes(files, added) == [messages, messages])
    let last = try #require(files.keys.max())
    for (name, sound) in files {
      for (what, bytes) in Damage.all(of: sound) {
        var damaged = files
        damaged[name] = bytes
        for found in Self.outcomes(damaged, added) {
          if name != last {
            #expect(found == nil, "\(name): \(what)")
          } else if let found {
            #expect(messages.starts(with: found), "\(name): \(what)")
            // Bytes that were added to the end are cut off, and nothing else.
            #expect((found == messages) == (bytes.count > sound.count), "\(name): \(what)")
          }
        }
      }
    }
  }

  @Test func onlyTheLastRecordMayBeCutOffByAFlippedBit() throws {
    let (files, messages) = try Self.journal()
    let last = try #require(files.keys.max())
    let sound = try #require(files[last])
    let lastRecord = sound.count - 24 - messages[11].payload.count
    for (what, bytes) in Damage.all(of: sound) where bytes.count == sound.count {
      let isInLast = bytes[..<lastRecord] == sound[..<lastRecord]
      for found in Self.outcomes(files.merging([last: bytes]) { $1 }, messages[0]) {
        #expect(found == (isInLast ? Array(messages.dropLast()) : nil), "\(what)")
      }
    }
  }

  @Test func errorsNameTheFileAndThePlace() throws {
    let (files, _) = try Self.journal()
    let last = try #require(files.keys.max())
    var damaged = files
    damaged[last]?[25] ^= 1
    let error = #expect(throws: JournalError.self) { try JournalWriter(MemoryStorage(damaged), policy: .everyBatch) }
    #expect(error?.file == "memory/\(last)")
    #expect(error?.offset == 20)
  }

  @Test func aMissingSegmentIsAnError() throws {
    let (files, messages) = try Self.journal()
    let names = files.keys.sorted()
    for name in names.dropLast() {
      #expect(throws: JournalError.self, "\(name)") {
        try JournalTests.read(MemoryStorage(files.filter { $0.key != name }))
      }
    }
    // The end of a journal is only known to who has seen it.
    let cut = MemoryStorage(files.filter { $0.key != names[2] })
    #expect(throws: JournalError.self) { try JournalWriter(cut, policy: .everyBatch, nextSequence: 12) }
    #expect(messages.starts(with: try JournalTests.read(cut)))
  }

  /// A crash at every operation, with every kind of torn write: no durable record is lost, and none is changed.
  @Test func aCrashLosesNothingDurable() throws {
    for seed in Seeds.range(60) {
      var random = SeededRandom(seed: seed)
      let messages = JournalTests.messages(20, upTo: 40, &random)
      let policy: JournalWriter.Policy =
        random.chance(oneIn: 2) ? .everyBatch : .everyInterval(nanoseconds: .random(in: 1...5, using: &random))
      func run(_ storage: MemoryStorage) -> (durable: Int, isDone: Bool) {
        var durable = 0
        do throws(JournalError) {
          let writer = try JournalWriter(storage, segmentBytes: 200, policy: policy)
          for start in stride(from: 0, to: messages.count, by: 2) {
            defer { durable = Int(writer.durableSequence) }
            try writer.append(Array(messages[start..<start + 2]), now: Int64(start))
            if let due = writer.nextSync, due <= start { try writer.sync() }
          }
          try writer.sync()
          return (messages.count, true)
        } catch {
          return (durable, false)
        }
      }
      let undisturbed = MemoryStorage()
      #expect(run(undisturbed).isDone)
      for operation in 0..<undisturbed.operations {
        for isCrash in [false, true] {
          let storage = MemoryStorage()
          storage.fail(.init(operation: operation, torn: .random(in: 0...100, using: &random), isCrash: isCrash))
          let durable = run(storage).durable
          storage.fail(nil)
          let after = storage.afterCrash(&random)
          let place: Comment = "seed \(seed), operation \(operation), crash \(isCrash)"
          let writer = try JournalWriter(after, segmentBytes: 200, policy: policy)
          let found = try JournalTests.read(after)
          #expect(found.count >= durable && messages.starts(with: found), place)
          #expect(writer.nextSequence == UInt64(found.count), place)
          try writer.append([messages[0]], now: 0)
          #expect(try JournalTests.read(after) == found + [messages[0]], place)
        }
      }
    }
  }
}
