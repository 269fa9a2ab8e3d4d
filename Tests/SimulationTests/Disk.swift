import Checkpoints
import Glibc
import Records
import TestSupport
import WorkerRuntime

/// What outlives processes: the directory of the checkpoints, the files of results and of dead letters, and what was printed.
final class Disk: @unchecked Sendable {
  private(set) var storage = MemoryStorage()
  /// The results, by the paths of the sinks.
  let results = ["out0": PlainFile(), "out1": PlainFile(), "out2": PlainFile()]
  let letters = PlainFile()
  let terminal = SimulatedTerminal()
  let trouble: Trouble
  /// How many bytes of results committed checkpoints hold, by the names of the sinks.
  var committed: [String: Int] = [:]

  init(_ trouble: Trouble) { self.trouble = trouble }

  /// The machine loses its power.
  func crash(_ random: inout SeededRandom) {
    storage = storage.afterCrash(&random)
    for file in ["out0", "out1", "out2"].compactMap({ results[$0] }) + [letters] { file.crash(&random) }
  }

  /// Changes a byte of a file, or cuts it off.
  func damage(_ name: String, _ random: inout SeededRandom) {
    var files = storage.files
    guard var bytes = files[name], !bytes.isEmpty else { return }
    if random.chance(oneIn: 3) {
      bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
    } else {
      bytes[Int.random(in: bytes.indices, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
    }
    files[name] = bytes
    storage = MemoryStorage(files)
  }
}

/// Storage failures that last for a while.
final class Trouble: @unchecked Sendable {
  private var random: SeededRandom
  /// Operations that it lasts.
  private var left = 0
  private var rate = 1
  private var readsFail = false
  private(set) var hasStruck = false

  init(_ random: SeededRandom) { self.random = random }

  func begin() {
    left = Int.random(in: 1...30, using: &random)
    rate = [1, 2, 5].randomElement(using: &random) ?? 1
    readsFail = random.chance(oneIn: 4)
  }

  func end() {
    left = 0
    hasStruck = false
  }

  /// The code of the operation's failure; nil when it works.
  func strikes(isRead: Bool = false) -> Int32? {
    guard left > 0, !isRead || readsFail else { return nil }
    left -= 1
    guard random.chance(oneIn: rate) else { return nil }
    hasStruck = true
    return random.chance(oneIn: 2) ? ENOSPC : EIO
  }

  func part(of count: Int) -> Int { Int.random(in: 0...count, using: &random) }
}

/// A file outside the checkpoints' directory.
final class PlainFile {
  private(set) var bytes: [UInt8] = []
  private var durable = 0

  func append(_ more: [UInt8]) { bytes += more }
  func sync() { durable = bytes.count }

  func truncate(to length: Int) {
    bytes.removeLast(max(bytes.count - length, 0))
    durable = min(durable, length)
  }

  func crash(_ random: inout SeededRandom) {
    truncate(to: Int.random(in: min(durable, bytes.count)...bytes.count, using: &random))
    durable = bytes.count
  }
}

/// Where text is printed, and the mark of how much was: they change together.
final class SimulatedTerminal: PrintedLength {
  private(set) var bytes: [UInt8] = []
  var printed = 0

  func print(_ more: [UInt8]) { bytes += more }
}

/// One process's way to the disk: it may end in the middle of anything.
final class DiskAccess: @unchecked Sendable {
  let disk: Disk
  private(set) var isDead = false
  /// Operations before the process dies.
  private var left: Int?

  init(_ disk: Disk) { self.disk = disk }

  func die() { isDead = true }
  func die(after operations: Int) { left = operations }

  /// Before every operation that changes something.
  func check(_ operation: String, _ name: String) throws(StorageError) {
    if let left {
      if left == 0 { isDead = true }
      self.left = left - 1
    }
    if isDead { throw StorageError(operation, name, reason: "the process is dead") }
    if let code = disk.trouble.strikes() { throw StorageError(operation, name, code: code) }
  }

  func checkReading(_ name: String) throws(StorageError) {
    if isDead { throw StorageError("read", name, reason: "the process is dead") }
    if let code = disk.trouble.strikes(isRead: true) { throw StorageError("read", name, code: code) }
  }
}

extension DiskAccess: Storage {
  var place: String { disk.storage.place }

  func create(_ name: String) throws(StorageError) -> any StorageFile {
    try check("create", name)
    return AccessedFile(try disk.storage.create(name), name, self)
  }

  func open(_ name: String) throws(StorageError) -> any StorageFile {
    try checkReading(name)
    return AccessedFile(try disk.storage.open(name), name, self)
  }

  func read(_ name: String, at offset: Int, count: Int) throws(StorageError) -> [UInt8] {
    try checkReading(name)
    return try disk.storage.read(name, at: offset, count: count)
  }

  func size(of name: String) throws(StorageError) -> Int? {
    try checkReading(name)
    return try disk.storage.size(of: name)
  }

  func names() throws(StorageError) -> [String] { try disk.storage.names() }

  func rename(_ name: String, to newName: String) throws(StorageError) {
    do throws(StorageError) { try check("rename", name) } catch {
      // It may be that only the directory could not be made durable.
      if !isDead, disk.trouble.part(of: 1) == 0 {
        disk.storage.fail(.init(operation: disk.storage.operations + 1))
        try disk.storage.rename(name, to: newName)
      }
      throw error
    }
    try disk.storage.rename(name, to: newName)
  }

  func remove(_ name: String) throws(StorageError) {
    try check("remove", name)
    try disk.storage.remove(name)
  }

  func truncate(_ name: String, to length: Int) throws(StorageError) {
    try check("cut", name)
    try disk.storage.truncate(name, to: length)
  }

  func syncNames() throws(StorageError) {
    try check("make durable", "")
    try disk.storage.syncNames()
  }

  func lock() throws(StorageError) -> any StorageLock { try disk.storage.lock() }
}

private final class AccessedFile: StorageFile {
  private let file: any StorageFile
  private let name: String
  private let access: DiskAccess

  init(_ file: any StorageFile, _ name: String, _ access: DiskAccess) {
    self.file = file
    self.name = name
    self.access = access
  }

  var length: Int { file.length }

  func append(_ bytes: Span<UInt8>) throws(StorageError) {
    let wasDead = access.isDead
    do throws(StorageError) { try access.check("write", name) } catch {
      // A process that dies leaves a part of what it wrote.
      if access.isDead, !wasDead {
        try file.append(bytes.extracting(first: access.disk.trouble.part(of: bytes.count)))
      }
      throw error
    }
    try file.append(bytes)
  }

  func sync() throws(StorageError) {
    try access.check("make durable", name)
    try file.sync()
  }

  func close() { file.close() }
}

/// The file of results or of dead letters as a process has opened it.
final class OpenedFile: AppendedFile {
  let path: String
  private let file: PlainFile
  private let access: DiskAccess
  private let judge: (([UInt8], Int) -> Void)?

  /// - Parameter judge: told of all that is written, and where.
  init(_ path: String, _ file: PlainFile, _ access: DiskAccess, judge: (([UInt8], Int) -> Void)? = nil) {
    self.path = path
    self.file = file
    self.access = access
    self.judge = judge
    length = file.bytes.count
  }

  let length: Int

  func append(_ bytes: Span<UInt8>) throws(StorageError) -> Int {
    var count = bytes.count
    if count > 1, access.disk.trouble.part(of: 3) == 0 { count = max(1, access.disk.trouble.part(of: count)) }
    try access.check("write", path)
    let written = (0..<count).map { bytes[$0] }
    judge?(written, file.bytes.count)
    file.append(written)
    return count
  }

  func sync() throws(StorageError) {
    try access.check("make durable", path)
    file.sync()
  }

  func truncate(to length: Int) throws(StorageError) {
    try access.check("cut", path)
    file.truncate(to: length)
  }
}
