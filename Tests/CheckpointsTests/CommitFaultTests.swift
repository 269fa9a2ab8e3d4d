import Checkpoints
import TestSupport
import Testing

/// Commits that fail, or during which the power goes.
@Suite struct CommitFaultTests {
  /// Saves, commits and prunes; whether the commit returned.
  static func addCheckpoint(_ number: UInt64, _ storage: MemoryStorage) throws -> Manifest {
    let store = CheckpointStore(storage, kept: 1)
    let manifest = try Manifest.small(number, in: storage)
    try store.commit(manifest)
    return manifest
  }

  @Test func afterEveryFailureTheOldOrTheNewCheckpointIsThereWhole() throws {
    let undisturbed = MemoryStorage()
    let old = try Self.addCheckpoint(1, undisturbed)
    let before = undisturbed.operations
    let new = try Self.addCheckpoint(2, undisturbed)
    let committed = undisturbed.operations
    try CheckpointStore(undisturbed, kept: 1).prune()
    let all = undisturbed.operations
    #expect(try CheckpointStore(undisturbed).manifests().count == 1)
    var outcomes: [UInt64: Int] = [:]
    for operation in before..<all {
      for isCrash in [false, true] {
        for seed in Seeds.range(40) {
          var random = SeededRandom(seed: seed)
          let storage = MemoryStorage()
          _ = try Self.addCheckpoint(1, storage)
          storage.fail(.init(operation: operation, torn: .random(in: 0...300, using: &random), isCrash: isCrash))
          #expect(throws: (any Error).self) {
            _ = try Self.addCheckpoint(2, storage)
            try CheckpointStore(storage, kept: 1).prune()
          }
          storage.fail(nil)
          let place: Comment = "seed \(seed), operation \(operation), crash \(isCrash)"
          for found in isCrash ? [storage.afterCrash(&random)] : [storage, storage.afterCrash(&random)] {
            let recovered = try CheckpointDamageTests.recover(found)
            #expect(recovered.manifest == new || operation < committed && recovered.manifest == old, place)
            #expect(recovered.warnings.isEmpty, place)
            // Not the newest alone: no manifest speaks of files that are gone.
            for stored in try CheckpointStore(found).manifests() {
              try CheckpointStore(found).verify(stored.content.get())
            }
            outcomes[recovered.manifest?.number ?? 0, default: 0] += 1
            let store = CheckpointStore(found, kept: 1)
            try store.removeLeftovers()
            #expect(try CheckpointDamageTests.recover(found).manifest == recovered.manifest, place)
            let next = try Manifest.small(store.nextNumber(), in: found, epoch: 3)
            try store.commit(next)
            try store.prune()
            #expect(try CheckpointDamageTests.recover(found).manifest == next, place)
            #expect(found.files.count == next.fileNames.count + 1, place)
          }
        }
      }
    }
    #expect(outcomes[1, default: 0] > 0 && outcomes[2, default: 0] > 0 && outcomes[0] == nil)
  }
}
