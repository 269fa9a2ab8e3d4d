internal import Checkpoints
internal import Foundation
internal import Plan
internal import SourceStage

/// What a file has to be for places in it to mean the same as when they were saved.
enum InputFacts {
  /// Bytes at its start that are looked at.
  private static let head = 1 << 16

  /// Those of each source, by its name; an error where an input cannot be read twice.
  static func of(_ plan: PipelinePlan) throws -> [String: [StateFact]] {
    var facts: [String: [StateFact]] = [:]
    for (name, source) in plan.sources { facts[name] = try of(source) }
    return facts
  }

  private static func of(_ source: SourcePlan) throws -> [StateFact] {
    switch source.input {
    case .file(let path):
      let file = try FileHandle(forReadingFrom: URL(filePath: path))
      defer { try? file.close() }
      var sum = Checksum()
      let head = [UInt8](try file.read(upToCount: head) ?? Data())
      sum.add(head.span)
      let size = try file.seekToEnd()
      return [
        StateFact("size of the input", "\(size) bytes"),
        StateFact("checksum of the input's first \(head.count) bytes", String(sum.value, radix: 16)),
      ]
    // It has a journal, which grows, wherever the messages come to.
    case .messages: return [StateFact("input", "messages")]
    case .journal(let directory, _, _): return [StateFact("input", "the journal in \(directory)")]
    case .standardInput: throw NotReplayable(input: source.inputName)
    }
  }

  struct NotReplayable: Error, CustomStringConvertible {
    let input: String
    var description: String {
      "checkpoints need an input that can be read again, and \(input) cannot; save it to a file first, send it to a `zeromq:` "
        + "source, or run with --no-checkpoints"
    }
  }
}
