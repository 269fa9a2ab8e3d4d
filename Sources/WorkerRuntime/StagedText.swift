internal import Checkpoints
package import Records

/// Text that waits in files of the checkpoints' directory until the checkpoint that it belongs to is committed.
struct StagedText: ~Copyable {
  private let storage: any Storage
  private let names: StagedNames
  private var file: (any StorageFile)?
  private var checksum = Checksum()
  private var number = 0

  init(in storage: any Storage, names: StagedNames) {
    self.storage = storage
    self.names = names
  }

  /// What was taken between two cuts: where it is, and the file, which is to be made durable.
  struct Part {
    let range: StagedRange
    let file: any StorageFile
  }

  /// Takes all of `text` and empties it.
  mutating func append(_ text: inout TextBuffer) throws(RuntimeError) {
    guard text.count > 0 else { return }
    do throws(StorageError) {
      if file == nil {
        number += 1
        file = try storage.create(names.name(number))
        checksum = Checksum()
      }
      try file?.append(text.bytes)
    } catch { throw RuntimeError("\(error)") }
    checksum.add(text.bytes)
    text.removeAll()
  }

  /// Ends what was taken since the last cut; nil when that is nothing.
  mutating func cut() -> Part? {
    guard let file = file.take() else { return nil }
    return Part(
      range: StagedRange(file: names.name(number), from: 0, to: file.length, checksum: checksum.value),
      file: file
    )
  }
}

/// The names of one worker's staged files in one epoch.
package struct StagedNames {
  let kind: String
  let epoch: UInt32
  let id: WorkerID

  package init(kind: String, epoch: UInt32, id: WorkerID) {
    self.kind = kind
    self.epoch = epoch
    self.id = id
  }

  func name(_ number: Int) -> String {
    StoredName.staged("\(kind)\(number)", epoch: epoch, stage: Int(id.stage), worker: Int(id.worker))
  }
}
