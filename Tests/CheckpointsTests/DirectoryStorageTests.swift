import Checkpoints
import Dataflow
import Glibc
import TestSupport
import Testing

/// A real directory, and a real disk that is full.
@Suite struct DirectoryStorageTests {
  @Test func filesAreWhatWasDoneToThem() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/checkpoints"
      let storage = try DirectoryStorage(path: path)
      var status = stat()
      try #require(unsafe stat(path, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o700)
      let file = try storage.create("a")
      try file.append([1, 2, 3])
      try file.append([])
      try file.append([4])
      try file.sync()
      #expect(file.length == 4)
      file.close()
      #expect(throws: StorageError.self) { try file.append([5]) }
      let again = try DirectoryStorage(path: path).open("a")
      #expect(again.length == 4)
      try again.append([5])
      #expect(try storage.read("a", at: 0, count: 100) == [1, 2, 3, 4, 5])
      #expect(try storage.read("a", at: 3, count: 1) == [4])
      #expect(try storage.read("a", at: 9, count: .max) == [])
      try storage.truncate("a", to: 2)
      #expect(try storage.size(of: "a") == 2)
      _ = try storage.create("b")
      try storage.rename("a", to: "b")
      #expect(try storage.names() == ["b"])
      #expect(try storage.size(of: "a") == nil)
      #expect(try storage.read("b", at: 0, count: 3) == [1, 2])
      try storage.remove("b")
      #expect(try storage.names() == [])
    }
  }

  @Test func errorsNameThePathAndTheReason() throws {
    try withTemporaryDirectory { directory in
      let storage = try DirectoryStorage(path: directory)
      let missing = #expect(throws: StorageError.self) { try storage.read("a", at: 0, count: 1) }
      #expect(
        missing?.description
          == "cannot read \(directory)/a: No such file or directory; put it back, or give a directory that is there"
      )
      _ = try storage.create("a")
      #expect(throws: StorageError("create", "\(directory)/a", code: EEXIST)) { try storage.create("a") }
      #expect(throws: StorageError.self) { try DirectoryStorage(path: directory + "/a") }
      #expect(throws: StorageError.self) { try DirectoryStorage(path: directory + "/no/such") }
      for name in ["", ".", "..", "../a", "/a", "a\0b"] {
        #expect(throws: StorageError.self) { try storage.create(name) }
        #expect(throws: StorageError.self) { try storage.read(name, at: 0, count: 1) }
        #expect(throws: StorageError.self) { try storage.remove(name) }
        #expect(throws: StorageError.self) { try storage.rename("a", to: name) }
        #expect(try storage.size(of: name) == nil)
      }
    }
  }

  @Test(.enabled(if: SmallDisk.isPermitted, "only who may mount a file system can have a small disk"))
  func aFullDiskLeavesWhatIsThere() throws {
    try SmallDisk.with(bytes: 1 << 20) { path in try Self.fill(DirectoryStorage(path: path)) }
  }

  /// Runs the storage full in every way.
  static func fill(_ storage: DirectoryStorage) throws {
    let store = CheckpointStore(storage)
    let first = try Manifest.small(1, in: storage)
    try store.commit(first)
    let second = try Manifest.small(2, in: storage)
    let journal = try JournalWriter(storage, policy: .everyBatch)
    var random = SeededRandom(seed: 1)
    let messages = JournalTests.messages(3, &random)
    try journal.append(messages, now: 0)

    // A journal's batch that has no room.
    let message = JournalMessage(Array(repeating: 1, count: 2 << 20), arrival: 0)
    let noRoom = #expect(throws: JournalError.self) { try journal.append([message], now: 1) }
    #expect(noRoom?.description.contains("the disk is full") == true)
    #expect(try JournalTests.read(storage) == messages)

    // A state file that has none, over which the disk gets full.
    let writer = try StateFileWriter(storage, "state-large")
    let block = [UInt8](repeating: 7, count: 100_000)
    let full = #expect(throws: StateWriteError.self) {
      for number in 0..<100 { try writer.write(StateBlock(group: 1, kind: 0, number: number), block.span) }
    }
    #expect(full?.description.hasPrefix("cannot write \(storage.place)/state-large: the disk is full") == true)

    // A commit that has none.
    let filler = try storage.create("filler")
    for size in [1 << 16, 1 << 12, 1] {
      while (try? filler.append([UInt8](repeating: 0, count: size))) != nil {}
    }
    #expect(throws: StorageError.self) { try store.commit(second) }
    #expect(try CheckpointDamageTests.recover(storage).manifest == first)

    writer.discard()
    try storage.remove("filler")
    try store.commit(second)
    #expect(try CheckpointDamageTests.recover(storage).manifest == second)
    let again = try JournalWriter(storage, policy: .everyBatch)
    #expect(again.nextSequence == 3)
    #expect(again.note == nil)
  }
}
