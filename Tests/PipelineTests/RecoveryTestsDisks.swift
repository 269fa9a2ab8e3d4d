import Foundation
import Synchronization
import TestSupport
import Testing

/// A full disk stops what needs it, damages nothing, and does no harm once there is room.
extension RecoveryTests {
  static let full = "the disk is full (No space left on device)"

  /// Takes all of a disk's room, and what others give back of it, until it is removed.
  final class Filler: Sendable {
    private let path: String
    private let isWanted = Mutex(true)
    private let group = DispatchGroup()

    init(_ disk: String) throws {
      path = disk + "/filler"
      try Data().write(to: URL(filePath: path))
      let file = try FileHandle(forWritingTo: URL(filePath: path))
      Self.fill(file)
      DispatchQueue.global().async(group: group) { [weak self] in
        while self?.isWanted.withLock({ $0 }) == true {
          Self.fill(file)
          usleep(500)
        }
      }
    }

    private static func fill(_ file: FileHandle) {
      let block = Data(repeating: 0x55, count: 1 << 16)
      for size in [block.count, 4096] {
        do { while true { try file.write(contentsOf: block.prefix(size)) } } catch {}
      }
    }

    func remove() {
      isWanted.withLock { $0 = false }
      group.wait()
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  /// Runs with the checkpoints, or the results, on a small disk.
  static func withSmallDisk(
    _ bytes: Int,
    holding place: String,
    _ options: [String],
    _ body: (_ run: RecoverableRun, _ disk: String) throws -> Void
  ) throws {
    try SmallDisk.with(bytes: bytes) { disk in
      let folder = try TemporaryFolder()
      let target = "\(disk)/\(place)"
      if place == "checkpoints" {
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: false)
      }
      try FileManager.default.createSymbolicLink(atPath: folder.path(place), withDestinationPath: target)
      try body(try RecoverableRun(showing + options + ["--checkpoint-every", "50ms"], in: folder), disk)
    }
  }

  @Test(
    .enabled(if: SmallDisk.isPermitted, "only who may mount a file system can have a small disk"),
    arguments: ["checkpoints", "out.csv"]
  )
  func aFullDiskEndsTheRunAndTheNextGoesOn(place: String) throws {
    let expected = try Self.undisturbed.get()
    try Self.withSmallDisk(64 << 20, holding: place, ["--output", "out.csv"]) { run, disk in
      let program = try run.start(Self.paced)
      program.wait { run.lastCheckpoint >= 3 && run.results.count > expected.results.count / 8 }
      let filler = try Filler(disk)
      let outcome = program.finish()
      #expect(outcome.status == 1, "\(outcome.log)")
      #expect(outcome.log.contains(Self.full) && outcome.log.contains("cannot write"), "\(outcome.log)")
      #expect(outcome.log.contains(place), "\(outcome.log)")
      #expect(run.results.count < expected.results.count && expected.results.starts(with: run.results))
      let sound = try run.checkpoint("verify")
      #expect(sound.status == 0, "\(sound.output)")

      // As long as it is full there is no going on.
      let second = try run.finish()
      #expect([1, 2].contains(second.status) && second.log.contains("No space left on device"), "\(second.log)")
      #expect(try run.checkpoint("verify").status == 0)
      filler.remove()
      let last = try run.finish()
      #expect(last.status == 0, "\(last.log)")
      #expect(run.results.difference(from: expected.results) == nil)
      #expect(Summary(last.log).totals == expected.totals, "\(last.log)")
    }
  }

  /// Where there is room before all attempts are used up, the run itself goes on.
  @Test(
    .enabled(if: SmallDisk.isPermitted, "only who may mount a file system can have a small disk"),
    arguments: ["checkpoints", "out.csv"]
  )
  func aRunGoesOnWhenThereIsRoomAgain(place: String) throws {
    let expected = try Self.undisturbed.get()
    try Self.withSmallDisk(64 << 20, holding: place, ["--output", "out.csv"]) { run, disk in
      let program = try run.start(Self.paced + ["--attempts", "100000"])
      program.wait { run.lastCheckpoint >= 3 && run.results.count > expected.results.count / 8 }
      let filler = try Filler(disk)
      #expect(program.readLog(lines: 1).first?.contains(Self.full) == true)
      filler.remove()
      let outcome = program.finish()
      #expect(outcome.status == 0, "\(outcome.log)")
      #expect(run.results.difference(from: expected.results) == nil)
      #expect(Summary(outcome.log).totals == expected.totals, "\(outcome.log)")
    }
  }

  @Test(
    .enabled(if: SmallDisk.isPermitted, "only who may mount a file system can have a small disk"),
    arguments: ["out.csv", "stdout"]
  )
  func aDiskThatIsFullFromTheStartIsSaidSo(sink: String) throws {
    let expected = try Self.undisturbed.get()
    let options = sink == "stdout" ? [] : ["--output", sink]
    try Self.withSmallDisk(32 << 20, holding: "checkpoints", options) { run, disk in
      let filler = try Filler(disk)
      let outcome = try run.finish()
      #expect([1, 2].contains(outcome.status), "\(outcome.log)")
      #expect(outcome.log.contains("checkpoints") && outcome.log.contains("No space left on device"), "\(outcome.log)")
      #expect(!outcome.log.contains("signal"), "\(outcome.log)")
      filler.remove()
      let second = try run.finish()
      #expect(second.status == 0, "\(second.log)")
      // What stdout has shown is not shown again.
      let results = sink == "stdout" ? Data((outcome.output + second.output).utf8) : run.results
      #expect(results.difference(from: expected.results) == nil)
    }
  }
}
