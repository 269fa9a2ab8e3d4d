package import Checkpoints
internal import Glibc
internal import Synchronization

/// A directory in memory that fails, tears writes and loses what was not made durable.
package final class MemoryStorage: Storage {
  package let place = "memory"
  private let state: Mutex<State>

  fileprivate struct State {
    /// By name, as a program sees them.
    var files: [String: Int] = [:]
    /// The same as the disk has them.
    var durableFiles: [String: Int] = [:]
    var contents: [Content] = []
    var operations = 0
    var fault: Fault?
    var isLocked = false

    struct Content {
      var bytes: [UInt8] = []
      /// How much of it the disk has.
      var durable = 0
    }
  }

  /// What happens at one operation of those that change something.
  package struct Fault {
    package var operation: Int
    /// The first this many bytes of a write are there all the same.
    package var torn: Int
    package var code: Int32
    /// Nothing works any more from there on.
    package var isCrash: Bool

    package init(operation: Int, torn: Int = 0, code: Int32 = 5, isCrash: Bool = false) {
      self.operation = operation
      self.torn = torn
      self.code = code
      self.isCrash = isCrash
    }
  }

  package init(_ files: [String: [UInt8]] = [:]) {
    var state = State()
    for (name, bytes) in files {
      state.files[name] = state.contents.count
      state.contents.append(.init(bytes: bytes, durable: bytes.count))
    }
    state.durableFiles = state.files
    self.state = Mutex(state)
  }

  private init(_ state: State) { self.state = Mutex(state) }

  /// How many operations that change something there were.
  package var operations: Int { state.withLock { $0.operations } }
  /// Everything, as a program sees it.
  package var files: [String: [UInt8]] {
    state.withLock { state in state.files.mapValues { state.contents[$0].bytes } }
  }

  package func fail(_ fault: Fault?) { state.withLock { $0.fault = fault } }

  /// What a restart finds after a loss of power: all that was made durable, and of the rest as much as it pleases the disk.
  package func afterCrash(_ random: inout SeededRandom) -> MemoryStorage {
    let old = state.withLock { $0 }
    var new = State()
    let keeps = Int.random(in: 0..<3, using: &random)
    for name in Set(old.files.keys).union(old.durableFiles.keys).sorted() {
      let isLater = keeps == 0 ? false : keeps == 1 ? true : Bool.random(using: &random)
      guard let index = isLater ? old.files[name] : old.durableFiles[name] else { continue }
      let content = old.contents[index]
      let length =
        switch keeps {
        case 0: content.durable
        case 1: content.bytes.count
        default: Int.random(in: content.durable...content.bytes.count, using: &random)
        }
      var bytes = Array(content.bytes[..<length])
      if keeps == 2, random.chance(oneIn: 3) {
        // The length is there, and not all of what it speaks of.
        let lost = Int.random(in: content.durable...length, using: &random)
        bytes.replaceSubrange(lost..., with: Array(repeating: 0, count: length - lost))
      }
      new.files[name] = new.contents.count
      new.contents.append(.init(bytes: bytes, durable: length))
    }
    new.durableFiles = new.files
    return MemoryStorage(new)
  }

  /// Runs a change, or fails it where it is its turn.
  fileprivate func change<R>(
    _ operation: String,
    _ name: String,
    tearing write: (content: Int, bytes: [UInt8])? = nil,
    _ body: (inout State) -> Result<R, StorageError>
  ) throws(StorageError) -> R {
    let path = "\(place)/\(name)"
    let result = state.withLock { state -> Result<R, StorageError> in
      let number = state.operations
      state.operations += 1
      if let fault = state.fault, number == fault.operation || fault.isCrash && number > fault.operation {
        // Only a crash leaves a part of a write; one that merely fails is taken back.
        if number == fault.operation, fault.isCrash, let write {
          state.contents[write.content].bytes += write.bytes.prefix(fault.torn)
        }
        return .failure(StorageError(operation, path, code: fault.code))
      }
      return body(&state)
    }
    return try result.get()
  }

  package func create(_ name: String) throws(StorageError) -> any StorageFile {
    let content = try change("create", name) { state -> Result<Int, StorageError> in
      guard state.files[name] == nil else { return .failure(StorageError("create", name, code: EEXIST)) }
      state.files[name] = state.contents.count
      state.contents.append(.init())
      return .success(state.contents.count - 1)
    }
    return MemoryFile(self, content, name, length: 0)
  }

  package func open(_ name: String) throws(StorageError) -> any StorageFile {
    let found = state.withLock { state in state.files[name].map { ($0, state.contents[$0].bytes.count) } }
    guard let found else { throw StorageError("open", name, code: ENOENT) }
    return MemoryFile(self, found.0, name, length: found.1)
  }

  package func read(_ name: String, at offset: Int, count: Int) throws(StorageError) -> [UInt8] {
    let bytes = state.withLock { state in state.files[name].map { state.contents[$0].bytes } }
    guard let bytes else { throw StorageError("read", name, code: ENOENT) }
    return Array(bytes.dropFirst(offset).prefix(count))
  }

  package func size(of name: String) throws(StorageError) -> Int? {
    state.withLock { state in state.files[name].map { state.contents[$0].bytes.count } }
  }

  package func names() throws(StorageError) -> [String] { state.withLock { $0.files.keys.sorted() } }

  package func rename(_ name: String, to newName: String) throws(StorageError) {
    try change("rename", name) { state -> Result<Void, StorageError> in
      state.files[newName] = state.files.removeValue(forKey: name)
      return .success(())
    }
    try syncNames()
  }

  package func remove(_ name: String) throws(StorageError) {
    try change("remove", name) { state -> Result<Void, StorageError> in
      state.files.removeValue(forKey: name) == nil
        ? .failure(StorageError("remove", name, code: ENOENT)) : .success(())
    }
  }

  package func truncate(_ name: String, to length: Int) throws(StorageError) {
    try change("cut", name) { state -> Result<Void, StorageError> in
      guard let content = state.files[name] else { return .failure(StorageError("cut", name, code: ENOENT)) }
      state.contents[content].bytes.removeSubrange(length...)
      state.contents[content].durable = length
      return .success(())
    }
  }

  package func syncNames() throws(StorageError) {
    try change("make durable", "") { state -> Result<Void, StorageError> in
      state.durableFiles = state.files
      return .success(())
    }
  }

  package func lock() throws(StorageError) -> any StorageLock {
    let isFree = state.withLock { state in
      defer { state.isLocked = true }
      return !state.isLocked
    }
    guard isFree else { throw .locked(place) }
    return MemoryLock(self)
  }

  fileprivate func unlock() { state.withLock { $0.isLocked = false } }
}

private final class MemoryLock: StorageLock {
  private let storage: MemoryStorage

  init(_ storage: MemoryStorage) { self.storage = storage }

  deinit { storage.unlock() }
}

private final class MemoryFile: StorageFile {
  private let storage: MemoryStorage
  private let content: Int
  private let name: String
  private(set) var length: Int

  init(_ storage: MemoryStorage, _ content: Int, _ name: String, length: Int) {
    self.storage = storage
    self.content = content
    self.name = name
    self.length = length
  }

  func append(_ bytes: Span<UInt8>) throws(StorageError) {
    let added = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    try storage.change("write", name, tearing: (content, added)) { state -> Result<Void, StorageError> in
      state.contents[content].bytes += added
      return .success(())
    }
    length += added.count
  }

  func sync() throws(StorageError) {
    try storage.change("make durable", name) { state -> Result<Void, StorageError> in
      state.contents[content].durable = state.contents[content].bytes.count
      for (name, index) in state.files where index == content { state.durableFiles[name] = index }
      return .success(())
    }
  }

  func close() {}
}
