internal import ArgumentParser
internal import Checkpoints
internal import Dataflow
internal import Foundation
internal import Records

/// `sluice checkpoint show`: everything that one says.
struct CheckpointShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Shows what a checkpoint holds: stages and their workers, rows, sources, results.",
    discussion:
      "It shows what the checkpoint's manifest says; `sluice checkpoint verify` reads the files that it names."
  )

  @OptionGroup var place: CheckpointDirectory

  @Argument(help: "Of the checkpoint, as `sluice checkpoint list` gives it. Default: the newest that can be read.")
  var number: UInt64?

  func run() throws {
    let (_, checkpoints) = try place.open()
    guard let number else {
      guard let manifest = checkpoints.lazy.compactMap(\.manifest).first else {
        StandardError.writeLine(
          "sluice: no checkpoint in '\(place.directory)' can be read; `sluice checkpoint list` says why"
        )
        throw ExitCode.failure
      }
      return try StandardOutput.writeText(manifest.text)
    }
    guard let stored = checkpoints.first(where: { $0.number == number }) else {
      let there = checkpoints.map { "\($0.number)" }.joined(separator: ", ")
      StandardError.writeLine("sluice: there is no checkpoint \(number) in '\(place.directory)'; there are \(there)")
      throw Sluice.misuse
    }
    switch stored.content {
    case .success(let manifest): try StandardOutput.writeText(manifest.text)
    case .failure(let damage):
      StandardError.writeLine("sluice: \(damage)")
      throw ExitCode.failure
    }
  }
}

extension Manifest {
  /// When it was committed, in UTC.
  var commitTime: String {
    let style = Date.ISO8601FormatStyle(dateTimeSeparator: .space, includingFractionalSeconds: true)
    return String(Date(timeIntervalSince1970: Double(committedAt) / 1e6).formatted(style).dropLast())
  }

  /// All that it says, for people.
  fileprivate var text: String {
    var sections = [Section("checkpoint \(number) of pipeline \(pipeline)")]
    sections[0].add("committed at", "\(commitTime) UTC")
    sections[0].add("epoch", "\(epoch)")
    for source in sources {
      sections[0].add("source", "\(source.name): \(Int64(clamping: source.place).grouped) records read")
    }
    sections[0].add("input", isComplete ? "read to its end" : "goes on")
    let results = stages.compactMap { stage in
      stage.output.map { (stages.count { $0.output != nil } > 1 ? "results of \(stage.name)" : "results", $0) }
    }
    for (label, place) in results + (deadLetters.map { [("dead letters", $0)] } ?? []) {
      sections[0].add(label, "\(Int64(place.length).grouped) bytes published before")
      for range in place.staged {
        let count = Int64(range.count).grouped
        sections[0].add("", "\(count) bytes held back in \(range.file), bytes \(range.from)..<\(range.to)")
      }
    }
    return (sections + stages.map(Self.section)).map(\.text).joined(separator: "\n")
  }

  private static func section(_ stage: Stage) -> Section {
    var section = Section("stage \(stage.name)")
    for fact in stage.facts { section.add(fact.name, fact.value) }
    let counters = stage.counters
    section.add(
      "rows",
      "\(counters.rowsIn.grouped) in, \(counters.copied > 0 ? "\(counters.copied.grouped) copied, " : "")\(counters.rowsOut.grouped) out, \(counters.filtered.grouped) filtered, "
        + "\(counters.late.grouped) late, \(counters.deadLetters.grouped) dead letters"
    )
    for (number, worker) in stage.workers.enumerated() {
      section.add(
        "worker \(number)",
        worker.chain.isEmpty ? "keeps no state" : "\(Int64(worker.bytes).grouped) bytes saved"
      )
      for file in worker.chain {
        section.add("", "\(file.name): \(Int64(file.bytes).grouped) bytes, \(Int64(file.blocks).grouped) blocks")
      }
    }
    return section
  }
}

/// A heading with labelled lines below it.
private struct Section {
  private let heading: String
  private var lines: [(label: String, value: String)] = []

  init(_ heading: String) { self.heading = heading }

  mutating func add(_ label: String, _ value: String) { lines.append((label, value)) }

  var text: String {
    let width = (lines.map(\.label.count).max() ?? 0) + 2
    let shown = lines.map { "  " + $0.label.padding(toLength: width, withPad: " ", startingAt: 0) + $0.value }
    return ([heading] + shown).joined(separator: "\n") + "\n"
  }
}
