import Checkpoints
import Dataflow
import TestSupport
import Testing

/// Commits, what is kept and what is gone on from.
@Suite struct StoreTests {
  @Test func aManifestComesBackWhole() throws {
    for seed in Seeds.range(300) {
      var random = SeededRandom(seed: seed)
      let manifest = Manifest.random(number: random.next(), &random)
      #expect(try Manifest(decoding: manifest.encoded) == manifest, "seed \(seed)")
    }
  }

  @Test func theLatestIsTheLastCommitted() throws {
    let storage = MemoryStorage()
    let store = CheckpointStore(storage)
    #expect(try store.latest().manifest == nil)
    #expect(try store.nextNumber() == 1)
    var manifests: [Manifest] = []
    for _ in 0..<3 {
      let manifest = try Manifest.small(try store.nextNumber(), in: storage)
      try store.commit(manifest)
      manifests.append(manifest)
    }
    #expect(try store.latest().manifest == manifests[2])
    #expect(try store.latest().warnings == [])
    #expect(try store.latest(before: 3).manifest == manifests[1])
    #expect(try store.latest(before: 1).manifest == nil)
    #expect(try store.nextNumber() == 4)
    #expect(try store.manifests().map(\.manifest) == manifests.reversed())
    for manifest in manifests { try store.verify(manifest) }
    #expect(throws: StorageError.self) { try store.commit(manifests[1]) }
  }

  @Test func pruningLeavesWhatIsNamedAndWhatIsUnknown() throws {
    let storage = MemoryStorage(["journal-00000000000000000000": [1], "notes.txt": [2], "state-left": [3], "lock": []])
    let store = CheckpointStore(storage, kept: 2)
    for number in 1...4 { try store.commit(Manifest.small(UInt64(number), in: storage)) }
    let before = Set(storage.files.keys)
    // A worker makes it while the others are looked at.
    _ = try StateFileWriter(storage, "state-next")
    try store.prune(among: before)
    #expect(try store.manifests().map(\.number) == [4, 3])
    for stored in try store.manifests() { try store.verify(#require(stored.manifest)) }
    let others = Set(storage.files.keys).subtracting(try store.manifests().compactMap(\.manifest).flatMap(\.fileNames))
    #expect(
      others == [
        "checkpoint-00000003", "checkpoint-00000004", "journal-00000000000000000000", "notes.txt", "lock", "state-next",
      ]
    )
    try store.removeLeftovers()
    #expect(storage.files["state-next"] == nil)
    #expect(try store.latest().manifest?.number == 4)
  }

  @Test func pruningCountsOnlyCheckpointsThatCanBeUsed() throws {
    let storage = MemoryStorage()
    let store = CheckpointStore(storage, kept: 1)
    let sound = try Manifest.small(1, in: storage)
    try store.commit(sound)
    let lost = try Manifest.small(2, in: storage)
    try store.commit(lost)
    try storage.remove(lost.stateFiles[0].name)
    try store.prune()
    #expect(try store.latest().manifest == sound)
    #expect(try store.latest().warnings.count == 1)
    try store.verify(sound)
  }

  @Test func leftoversOfACommitAreRemoved() throws {
    let storage = MemoryStorage(["checkpoint-00000007.temporary": [1, 2], "state-x": [1], "checkpoint-7": [1]])
    try CheckpointStore(storage).removeLeftovers()
    #expect(Set(storage.files.keys) == ["checkpoint-7"])
  }

  @Test func namesAtTheirEdgesAreNoTrap() throws {
    let storage = MemoryStorage([
      "checkpoint-18446744073709551615": [], "checkpoint-18446744073709551614": [], "checkpoint-": [],
      "checkpoint-99999999999999999999999": [], "checkpoint-00000001x": [], "checkpoint-+0000001": [],
    ])
    let store = CheckpointStore(storage)
    #expect(try store.nextNumber() == .max)
    #expect(try store.latest().manifest == nil)
    #expect(try store.manifests().count == 1)
  }

  @Test func aNewEpochIsNewToEveryFile() throws {
    let storage = MemoryStorage([
      "staged-results-4294967295-1-0": [], "staged-": [], "state-1": [], "state---": [], "journal-9-1-0": [],
    ])
    let store = CheckpointStore(storage)
    #expect(try store.nextEpoch() == 1)
    try store.commit(Manifest.small(1, in: storage, epoch: 4))
    #expect(try store.nextEpoch() == 5)
    _ = try storage.create(StoredName.staged("dead-letters", epoch: 7, stage: 3, worker: 2))
    #expect(try store.nextEpoch() == 8)
    _ = try storage.create(StoredName.state(checkpoint: 123, epoch: 8, stage: 3, worker: 2))
    #expect(try store.nextEpoch() == 9)
  }

  @Test func stagedBytesAreCheckedBeforeTheyAreHandedOn() throws {
    var random = SeededRandom(seed: 5)
    let bytes = (0..<3_000_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    var checksum = Checksum()
    checksum.add(bytes.span.extracting(10..<bytes.count))
    let range = StagedRange(file: "staged-a", from: 10, to: bytes.count, checksum: checksum.value)
    var found: [UInt8] = []
    func take(_ part: Span<UInt8>) { for index in part.indices { found.append(part[index]) } }
    try range.read(from: MemoryStorage(["staged-a": bytes + [1, 2]])) { take($0) }
    #expect(found == Array(bytes[10...]))
    var damaged = bytes
    damaged[2_999_999] ^= 4
    found = []
    #expect(throws: CheckpointDamage.self) { try range.read(from: MemoryStorage(["staged-a": damaged])) { take($0) } }
    #expect(found.isEmpty)
  }

  @Test func oneRunAtATime() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/checkpoints"
      var first: CheckpointStore? = CheckpointStore(try DirectoryStorage(path: path))
      try first?.lock()
      let second = CheckpointStore(try DirectoryStorage(path: path))
      let error = #expect(throws: StorageError.self) { try second.lock() }
      #expect(
        error?.reason == "another run uses the checkpoints in \(path); stop it first, or give another directory"
      )
      first = nil
      try second.lock()
    }
  }
}
