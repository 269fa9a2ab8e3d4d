import Checkpoints
import TestSupport
import Testing

/// Files that were changed on the disk: the checkpoint before is gone on from, with a warning.
@Suite struct CheckpointDamageTests {
  /// What a run does: the newest checkpoint of which every byte is sound.
  static func recover(_ storage: any Storage) throws -> (manifest: Manifest?, warnings: [String]) {
    let store = CheckpointStore(storage)
    var warnings: [String] = []
    var limit: UInt64?
    while true {
      let latest = try store.latest(before: limit)
      warnings += latest.warnings
      guard let manifest = latest.manifest else { return (nil, warnings) }
      do throws(CheckpointDamage) {
        try store.verify(manifest)
        return (manifest, warnings)
      } catch {
        warnings.append("\(error)")
        limit = manifest.number
      }
    }
  }

  /// Two checkpoints, and the names of the files of the second.
  static func checkpoints() throws -> (files: [String: [UInt8]], manifests: [Manifest], names: [String]) {
    let storage = MemoryStorage()
    let store = CheckpointStore(storage)
    let manifests = try [Manifest.small(1, in: storage), .small(2, in: storage)]
    for manifest in manifests { try store.commit(manifest) }
    return (storage.files, manifests, manifests[1].fileNames + ["checkpoint-00000002"])
  }

  @Test func everyDamageGoesBackToTheCheckpointBefore() throws {
    let (files, manifests, names) = try Self.checkpoints()
    var tried = 0
    for name in names {
      let sound = try #require(files[name])
      let isStaged = name.hasPrefix("staged")
      for (what, bytes) in Damage.all(of: sound) {
        // Staged files may go on behind what is staged, and before it stands what is published.
        if isStaged, bytes.count >= sound.count, bytes[1..<3] == sound[1..<3] { continue }
        var damaged = files
        damaged[name] = bytes
        let found = try Self.recover(MemoryStorage(damaged))
        #expect(found.manifest == manifests[0], "\(name): \(what)")
        #expect(found.warnings.count == 1 && found.warnings[0].contains("memory/\(name)"), "\(name): \(what)")
        tried += 1
      }
    }
    #expect(tried > 4000)
  }

  @Test func changedContentsAreNeverHandedOut() throws {
    let (files, manifests, _) = try Self.checkpoints()
    let chain = manifests[1].stages[0].workers[0].chain
    let contents = try StateFileTests.read(MemoryStorage(files), chain)
    for file in chain {
      for (what, bytes) in Damage.all(of: try #require(files[file.name])) {
        var damaged = files
        damaged[file.name] = bytes
        // A block that a later file replaces is not read at all, so damage to it may go unseen.
        do {
          #expect(try StateFileTests.read(MemoryStorage(damaged), chain) == contents, "\(file.name): \(what)")
        } catch {
          #expect(error is CheckpointDamage)
        }
      }
    }
  }

  @Test func swappedFilesAreFound() throws {
    let (files, manifests, _) = try Self.checkpoints()
    for (old, new) in zip(manifests[0].fileNames, manifests[1].fileNames) {
      var swapped = files
      swapped[new] = files[old]
      #expect(try Self.recover(MemoryStorage(swapped)).manifest == manifests[0], "\(new)")
    }
    var renamed = files
    renamed["checkpoint-00000003"] = files["checkpoint-00000001"]
    #expect(try Self.recover(MemoryStorage(renamed)).manifest == manifests[1])
  }

  @Test func missingFilesAreFound() throws {
    let (files, manifests, names) = try Self.checkpoints()
    for name in names where name != "checkpoint-00000002" {
      var damaged = files
      damaged[name] = nil
      let found = try CheckpointStore(MemoryStorage(damaged)).latest()
      #expect(found.manifest == manifests[0])
      #expect(found.warnings.count == 1)
    }
  }

  /// Manifests with right checksums around any bytes: refused or read, never a trap.
  @Test func resealedManifestsAreRefusedOrRead() throws {
    var accepted = 0
    for seed in Seeds.range(5000) {
      var random = SeededRandom(seed: seed)
      var bytes = Manifest.random(number: 5, &random).encoded
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: 12..<bytes.count - 4, using: &random)] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(
          using: &random
        )!
      }
      var checksum = Checksum()
      checksum.add(bytes.span.extracting(0..<bytes.count - 4))
      for place in 0..<4 {
        bytes[bytes.count - 4 + place] = UInt8(truncatingIfNeeded: checksum.value >> UInt32(8 * place))
      }
      let storage = MemoryStorage(["checkpoint-00000005": bytes])
      if try CheckpointStore(storage).manifests()[0].manifest != nil { accepted += 1 }
      _ = try Self.recover(storage)
    }
    #expect(accepted > 0)
  }

  /// State files with right checksums around any index: refused or read, never a trap.
  @Test func resealedStateFilesAreRefusedOrRead() throws {
    var accepted = 0
    for seed in Seeds.range(5000) {
      var random = SeededRandom(seed: seed)
      let storage = MemoryStorage()
      let blocks = StateFileTests.randomBlocks(3, &random).map { ($0, Array($1.prefix(20))) }
      let sound = try StateFileTests.write(blocks, to: storage, "state-a")
      var bytes = try #require(storage.files["state-a"])
      let trailer = bytes.count - 32
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: trailer - 3 * 23..<trailer + 24, using: &random)
        bytes[place] = [0, 1, 0x7F, 0x80, 0xFF, bytes[place] &+ 1].randomElement(using: &random) ?? 0
      }
      var checksum = Checksum()
      checksum.add(bytes.span.extracting(0..<8))
      checksum.add(bytes.span.extracting(trailer - 3 * 23..<trailer + 24))
      for place in 0..<4 {
        bytes[trailer + 24 + place] = UInt8(truncatingIfNeeded: checksum.value >> UInt32(8 * place))
      }
      let saved = SavedFile(name: "state-b", bytes: bytes.count, blocks: sound.blocks, checksum: checksum.value)
      do throws(CheckpointDamage) {
        try StateChain(MemoryStorage(["state-b": bytes]), [saved]).verify()
        accepted += 1
      } catch {
        #expect(error.file == "memory/state-b", "seed \(seed)")
      }
    }
    #expect(accepted > 0)
  }
}
