internal import Glibc

/// A directory of the file system.
package final class DirectoryStorage: Storage {
  package let place: String
  /// The directory, so that its files are found whatever becomes of the working directory.
  private let directory: Int32

  /// Makes the directory, for this user alone, where there is none; its parent has to be there.
  package init(path: String) throws(StorageError) {
    place = path
    let isNew: Bool
    do throws(SystemCallFailure) {
      _ = try retrying { unsafe Int(mkdir(path, 0o700)) }
      isNew = true
    } catch {
      guard error.code == EEXIST else { throw StorageError("make the directory", path, code: error.code) }
      isNew = false
    }
    do throws(SystemCallFailure) {
      let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
      directory = Int32(try retrying { unsafe Int(Glibc.open(path, flags)) })
      guard isNew else { return }
      let parent = Int32(try retrying { unsafe Int(openat(directory, "..", flags)) })
      defer { Glibc.close(parent) }
      _ = try retrying { Int(fsync(parent)) }
    } catch {
      throw StorageError("use the directory", path, code: error.code)
    }
  }

  deinit { Glibc.close(directory) }

  package func create(_ name: String) throws(StorageError) -> any StorageFile {
    let descriptor = try open(name, O_WRONLY | O_CREAT | O_EXCL, to: "create")
    return DirectoryFile(descriptor, path: path(name), length: 0, directory: directory)
  }

  package func open(_ name: String) throws(StorageError) -> any StorageFile {
    let descriptor = try open(name, O_WRONLY, to: "open")
    let length = lseek(descriptor, 0, SEEK_END)
    guard length != -1 else {
      let code = errno
      Glibc.close(descriptor)
      throw StorageError("open", path(name), code: code)
    }
    return DirectoryFile(descriptor, path: path(name), length: length, directory: directory)
  }

  package func read(_ name: String, at offset: Int, count: Int) throws(StorageError) -> [UInt8] {
    let descriptor = try open(name, O_RDONLY, to: "read")
    defer { Glibc.close(descriptor) }
    var status = stat()
    try call("read", name) { unsafe Int(fstat(descriptor, &status)) }
    // Lengths come from bytes that may be damaged: what is not there must not reserve memory.
    let count = max(0, min(count, Int(status.st_size) - max(offset, 0)))
    var failure: SystemCallFailure?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(SystemCallFailure) {
        while filled < count {
          let length = try retrying { () -> Int in
            unsafe pread(descriptor, buffer.baseAddress.map { unsafe $0 + filled }, count - filled, offset + filled)
          }
          if length == 0 { break }
          filled += length
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw StorageError("read", path(name), code: failure.code) }
    return bytes
  }

  package func size(of name: String) throws(StorageError) -> Int? {
    guard isFlat(name) else { return nil }
    var status = stat()
    do throws(SystemCallFailure) {
      _ = try retrying { unsafe Int(fstatat(directory, name, &status, 0)) }
      return Int(status.st_size)
    } catch {
      guard error.code == ENOENT else { throw StorageError("look at", path(name), code: error.code) }
      return nil
    }
  }

  package func names() throws(StorageError) -> [String] {
    let descriptor = try open(".", O_RDONLY | O_DIRECTORY, to: "list", isChecked: false)
    guard let entries = unsafe fdopendir(descriptor) else {
      let code = errno
      Glibc.close(descriptor)
      throw StorageError("list", place, code: code)
    }
    defer { unsafe closedir(entries) }
    var names: [String] = []
    errno = 0
    while let entry = unsafe readdir(entries) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw StorageError("list", place, code: errno) }
    return names
  }

  package func rename(_ name: String, to newName: String) throws(StorageError) {
    guard isFlat(newName) else { throw StorageError("rename", path(newName), code: EINVAL) }
    try call("rename", name) { unsafe Int(renameat(directory, name, directory, newName)) }
    try syncNames()
  }

  package func remove(_ name: String) throws(StorageError) {
    try call("remove", name) { unsafe Int(unlinkat(directory, name, 0)) }
  }

  package func truncate(_ name: String, to length: Int) throws(StorageError) {
    let descriptor = try open(name, O_WRONLY, to: "cut")
    defer { Glibc.close(descriptor) }
    try call("cut", name) { Int(ftruncate(descriptor, length)) }
    try call("make durable", name) { Int(fsync(descriptor)) }
  }

  package func syncNames() throws(StorageError) {
    do throws(SystemCallFailure) { _ = try retrying { Int(fsync(directory)) } } catch {
      throw StorageError("make durable", place, code: error.code)
    }
  }

  package func lock() throws(StorageError) -> any StorageLock {
    let descriptor = try open(StoredName.lock, O_RDWR | O_CREAT, to: "lock")
    do throws(SystemCallFailure) {
      _ = try retrying { Int(flock(descriptor, LOCK_EX | LOCK_NB)) }
      return DirectoryLock(descriptor)
    } catch {
      Glibc.close(descriptor)
      throw error.code == EWOULDBLOCK
        ? .locked(place) : StorageError("lock", path(StoredName.lock), code: error.code)
    }
  }

  private func open(
    _ name: String,
    _ flags: Int32,
    to operation: String,
    isChecked: Bool = true
  ) throws(StorageError) -> Int32 {
    guard !isChecked || isFlat(name) else { throw StorageError(operation, path(name), code: EINVAL) }
    do throws(SystemCallFailure) {
      return Int32(try retrying { unsafe Int(openat(directory, name, flags | O_CLOEXEC, 0o600)) })
    } catch {
      throw StorageError(operation, path(name), code: error.code)
    }
  }

  private func call(_ operation: String, _ name: String, _ body: () -> Int) throws(StorageError) {
    guard isFlat(name) else { throw StorageError(operation, path(name), code: EINVAL) }
    do throws(SystemCallFailure) { _ = try retrying(body) } catch {
      throw StorageError(operation, path(name), code: error.code)
    }
  }
}

extension StorageError {
  /// The directory is in use.
  package static func locked(_ place: String) -> StorageError {
    StorageError(
      "lock",
      place,
      reason: "another run uses the checkpoints in \(place); stop it first, or give another directory"
    )
  }
}

/// A lock that the kernel takes back when the descriptor goes, however this process ends.
private final class DirectoryLock: StorageLock {
  private let descriptor: Int32

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { Glibc.close(descriptor) }
}
