/// One directory of files with flat names, as everything durable here sees it: a real directory, or a simulator's that tears
/// writes and crashes. One file is written by one thread at a time; different files by any threads.
package protocol Storage: AnyObject, Sendable {
  /// What messages call it: the directory's path.
  var place: String { get }

  /// A new empty file to append to. An error when there is one of this name.
  func create(_ name: String) throws(StorageError) -> any StorageFile
  /// A file that is there, to append to.
  func open(_ name: String) throws(StorageError) -> any StorageFile
  /// The bytes from `offset` on: `count` of them, or fewer where the file ends.
  func read(_ name: String, at offset: Int, count: Int) throws(StorageError) -> [UInt8]
  /// The length of a file in bytes; nil when there is none of this name.
  func size(of name: String) throws(StorageError) -> Int?
  /// The names of all files, in any order.
  func names() throws(StorageError) -> [String]
  /// Gives a file another name, in the place of any that had it: all at once, and durable when this returns.
  func rename(_ name: String, to newName: String) throws(StorageError)
  /// Removes a file. It may be back after a crash until `syncNames` has returned.
  func remove(_ name: String) throws(StorageError)
  /// Cuts a file off; durable when this returns.
  func truncate(_ name: String, to length: Int) throws(StorageError)
  /// Makes the names as they are now durable.
  func syncNames() throws(StorageError)
  /// Keeps every other user of the directory out that asks for the same, in this process or another.
  func lock() throws(StorageError) -> any StorageLock
}

/// A file to append to, by one thread, while others may make it durable.
package protocol StorageFile: AnyObject {
  /// Bytes of all appends that did not fail.
  var length: Int { get }
  /// Appends all of `bytes`. Where that fails the file keeps what it held.
  func append(_ bytes: Span<UInt8>) throws(StorageError)
  /// Makes the file durable, its name among it.
  func sync() throws(StorageError)
  func close()
}

extension StorageFile {
  package func append(_ bytes: [UInt8]) throws(StorageError) { try append(bytes.span) }
}

/// Held as long as this object is.
package protocol StorageLock: AnyObject, Sendable {}

extension Storage {
  /// A file's name for messages.
  func path(_ name: String) -> String { "\(place)/\(name)" }
}

/// Whether a name, which may come from damaged bytes, stays within its directory.
func isFlat(_ name: String) -> Bool {
  let bytes = name.utf8
  return !bytes.isEmpty && bytes.count <= 255 && name != "." && name != ".." && !bytes.contains(0)
    && !bytes.contains(UInt8(ascii: "/"))
}
