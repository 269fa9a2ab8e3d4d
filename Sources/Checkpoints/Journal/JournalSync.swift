/// What makes the records of a journal durable, on any thread, while others are appended.
package struct JournalSync: @unchecked Sendable {
  private let file: any StorageFile
  /// Every record before this one is durable afterwards.
  package let end: UInt64

  init(file: any StorageFile, end: UInt64) {
    self.file = file
    self.end = end
  }

  package func run() throws(StorageError) { try file.sync() }
}
