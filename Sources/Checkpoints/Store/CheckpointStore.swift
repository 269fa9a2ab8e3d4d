internal import Records

/// The checkpoints in a directory: which there are, how one is added and which is the one to go on from.
///
/// A checkpoint is committed by the rename of its manifest. State files and staged files mean something only through a
/// manifest that names them, and they are durable before it is.
package final class CheckpointStore {
  package let storage: any Storage
  private let kept: Int
  private var held: (any StorageLock)?

  /// - Parameter kept: how many of the newest checkpoints `prune` leaves; at least one.
  package init(_ storage: any Storage, kept: Int = 3) {
    self.storage = storage
    self.kept = max(kept, 1)
  }

  /// Keeps other runs out until this store goes away.
  package func lock() throws(StorageError) { held = try storage.lock() }

  /// A manifest in the directory, or what is wrong with it.
  package struct Stored: Sendable {
    package let number: UInt64
    package let content: Result<Manifest, CheckpointDamage>
    package var manifest: Manifest? { try? content.get() }
  }

  /// All of them, newest first.
  package func manifests() throws(StorageError) -> [Stored] {
    try numbers().map { number in
      do throws(CheckpointDamage) { return Stored(number: number, content: .success(try manifest(number))) } catch {
        return Stored(number: number, content: .failure(error))
      }
    }
  }

  /// Whether a manifest of this number is still there: a run that goes on meanwhile removes old ones.
  package func has(_ number: UInt64) throws(StorageError) -> Bool {
    try storage.size(of: StoredName.manifest(number)) != nil
  }

  /// One more than the number of any manifest, sound or not.
  package func nextNumber() throws(StorageError) -> UInt64 { (try numbers().first ?? 0) + 1 }

  /// One more than any epoch of which something is left in the directory, so that no file of its is there yet.
  package func nextEpoch() throws(StorageError) -> UInt32 {
    let manifests = try manifests().compactMap { $0.manifest?.epoch }
    let epochs = try manifests + storage.names().compactMap(StoredName.epoch(ofStateOrStaged:))
    // A number without a next one is none that was counted up to.
    return (epochs.filter { $0 < .max }.max() ?? 0) + 1
  }

  /// The newest sound checkpoint whose files are all there, as far as their lengths tell.
  package struct Latest: Sendable {
    /// nil when there is none.
    package let manifest: Manifest?
    /// What is wrong with each newer one.
    package let warnings: [String]
  }

  /// - Parameter before: only older ones than this.
  package func latest(before limit: UInt64? = nil) throws(StorageError) -> Latest {
    var warnings: [String] = []
    for number in try numbers() where limit.map({ number < $0 }) ?? true {
      do throws(CheckpointDamage) {
        let manifest = try manifest(number)
        try checkFiles(of: manifest)
        return Latest(manifest: manifest, warnings: warnings)
      } catch {
        warnings.append("checkpoint \(number) cannot be used: \(error)")
      }
    }
    return Latest(manifest: nil, warnings: warnings)
  }

  /// Adds a checkpoint whose files are all durable. It is durable when this returns; where this fails, the newest checkpoint
  /// is the one before, or, when nothing but the directory could not be made durable, may be this one, whole.
  package func commit(_ manifest: Manifest) throws(StorageError) {
    let name = StoredName.manifest(manifest.number)
    guard manifest.number < .max, try storage.size(of: name) == nil else {
      throw StorageError("write", storage.path(name), reason: "checkpoint \(manifest.number) is there already")
    }
    let temporary = name + StoredName.temporarySuffix
    if try storage.size(of: temporary) != nil { try storage.remove(temporary) }
    do throws(StorageError) {
      let file = try storage.create(temporary)
      defer { file.close() }
      try file.append(manifest.encoded)
      try file.sync()
    } catch {
      // What cannot be removed now is a leftover that the next run removes.
      do throws(StorageError) { try storage.remove(temporary) } catch {}
      throw error
    }
    try storage.rename(temporary, to: name)
  }

  /// Reads every byte of every file that the manifest names.
  package func verify(_ manifest: Manifest) throws(CheckpointDamage) {
    for stage in manifest.stages {
      for worker in stage.workers { try StateChain(storage, worker.chain).verify() }
    }
    for range in manifest.stagedRanges { try range.verify(in: storage) }
  }

  /// Removes all but the newest `kept` checkpoints, and what no remaining one names.
  ///
  /// - Parameter candidates: the only state files and staged files that may go; nil: any. While workers make new ones, these
  ///   have to be known before: what is made meanwhile belongs to a checkpoint that is not committed yet.
  package func prune(among candidates: Set<String>? = nil) throws(StorageError) {
    let sound = try manifests().filter { stored in stored.manifest.map(hasFiles) ?? false }
    if let oldest = sound.prefix(kept).last, sound.count >= kept {
      for number in try numbers() where number < oldest.number { try storage.remove(StoredName.manifest(number)) }
      // A manifest that comes back after a crash must not name files that are gone.
      try storage.syncNames()
    }
    try removeUnnamed(among: candidates)
  }

  /// Removes what a run left that ended in the middle: manifests that were not committed, and files that no manifest names.
  package func removeLeftovers() throws(StorageError) {
    for name in try storage.names() where StoredName.isTemporary(name) { try storage.remove(name) }
    try removeUnnamed(among: nil)
  }

  /// Removes what no manifest names of epochs that are over: nothing of it will ever be named.
  package func removeLeftovers(ofEpochsBefore epoch: UInt32) throws(StorageError) {
    let names = try storage.names()
    try removeUnnamed(among: Set(names.filter { StoredName.epoch(ofStateOrStaged: $0).map { $0 < epoch } ?? false }))
  }

  /// Takes checkpoints later than `number` out of the way: nobody goes on from them any more. Their manifests stay, by another
  /// name.
  package func setAside(after number: UInt64) throws(StorageError) {
    for later in try numbers() where later > number {
      let name = StoredName.manifest(later)
      try storage.rename(name, to: StoredName.aside + name)
    }
  }

  /// Removes everything that runs have saved: the next begins anew.
  package func removeAll() throws(StorageError) {
    // Manifests first, so that none is left without its files.
    for number in try numbers() { try storage.remove(StoredName.manifest(number)) }
    try storage.syncNames()
    for name in try storage.names() where StoredName.isKnown(name) { try storage.remove(name) }
    try storage.syncNames()
  }

  private func removeUnnamed(among candidates: Set<String>?) throws(StorageError) {
    var named: Set<String> = []
    for stored in try manifests() {
      // One that cannot be read may name anything. It is gone as soon as there are enough newer ones.
      guard let manifest = stored.manifest else { return }
      named.formUnion(manifest.stateFiles.map(\.name))
      named.formUnion(manifest.stagedRanges.map(\.file))
    }
    for name in try storage.names() where StoredName.isStateOrStaged(name) && !named.contains(name) {
      if candidates?.contains(name) ?? true { try storage.remove(name) }
    }
  }

  /// The numbers of all manifests, newest first.
  private func numbers() throws(StorageError) -> [UInt64] {
    try storage.names().compactMap(StoredName.checkpoint(ofManifest:)).sorted(by: >)
  }

  private func manifest(_ number: UInt64) throws(CheckpointDamage) -> Manifest {
    let name = StoredName.manifest(number)
    let bytes = try storage.checkedRead(name, at: 0, count: try storage.checkedSize(of: name))
    let manifest: Manifest
    do throws(MalformedBytes) { manifest = try Manifest(decoding: bytes) } catch {
      throw CheckpointDamage(storage.path(name), at: error.offset, "expected \(error.expected)")
    }
    guard manifest.number == number else {
      throw CheckpointDamage(storage.path(name), "it is the manifest of checkpoint \(manifest.number)")
    }
    return manifest
  }

  private func hasFiles(_ manifest: Manifest) -> Bool {
    do throws(CheckpointDamage) { try checkFiles(of: manifest) } catch { return false }
    return true
  }

  /// Whether the files are there with the right lengths.
  package func checkFiles(of manifest: Manifest) throws(CheckpointDamage) {
    for file in manifest.stateFiles {
      let size = try storage.checkedSize(of: file.name)
      guard size == file.bytes else {
        throw CheckpointDamage(storage.path(file.name), "it has \(size) bytes, not \(file.bytes)")
      }
    }
    for range in manifest.stagedRanges { try range.checkLength(in: storage) }
  }
}
