internal import ArgumentParser
internal import Checkpoints
internal import Dataflow
internal import Records

/// `sluice checkpoint verify`: reads every byte.
struct CheckpointVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Reads every byte of every checkpoint in a directory, and says which are sound.",
    discussion: "Exit code 1 when any is damaged: its line names the file and the place. A run passes such a one over."
  )

  @OptionGroup var place: CheckpointDirectory

  func run() throws {
    let (store, checkpoints) = try place.open()
    var isDamaged = false
    for stored in checkpoints {
      let outcome = try store.look(at: stored.number) { () throws(CheckpointDamage) in
        let manifest = try stored.content.get()
        try store.verify(manifest)
        return manifest
      }
      switch outcome {
      case nil: continue
      case .success(let manifest)?:
        let files = Set(manifest.stateFiles.map(\.name) + manifest.stagedRanges.map(\.file)).count
        let bytes = Int64(manifest.bytesInAll).grouped
        try StandardOutput.writeLine("checkpoint \(stored.number): sound, \(bytes) bytes in \(files) files")
      case .failure(let damage)?:
        isDamaged = true
        try StandardOutput.writeLine("checkpoint \(stored.number): \(damage)")
      }
    }
    if isDamaged { throw ExitCode.failure }
  }
}
