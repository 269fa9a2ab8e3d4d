import Checkpoints
import Dataflow
import Records
import TestSupport
import Testing

/// State files and chains of them.
@Suite struct StateFileTests {
  /// Some blocks of few different names, so that files of a chain overlap.
  static func randomBlocks(_ count: Int, _ random: inout SeededRandom) -> [(StateBlock, [UInt8])] {
    (0..<count).map { _ in
      let block = StateBlock(
        group: .random(in: 0...KeyGroups.count, using: &random),
        kind: .random(in: 0...2, using: &random),
        number: .random(in: 0...2, using: &random)
      )
      let length = random.chance(oneIn: 20) ? 0 : Int.random(in: 1...5000, using: &random)
      return (block, (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
  }

  static func write(
    _ blocks: [(StateBlock, [UInt8])],
    to storage: any Storage,
    _ name: String
  ) throws -> SavedFile {
    let writer = try StateFileWriter(storage, name)
    for (block, bytes) in blocks { try writer.write(block, bytes.span) }
    return try writer.finish()
  }

  static func read(
    _ storage: any Storage,
    _ files: [SavedFile],
    groups: Range<Int> = 0..<KeyGroups.count,
    includingUngrouped: Bool = true
  ) throws -> [StateBlock: [UInt8]] {
    var found: [StateBlock: [UInt8]] = [:]
    try StateChain(storage, files).read(groups: groups, includingUngrouped: includingUngrouped) { block, bytes in
      #expect(found[block] == nil, "a block came twice")
      found[block] = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }
    return found
  }

  @Test func aChainReadsLikeADictionary() throws {
    for seed in Seeds.range(100) {
      var random = SeededRandom(seed: seed)
      let storage = MemoryStorage()
      var expected: [StateBlock: [UInt8]] = [:]
      var files: [SavedFile] = []
      for number in 0..<Int.random(in: 1...4, using: &random) {
        let blocks = Self.randomBlocks(.random(in: 0...300, using: &random), &random)
        for (block, bytes) in blocks { expected[block] = bytes }
        files.append(try Self.write(blocks, to: storage, "state-\(number)"))
        #expect(files[number].blocks == blocks.count)
      }
      #expect(try Self.read(storage, files) == expected, "seed \(seed)")
      let from = Int.random(in: 0...KeyGroups.count, using: &random)
      let groups = from..<Int.random(in: from...KeyGroups.count, using: &random)
      let wantsUngrouped = Bool.random(using: &random)
      let part = expected.filter {
        groups.contains(Int($0.key.group)) || wantsUngrouped && Int($0.key.group) == KeyGroups.count
      }
      #expect(
        try Self.read(storage, files, groups: groups, includingUngrouped: wantsUngrouped) == part,
        "seed \(seed), groups \(groups)"
      )
      try StateChain(storage, files).verify()
    }
  }

  @Test func largeAndManyBlocksComeBackFromADirectory() throws {
    try withTemporaryDirectory { directory in
      let storage = try DirectoryStorage(path: directory)
      var random = SeededRandom(seed: 1)
      var blocks = Self.randomBlocks(3000, &random)
      // Beyond every buffer.
      for length in [1 << 20, (1 << 20) - 1, 5 << 20] {
        blocks.append(
          (StateBlock(group: 3, kind: 9, number: length), Array(repeating: UInt8(length & 0x7F), count: length))
        )
      }
      let file = try Self.write(blocks, to: storage, "state-a")
      #expect(try storage.size(of: "state-a") == file.bytes)
      #expect(try Self.read(storage, [file]) == Dictionary(blocks) { $1 })
      try StateChain(storage, [file]).verify()
    }
  }

  @Test func whatIsGivenUpIsGone() throws {
    let storage = MemoryStorage()
    let writer = try StateFileWriter(storage, "state-a")
    try writer.write(StateBlock(group: 1, kind: 0, number: 0), [1, 2, 3].span)
    writer.discard()
    #expect(storage.files.isEmpty)
    #expect(throws: StateWriteError.self) { try writer.finish() }
  }

  @Test func aFileThatIsThereIsNotReplaced() throws {
    let storage = MemoryStorage(["state-a": [1]])
    #expect(throws: StateWriteError.self) { try StateFileWriter(storage, "state-a") }
    #expect(storage.files == ["state-a": [1]])
  }

  @Test func everyFailureOfTheStorageIsAnErrorOfTheWriter() throws {
    var random = SeededRandom(seed: 7)
    let blocks = Self.randomBlocks(600, &random)
    let undisturbed = MemoryStorage()
    _ = try Self.write(blocks, to: undisturbed, "state-a")
    for operation in 0..<undisturbed.operations {
      let storage = MemoryStorage()
      storage.fail(.init(operation: operation))
      #expect(throws: StateWriteError.self) { try Self.write(blocks, to: storage, "state-a") }
    }
  }

  @Test func aWholeFileOfAnotherSaveIsRefused() throws {
    let storage = MemoryStorage()
    let blocks = [(StateBlock(group: 1, kind: 0, number: 0), [UInt8](repeating: 1, count: 10))]
    let others = [(StateBlock(group: 1, kind: 0, number: 0), [UInt8](repeating: 2, count: 10))]
    let file = try Self.write(blocks, to: storage, "state-a")
    try storage.remove("state-a")
    _ = try Self.write(others, to: storage, "state-a")
    #expect(throws: CheckpointDamage.self) { try StateChain(storage, [file]) }
  }
}
