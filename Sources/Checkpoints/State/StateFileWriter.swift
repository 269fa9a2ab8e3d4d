package import Dataflow

/// Writes the state of one worker, block by block, into a file of its own.
package final class StateFileWriter: StateWriter {
  private let storage: any Storage
  private let name: String
  private let file: any StorageFile
  private var entries: [StateFileLayout.Entry] = []
  /// What is still to be written.
  private var buffer: [UInt8] = []
  /// Bytes of the file so far, the buffer's among them.
  private var length: Int
  private var failure: StateWriteError?

  private static let bufferSize = 1 << 20

  /// Creates the file; an error when there is one of this name.
  package init(_ storage: any Storage, _ name: String) throws(StateWriteError) {
    self.storage = storage
    self.name = name
    file = try saving { () throws(StorageError) in try storage.create(name) }
    buffer.reserveCapacity(Self.bufferSize)
    buffer += StateFileLayout.header
    length = buffer.count
  }

  /// Takes a copy of `bytes`, of 4 GB at most. A block that was written before is replaced.
  package func write(_ block: StateBlock, _ bytes: Span<UInt8>) throws(StateWriteError) {
    if let failure { throw failure }
    guard bytes.count <= UInt32.max else {
      throw fail(StateWriteError("cannot write \(storage.path(name)): a block of \(bytes.count) bytes is beyond 4 GB"))
    }
    let checksum = Checksum(of: bytes).value
    entries.append(.init(block: block, offset: length, length: bytes.count, checksum: checksum))
    if buffer.count + bytes.count > Self.bufferSize { try flush() }
    if bytes.count < Self.bufferSize {
      buffer.put(bytes)
    } else {
      do throws(StorageError) { try file.append(bytes) } catch { throw fail(StateWriteError("\(error)")) }
    }
    length += bytes.count
  }

  /// Ends the file and makes it durable; nothing is written to it any more.
  package func finish() throws(StateWriteError) -> SavedFile {
    if let failure { throw failure }
    try flush()
    let footer = StateFileLayout.footer(entries, at: length)
    do throws(StorageError) {
      try file.append(footer.bytes)
      try file.sync()
    } catch {
      throw fail(StateWriteError("\(error)"))
    }
    file.close()
    failure = StateWriteError("cannot write \(storage.path(name)): it is finished")
    return SavedFile(
      name: name,
      bytes: length + footer.bytes.count,
      blocks: entries.count,
      checksum: footer.checksum
    )
  }

  /// Gives the file up and removes it.
  package func discard() {
    file.close()
    failure = StateWriteError("cannot write \(storage.path(name)): it was given up")
    // What cannot be removed now is a leftover that the next run removes.
    do throws(StorageError) { try storage.remove(name) } catch {}
  }

  private func flush() throws(StateWriteError) {
    guard !buffer.isEmpty else { return }
    do throws(StorageError) { try file.append(buffer.span) } catch { throw fail(StateWriteError("\(error)")) }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Remembers a failure: the file has a hole from here on.
  private func fail(_ error: StateWriteError) -> StateWriteError {
    failure = error
    return error
  }
}

/// Turns an error of the storage into that of whoever saves state.
private func saving<R>(_ body: () throws(StorageError) -> R) throws(StateWriteError) -> R {
  do { return try body() } catch { throw StateWriteError("\(error)") }
}
